import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256Hex } from '../../src/platform/pure/hash.ts';
import { readManifest, verifyPackage } from '../../src/releases/index.ts';
import { look, openBrowser } from '../support/browser.ts';
import { prepareSearches, somebodysBrowser } from '../support/by-page.ts';
import { type Service, startService } from '../support/service.ts';

// The job as people do it, without a line of JavaScript: one body asks, the other decides, prepares, looks, approves;
// the first collects and, later, destroys. Each page on the way is looked at by axe and at 320 pixels.

let browser: Browser;
let service: Service;
let folder: string;

beforeAll(async () => {
  [browser, service] = await Promise.all([openBrowser(), startService()]);
  folder = mkdtempSync(join(tmpdir(), 'chirograph-journey-'));
});
afterAll(async () => {
  await browser?.close();
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('two people of one body answer a person of another, and each holds the proof [R44] [R58] [R117]', async () => {
  const amina = await signIn('Amina Yusuf');
  const tom = await signIn('Tom Reyes');
  const dan = await signIn('Dan Okafor');

  await visit(amina, '/requests/new');
  await press(amina, 'Check your answers');
  expect(await amina.getByRole('alert').innerText()).toContain('Say in a sentence why you need it');
  await amina.getByRole('radio', { name: /Stop and search, from/ }).check();
  await amina.getByRole('radio', { name: /review of a complaint/ }).check();
  await amina.getByLabel('Why do you need it?').fill('To review a complaint about searches in January.');
  await press(amina, 'Check your answers');
  expect(await amina.innerText('main')).toContain('Every check passes');
  await press(amina, 'Send the request');
  const request = new URL(amina.url()).pathname;

  await visit(tom, request);
  expect(await tom.getByRole('radio', { checked: true }).count()).toBe(0);
  await press(tom, 'Continue');
  expect(await tom.getByRole('alert').count()).toBe(1);
  await tom.getByRole('radio', { name: /Share what they asked for/ }).check();
  await press(tom, 'Continue');
  await tom.getByLabel('Your reasons').fill('It is needed for the review, and nobody stands out.');
  await press(tom, 'Send the decision');

  // Whoever prepares it is not offered to approve it, and cannot by sending the form anyway: refused, in both logs.
  const byTom = await prepareSearches(hands, tom, request);
  expect(await tom.getByRole('button', { name: 'Approve and send' }).count()).toBe(0);
  expect(await sendFormAnyway(tom, `${byTom}/approve`)).toContain('Someone else approved it');
  expect(await ledgerOf(tom)).toContain('refused');
  expect(await ledgerOf(amina)).toContain('refused');
  await visit(tom, byTom);
  await press(tom, 'Withdraw');

  const release = await prepareSearches(hands, dan, request);
  expect(await dan.getByRole('button', { name: 'Approve and send' }).count()).toBe(0);
  await visit(tom, release);
  const leaves = await tom.innerText('main');
  for (const figure of ['276', 'of 301', '25', 'held back', '2024-01']) expect(leaves).toContain(figure);
  await press(tom, 'Approve and send');

  await visit(amina, release);
  expect(await amina.innerText('main')).toContain('Keep it for no longer than 1 year');
  await press(amina, 'Collect and acknowledge');
  await seesAndKeeps(amina);

  await amina
    .getByRole('link', { name: 'Certify its destruction' })
    .or(amina.getByRole('button', { name: 'Certify its destruction' }))
    .click();
  await amina.getByLabel('How was it destroyed?').fill('Deleted from the shared drive and its backups.');
  await amina.getByRole('checkbox').check();
  await amina.locator('main form button').last().click();
  await look(amina);
  for (const page of [amina, tom]) expect(await ledgerOf(page)).toContain('destroyed');
});

/** Downloads everything the recipient is offered, and proves it with no help from the service. */
async function seesAndKeeps(page: Page): Promise<void> {
  const kept = join(folder, 'kept');
  mkdirSync(kept);
  const names = await page.locator('.govuk-grid-column-two-thirds a[href*="/files/"]').allInnerTexts();
  expect(names).toHaveLength(8);
  for (const name of names) {
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name, exact: true }).click();
    await (await download).saveAs(join(kept, name));
  }
  const { checks } = await verifyPackage(kept, null);
  expect(checks.filter((check) => !check.ok).map((check) => check.name)).toEqual(['keys-trusted']);
  const manifest = readManifest(readFileSync(join(kept, 'manifest.json')));
  const data = readFileSync(join(kept, 'stop-and-search.csv'));
  expect(manifest?.data[0]?.sha256).toBe(sha256Hex(data));
  expect(manifest?.decision.by).toBe('person');
  const keys = await page.request.get(`${service.url}/keys/westmarch-police.json`);
  writeFileSync(join(folder, 'keys.json'), await keys.body());
  expect(command('verify', kept, '--keys', join(folder, 'keys.json'))).toBe(0);
  opensWithAge(join(kept, 'stop-and-search.csv.age'), data);
}

/** Opens what was downloaded with the operating system's age, as the receipt's page says, where there is one. */
function opensWithAge(encrypted: string, data: Buffer): void {
  if (spawnSync('age', ['--version']).error) return;
  const identity = join(folder, 'identity.txt');
  expect(command('keys', 'export', '--as', 'westmarch-opcc', '--age-identity', identity)).toBe(0);
  const { stdout } = spawnSync('age', ['-d', '-i', identity, encrypted]);
  expect(stdout.equals(data)).toBe(true);
}

/** Runs the command line beside the service, and gives its exit code. */
function command(...args: string[]): number | null {
  const cli = join(import.meta.dirname, '../../src/main/cli.ts');
  const env = { ...process.env, CHIROGRAPH_DATA: service.dataFolder };
  return spawnSync(process.execPath, [cli, ...args], { env }).status;
}

/** Sends a form that the page does not show, with the hidden fields of one that it does. */
async function sendFormAnyway(page: Page, path: string): Promise<string> {
  const form: Record<string, string> = {};
  for (const field of await page.locator('main form').first().locator('input[type=hidden]').all()) {
    form[(await field.getAttribute('name')) ?? ''] = await field.inputValue();
  }
  const answer = await page.request.post(service.url + path, { form, headers: { origin: service.url } });
  return answer.text();
}

async function ledgerOf(page: Page): Promise<string> {
  await expect
    .poll(
      async () => {
        await page.goto(`${service.url}/ledger`);
        return page.innerText('main');
      },
      { timeout: 30_000 },
    )
    .not.toContain('Pending');
  return (await page.innerText('main')).toLowerCase();
}

async function signIn(name: string): Promise<Page> {
  const page = await somebodysBrowser(browser);
  await page.goto(service.url);
  await page.getByRole('button', { name: `Sign in as ${name}` }).click();
  await look(page);
  return page;
}

async function visit(page: Page, path: string): Promise<void> {
  await page.goto(service.url + path);
  await look(page);
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
  await look(page);
}

const hands = { visit, press, look };
