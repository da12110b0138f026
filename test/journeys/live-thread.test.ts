import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { look, openBrowser } from '../support/browser.ts';
import {
  askForSearches,
  decideToShare,
  prepareSearches,
  somebodysBrowser,
  takeUpApp,
} from '../support/by-page.ts';
import { type Service, startService } from '../support/service.ts';
import { stepAt, totpCode } from '../support/sign-in.ts';

// A real instance from nothing, without a line of JavaScript: set up, a second body added, six people let in by links, an
// agreement proposed and signed by page, then data asked for, decided, prepared, approved, collected and destroyed.

const root = join(import.meta.dirname, '../..');
const password = 'correct horse battery';

/** The key of each person's authenticator app. */
const secrets = new Map<Page, string>();

let browser: Browser;
let service: Service;
beforeAll(async () => {
  [browser, service] = await Promise.all([openBrowser(), startService({ CHIROGRAPH_MODE: 'live' })]);
});
afterAll(async () => {
  await browser?.close();
  await service?.stop();
});

test('two bodies and six people, from an empty instance to a certified destruction [R17] [R44] [R58] [R117]', async () => {
  const sam = await setUp();
  const dan = await letIn(sam, 'Dan Okafor', ['Practitioner']);
  const tom = await letIn(sam, 'Tom Reyes', ['Information asset owner']);
  const rita = await joins(addOrganisation());
  const amina = await letIn(rita, 'Amina Yusuf', ['Practitioner']);
  const helen = await letIn(rita, 'Helen Marsh', ['Chief executive']);

  // Proposed: first with a mistake, which is shown at its line.
  const agreement = readFileSync(join(root, 'examples/isa-2026-001.yaml'), 'utf8');
  await visit(tom, '/agreements');
  await press(tom, 'Propose an agreement');
  await tom.getByLabel('The agreement, pasted').fill(agreement.replace('version: 1', 'version: none'));
  await press(tom, 'Check it');
  expect(await tom.innerText('main')).toContain('Line 5');
  await tom.getByLabel('The agreement, pasted').fill(agreement);
  await press(tom, 'Check it');
  expect(await tom.innerText('main')).toContain('every check passes');
  await press(tom, 'Propose this agreement');
  for (const signer of [tom, helen]) {
    await visit(signer, '/agreements/ISA-2026-001');
    await press(signer, 'Sign this agreement');
  }
  expect(await helen.innerText('main')).toContain('In force');

  const request = await askForSearches(hands, amina);

  // Tom is away, and hands his role to Sam for some days: Sam decides in it.
  await visit(tom, '/delegations');
  await tom.getByRole('radio', { name: 'Information asset owner' }).check();
  await tom.getByLabel('To whom?').selectOption({ label: 'Sam Lee' });
  const last = new Date(Date.now() + 7 * 86_400_000);
  const until = tom.getByRole('group', { name: 'Last day' });
  await until.getByLabel('Day').fill(String(last.getUTCDate()));
  await until.getByLabel('Month').fill(String(last.getUTCMonth() + 1));
  await until.getByLabel('Year').fill(String(last.getUTCFullYear()));
  await press(tom, 'Hand it on');
  await decideToShare(hands, sam, request);
  const release = await prepareSearches(hands, dan, request);
  await visit(tom, release);
  await press(tom, 'Approve and send');

  await visit(amina, release);
  await press(amina, 'Collect and acknowledge');
  await amina
    .getByRole('link', { name: 'Certify its destruction' })
    .or(amina.getByRole('button', { name: 'Certify its destruction' }))
    .click();
  await amina.getByLabel('How was it destroyed?').fill('Deleted from the shared drive and its backups.');
  await amina.getByRole('checkbox').check();
  await press(amina, 'Certify destruction');
  for (const page of [amina, sam]) {
    await expect
      .poll(
        async () => {
          await page.goto(`${service.url}/ledger`);
          return page.innerText('main');
        },
        { timeout: 30_000 },
      )
      .toContain('Data destroyed');
  }
  expect(await sam.innerText('main')).toContain('In a role that a colleague delegated.');
  expect(service.said()).not.toMatch(/\/link\/[A-Za-z0-9_-]{43}/);
});

/** Sets the empty instance up as Westmarch Police, and its first administrator's app. */
async function setUp(): Promise<Page> {
  await expect.poll(() => service.said(), { timeout: 30_000 }).toContain('set-up code: ');
  const [, code = ''] = /set-up code: (\S+)/.exec(service.said()) ?? [];
  const page = await somebodysBrowser(browser);
  await page.goto(service.url);
  await page.getByLabel('Set-up code').fill(code);
  await page.getByLabel('Name', { exact: true }).fill('Westmarch Police');
  await page.getByLabel('Full name').fill('Sam Lee');
  await page.getByLabel('Email address').fill('sam.lee@westmarch.example');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await press(page, 'Set up and continue');
  await setUpApp(page);
  return page;
}

/** Adds the commissioner, as whoever runs the instance does, and gives the link of its first administrator. */
function addOrganisation(): string {
  const flags = ['--name', 'Westmarch Police and Crime Commissioner', '--administrator', 'Rita Cole'];
  const more = ['--email', 'rita.cole@opcc.example', '--service', service.url, '--json'];
  const args = ['src/main/cli.ts', 'organisations', 'add', 'westmarch-opcc', ...flags, ...more];
  const env = { ...process.env, CHIROGRAPH_DATA: service.dataFolder };
  const { stdout } = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' });
  return String(JSON.parse(stdout).link);
}

/** An administrator lets somebody in and gives them the link; they choose a password and sign in, in a browser of their own. */
async function letIn(administrator: Page, name: string, roles: string[]): Promise<Page> {
  await visit(administrator, '/people/new');
  await administrator.getByLabel('Full name').fill(name);
  await administrator.getByLabel('Email address').fill(emailOf(name));
  for (const role of roles) await administrator.getByLabel(role, { exact: true }).check();
  await press(administrator, 'Let them in');
  return joins(await administrator.locator('main .app-fingerprint').innerText(), emailOf(name));
}

/** Somebody with a link joins: looks at it twice, chooses a password, signs in in two steps. */
async function joins(link: string, email = 'rita.cole@opcc.example'): Promise<Page> {
  const page = await somebodysBrowser(browser);
  for (const _ of [1, 2]) await page.goto(link);
  await look(page);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await press(page, 'Set this password');
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await press(page, 'Sign in');
  await setUpApp(page);
  const again = await somebodysBrowser(browser);
  await again.goto(link);
  await look(again);
  expect(await again.innerText('h1')).toBe('This link does not work');
  await again.context().close();
  return page;
}

async function setUpApp(page: Page): Promise<void> {
  secrets.set(page, await takeUpApp(page, press));
}

function emailOf(name: string): string {
  return `${name.toLowerCase().replace(' ', '.')}@westmarch.example`;
}

const hands = { visit, press, look };

async function visit(page: Page, path: string): Promise<void> {
  await page.goto(service.url + path);
  await look(page);
}

async function press(page: Page, name: string): Promise<void> {
  // Where ten minutes have gone by, it is asked again who this is.
  const proof = page.locator('main input[name=_proof]');
  if ((await proof.count()) > 0) await proof.first().fill(totpCode(secrets.get(page) ?? '', stepAt()));
  await page.getByRole('button', { name, exact: true }).click();
  await look(page);
}
