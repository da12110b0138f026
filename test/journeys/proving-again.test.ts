import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import {
  askForSearches,
  decideToShare,
  prepareSearches,
  somebodysBrowser,
  takeUpApp,
} from '../support/by-page.ts';
import { aCluster, type Cluster, password } from '../support/cluster.ts';
import { stepAt, totpCode } from '../support/sign-in.ts';

// What comes up late in the life of a real instance: who it is is asked again before what cannot be taken back, somebody
// loses their phone, a ledger stops. Done without a line of JavaScript, and each page looked at with scripts and without.

const agreement = readFileSync(join(import.meta.dirname, '../../examples/isa-2026-001.yaml'), 'utf8');

/** Somebody at their own browser, with the key of their authenticator app. */
type Somebody = { page: Page; secret: string };

let browser: Browser;
let cluster: Cluster;
let url: string;
let tom: Somebody;
let copies: Page[];
beforeAll(async () => {
  [browser, cluster] = await Promise.all([openBrowser(), aCluster()]);
  copies = [await aPhone(true), await aPhone(false)];
  const server = await cluster.start();
  // Browsers keep cookies that only go over TLS for this name of the machine, and not for its number.
  url = server.url.replace('127.0.0.1', 'localhost');
  await cluster.settle();
  await cluster.superuser.query(
    `update people set roles = roles || '{administrator}' where name = 'Tom Reyes'`,
  );
  tom = await signIn('tom.reyes@westmarch-police.example');
});
afterAll(async () => {
  await browser?.close();
  await cluster?.close();
});

test('after ten minutes signing asks who it is, says why, and takes nothing but a right code [R44]', async () => {
  const { page } = tom;
  await visit(page, '/agreements/propose');
  await page.getByLabel('The agreement, pasted').fill(agreement.replaceAll('ISA-2026-001', 'ISA-2026-009'));
  await press(page, 'Check it');
  await press(page, 'Propose this agreement');
  await later();
  await visit(page, '/agreements/ISA-2026-009');
  expect(await page.innerText('main')).toContain('It is more than 10 minutes since you showed who you are.');
  await press(page, 'Sign this agreement');
  expect(await page.title()).toMatch(/^Error: /);
  expect(await page.innerText('main')).toContain('Enter the code from your authenticator app');
  await proof(page).fill('000000');
  await press(page, 'Sign this agreement');
  expect(await page.innerText('main')).toContain('That code is not right.');
  expect(await page.innerText('main')).toContain('0 of 2 parties have signed');
  await prove(tom);
  await press(page, 'Sign this agreement');
  expect(await page.innerText('main')).toContain('1 of 2 parties have signed');
});

test('approving asks as well, and the proof holds for the ten minutes after it', async () => {
  const { page: amina } = await signIn('amina.yusuf@westmarch-opcc.example');
  const request = await askForSearches(hands, amina);
  await decideToShare(hands, tom.page, request);
  const { page: dan } = await signIn('dan.okafor@westmarch-police.example');
  const release = await prepareSearches(hands, dan, request);

  await later();
  await visit(tom.page, release);
  await press(tom.page, 'Approve and send');
  expect(await tom.page.innerText('main')).toContain('Enter the code from your authenticator app');
  await visit(amina, '/releases');
  expect(await amina.innerText('main'), 'nothing has left').not.toContain('to be collected');
  await visit(tom.page, release);
  await prove(tom);
  await press(tom.page, 'Approve and send');
  await visit(amina, '/releases');
  expect(await amina.innerText('main')).toContain('Waits to be collected');
  await visit(tom.page, '/people/new');
  expect(await proof(tom.page).count(), 'it has just been proved').toBe(0);
});

test('whoever lost their phone is reset by an administrator, is out at once, and starts anew by a link', async () => {
  const { page: admin } = tom;
  const email = 'priya.shah@westmarch-police.example';
  const priya = await signIn(email);
  await visit(admin, '/people');
  await admin.getByRole('link', { name: 'Open Priya Shah' }).click();
  await look(admin);
  await later();
  await admin.getByRole('link', { name: 'Reset their sign-in' }).click();
  await look(admin);
  await press(admin, 'Reset and make a link');
  expect(await admin.title()).toMatch(/^Error: /);
  await prove(tom);
  await press(admin, 'Reset and make a link');
  const link = await admin.locator('main .app-fingerprint').innerText();
  await visit(priya.page, '/ledger');
  expect(await priya.page.innerText('h1')).toBe('Sign in');

  const page = await somebodysBrowser(browser);
  await page.goto(link);
  await look(page);
  await page.getByLabel('Password', { exact: true }).fill('another horse battery');
  await press(page, 'Set this password');
  const again = await enter(page, email, 'another horse battery');
  expect(again.secret).not.toBe(priya.secret);
  await visit(page, '/safety');
  expect(await page.innerText('main')).toContain('Only one administrator can sign in');
});

test('a ledger that stopped says so at the top of its pages, with what to do, and nothing is done', async () => {
  const { page } = tom;
  const folder = join(cluster.dataFolder, 'checkpoints');
  const name = readdirSync(folder).find((one) => one.startsWith('westmarch-police.ledger')) ?? '';
  const whole = readFileSync(join(folder, name));
  writeFileSync(join(folder, name), whole.subarray(0, 60));
  try {
    for (const path of ['/', '/ledger']) {
      await visit(page, path);
      const alarm = page.getByRole('alert');
      expect(await alarm.innerText()).toContain('Your ledger has stopped');
      expect(await alarm.innerText()).toContain('What whoever runs this service can do');
      expect(await alarm.innerText()).toContain(name);
      expect(await page.innerText('main'), 'where it lies is not for a page').not.toContain(folder);
    }
    await visit(page, '/ledger/check');
    await visit(page, '/safety');
    expect(await page.innerText('main')).toContain('Your ledger has stopped');
    await visit(page, '/people/new');
    await page.getByLabel('Full name').fill('Ada Byron');
    await page.getByLabel('Email address').fill('ada.byron@westmarch-police.example');
    await page.getByLabel('Auditor', { exact: true }).check();
    await press(page, 'Let them in');
    expect(await page.innerText('h1')).toBe('This cannot be done at the moment');
    await visit(page, '/people');
    expect(await page.innerText('main')).not.toContain('Ada Byron');
  } finally {
    writeFileSync(join(folder, name), whole);
  }
  await visit(page, '/');
  expect(await page.getByRole('alert').count()).toBe(0);
});

/** Everybody showed who they are twenty minutes ago, and every code of an app can be used again. */
async function later(): Promise<void> {
  await cluster.superuser.query(
    `update sessions set proved_at = proved_at - interval '20 minutes', started_at = started_at - interval '20 minutes'`,
  );
  await cluster.superuser.query('update second_factors set last_step = 0');
}

function proof(page: Page) {
  return page.locator('main input[name=_proof]');
}

async function prove({ page, secret }: Somebody): Promise<void> {
  await proof(page).first().fill(totpCode(secret, stepAt()));
}

async function signIn(email: string): Promise<Somebody> {
  const page = await somebodysBrowser(browser);
  await page.goto(`${url}/sign-in`);
  return enter(page, email, password);
}

/** From the page to sign in, in two steps, with an app that is set up at the second. */
async function enter(page: Page, email: string, secretWord: string): Promise<Somebody> {
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(secretWord);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  return { page, secret: await takeUpApp(page, press) };
}

const hands = { visit, press, look };

async function visit(page: Page, path: string): Promise<void> {
  await page.goto(url + path);
  await look(page);
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
  await look(page);
}

/** What is there is accessible and fits a phone, with its scripts and without. axe itself needs scripts: it looks at copies. */
async function look(page: Page): Promise<void> {
  const [body, address] = [await page.content(), page.url()];
  for (const copy of copies) {
    await copy.route(address, (route) => route.fulfill({ body, contentType: 'text/html' }));
    await copy.goto(address);
    const { violations } = await new AxeBuilder({ page: copy }).analyze();
    expect(violations.map((one) => `${address}: ${one.id}`)).toEqual([]);
    expect([address, await copy.evaluate('document.documentElement.scrollWidth')]).toEqual([address, 320]);
    await copy.unroute(address);
  }
}

/** A phone's browser that looks at copies of pages; without their scripts where it is told so. */
async function aPhone(scripts: boolean): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 320, height: 640 } })).newPage();
  if (!scripts) await page.route('**/*.js', (route) => route.abort());
  return page;
}
