import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { look, openBrowser } from '../support/browser.ts';
import { files } from '../support/example.ts';
import { heldChild } from '../support/held-child.ts';
import { type Service, startService } from '../support/service.ts';

// Dropping a file and watching what becomes of it, with scripts and without: the work is held still while it is looked at.

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let browser: Browser;
let service: Service;
let request: string;

beforeAll(async () => {
  [browser, service] = await Promise.all([openBrowser(), startService()]);
  const amina = await signIn('Amina Yusuf', true);
  await amina.goto(`${service.url}/requests/new`);
  await amina.getByRole('radio', { name: /Stop and search, from/ }).check();
  await amina.getByRole('radio', { name: /review of a complaint/ }).check();
  await amina.getByLabel('Why do you need it?').fill('To review a complaint about searches in January.');
  await amina.getByRole('button', { name: 'Check your answers' }).click();
  await amina.getByRole('button', { name: 'Send the request' }).click();
  await amina.waitForURL(/REQ-/);
  request = new URL(amina.url()).pathname;
  const tom = await signIn('Tom Reyes', true);
  await tom.goto(service.url + request);
  await tom.getByRole('radio', { name: /Share what they asked for/ }).check();
  await tom.getByRole('button', { name: 'Continue' }).click();
  await tom.getByLabel('Your reasons').fill('It is needed for the review, and nobody stands out.');
  await tom.getByRole('button', { name: 'Send the decision' }).click();
  await tom.waitForURL(service.url + request);
});
afterAll(async () => {
  await browser?.close();
  await service?.stop();
});

describe.each([
  ['with scripts', true],
  ['without scripts', false],
])('%s', (_, scripts) => {
  test('the file is watched, and cancelled', async () => {
    const dan = await dropped(scripts);
    await heldChild(service.dataFolder);
    await dan
      .getByRole('status')
      .getByText(/^Step . of 8|^Waiting for its turn/)
      .waitFor();
    expect(await dan.getByRole('progressbar').count()).toBe(1);
    await look(dan);
    await dan.getByRole('button', { name: 'Cancel', exact: true }).click();
    await dan.getByRole('heading', { level: 1, name: 'Cancelled' }).waitFor();
    await look(dan);
    await dan.getByRole('button', { name: 'Drop the file again' }).click();
    await dan.waitForURL(`${service.url}${request}/prepare`);
    await dan.context().close();
  });

  test('the file is watched until it is prepared; meanwhile a colleague who comes to prepare it is led there', async () => {
    const dan = await dropped(scripts);
    const child = await heldChild(service.dataFolder);
    const tom = await signIn('Tom Reyes', scripts);
    await tom.goto(`${service.url}${request}/prepare`);
    await look(tom);
    await tom.getByRole('link', { name: 'Watch it, or cancel it' }).click();
    expect(await tom.innerText('main')).toContain('Dan Okafor dropped a file');
    process.kill(child, 'SIGCONT');
    for (const page of [dan, tom]) {
      await page.waitForURL(/\/releases\/REL-.*\/quality$/);
      await look(page);
    }
    await tom.getByRole('button', { name: 'See exactly what leaves' }).click();
    await tom.getByRole('link', { name: /^Groups of at least 3 ?, held back 4.3%/ }).click();
    await tom.getByRole('heading', { name: 'Groups of at least 3' }).waitFor();
    expect(await tom.innerText('main')).toContain('so it cannot be chosen');
    await look(tom);
    await tom.getByRole('button', { name: 'Withdraw' }).click();
    await tom.context().close();
    await dan.context().close();
  });
});

test('its script may ask this service, and no page of it anything else', async () => {
  const dan = await dropped(true);
  const said: string[] = [];
  dan.on('console', (message) => said.push(message.text()));
  await dan.evaluate('fetch("https://example.com/").catch(() => {})');
  expect(said.join()).toContain('connect-src');
  await dan.waitForURL(/\/releases\/REL-.*\/quality$/);
  const policy = (await dan.request.get(service.url)).headers()['content-security-policy'];
  expect(policy).not.toContain('connect-src');
  await dan.context().close();
});

async function dropped(scripts: boolean): Promise<Page> {
  const dan = await signIn('Dan Okafor', scripts);
  await dan.goto(`${service.url}${request}/prepare`);
  await dan.locator('input[type=file]').setInputFiles(files.stopAndSearch);
  await dan.getByRole('button', { name: 'See what would leave' }).click();
  await dan.waitForURL(/\/runs\//);
  return dan;
}

async function signIn(name: string, scripts: boolean): Promise<Page> {
  const page = await (await browser.newContext({ javaScriptEnabled: scripts })).newPage();
  await page.goto(service.url);
  await page.getByRole('button', { name: `Sign in as ${name}` }).click();
  await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
  return page;
}
