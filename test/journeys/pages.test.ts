import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { type Service, startService } from '../support/service.ts';
import { stepAt, stepBefore, totpCode } from '../support/sign-in.ts';

const root = join(import.meta.dirname, '../..');
const everybodys = ['/sign-in', '/register', '/keys', '/verify', '/help', '/cookies', '/accessibility'];
const searches = 'examples/data/2024-01-bedfordshire-stop-and-search.csv';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

describe('every page of the example', () => {
  let service: Service;

  beforeAll(async () => {
    service = await startService();
    // A release that was sent and one that was collected, a request that waits, and one that the rules refused.
    const [sent] = await share('stop-and-search', 'hold-to-account', 'sent');
    await share('street-crime', 'hold-to-account', 'refused');
    await share('stop-and-search', 'complaint-reviews', 'waiting');
    await command(
      'collect',
      sent ?? '',
      '--as',
      'westmarch-opcc',
      '--out',
      join(service.dataFolder, 'collected'),
    );
    await share('stop-and-search', 'hold-to-account', 'sent-again');
  });
  afterAll(() => service?.stop());

  test('for nobody', async () => {
    await seeAll(null, [...everybodys, '/nowhere', '/setup']);
  });

  test.each(['Dan Okafor', 'Tom Reyes', 'Priya Shah', 'Amina Yusuf', 'Helen Marsh'])(
    'for %s',
    async (name) => {
      const seen = await seeAll(name, ['/']);
      expect(seen).toEqual(
        expect.arrayContaining([
          '/',
          '/agreements',
          '/agreements/ISA-2026-001',
          '/requests',
          '/releases',
          '/ledger',
        ]),
      );
      expect(seen.some((path) => path.startsWith('/requests/REQ-'))).toBe(true);
      expect(seen.some((path) => path.startsWith('/releases/REL-'))).toBe(true);
    },
  );

  test('a receipt of the ledger and a signed agreement are files to keep', async () => {
    const page = await open('Priya Shah', {});
    await page.goto(`${service.url}/ledger`);
    const receipt = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Receipt of entry 0', exact: true }).click();
    expect((await receipt).suggestedFilename()).toMatch(/\.tlog-proof$/);
    await page.goto(`${service.url}/agreements/ISA-2026-001`);
    const agreement = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the signed agreement' }).click();
    expect((await agreement).suggestedFilename()).toBe('ISA-2026-001.json');
    const file = await (await agreement).path();
    expect(await command('verify', file)).toContain('Verified');
    await page.context().close();
  });

  /** Looks at the pages that a person comes to by following links from the given ones, each in all the ways. */
  async function seeAll(name: string | null, from: string[]): Promise<string[]> {
    const page = await open(name, { viewport: { width: 1280, height: 900 } });
    const plain = await open(name, { javaScriptEnabled: false });
    const seen: string[] = [];
    const next = [...from];
    for (let path = next.shift(); path !== undefined; path = next.shift()) {
      if (seen.includes(path) || (name !== null && everybodys.includes(path))) continue;
      seen.push(path);
      await see(page, service.url + path);
      await seeWithoutScript(plain, service.url + path);
      if (name !== null) next.push(...(await linksOf(page)));
    }
    await page.context().close();
    await plain.context().close();
    return seen;
  }

  async function open(name: string | null, how: Parameters<Browser['newContext']>[0]): Promise<Page> {
    const page = await (await browser.newContext(how)).newPage();
    if (name === null) return page;
    await page.goto(service.url);
    await page.getByRole('button', { name: `Sign in as ${name}` }).click();
    await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
    return page;
  }

  async function share(dataSet: string, purpose: string, out: string): Promise<string[]> {
    const [as, to] = ['westmarch-police', 'westmarch-opcc'];
    const about = [
      '--as',
      as,
      '--to',
      to,
      '--agreement',
      'ISA-2026-001',
      '--dataset',
      dataSet,
      '--purpose',
      purpose,
    ];
    const said = await command(
      'share',
      ...about,
      '--input',
      searches,
      '--out',
      join(service.dataFolder, out),
    );
    return said.match(/RE[LQ]-\d{4}-\d{4}/g) ?? [];
  }

  // A refusal is an answer too: it exits with a number, and says what it says.
  async function command(...args: string[]): Promise<string> {
    const env = { ...process.env, CHIROGRAPH_DATA: service.dataFolder };
    const run = promisify(execFile)(process.execPath, ['src/main/cli.ts', ...args], { cwd: root, env });
    const { stdout } = await run.catch((error: { stdout: string }) => error);
    return stdout;
  }
});

describe('a live instance', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ CHIROGRAPH_MODE: 'live' });
  });
  afterAll(() => service?.stop());

  test('is set up with the code of its console, and signed in to with a password', async () => {
    await expect.poll(() => service.said(), { timeout: 30_000 }).toContain('set-up code: ');
    const [, code = ''] = /set-up code: (\S+)/.exec(service.said()) ?? [];
    const page = await (await browser.newContext({ javaScriptEnabled: true })).newPage();
    await see(page, service.url);
    await page.getByRole('button', { name: 'Set up and continue' }).click();
    await check(page);
    expect(await page.title()).toMatch(/^Error: /);

    await page.getByLabel('Set-up code').fill(code);
    await page.getByLabel('Name', { exact: true }).fill('Avonbury Council');
    await page.getByLabel('Full name').fill('Sam Lee');
    await page.getByLabel('Email address').fill('sam.lee@avonbury.example');
    await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
    await page.getByRole('button', { name: 'Set up and continue' }).click();
    await page.getByText('Avonbury Council is set up, and you are its administrator.').waitFor();
    await check(page);
    const secret = (await page.locator('#secret').textContent()) ?? '';
    await page.getByLabel('Code from the app').fill('12345');
    await page.getByRole('button', { name: 'Continue' }).click();
    await check(page);
    expect(await page.title()).toMatch(/^Error: /);
    await page.getByLabel('Code from the app').fill(totpCode(secret, await stepBefore()));
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { level: 1, name: 'Keep your recovery codes' }).waitFor();
    await check(page);
    expect(await page.getByRole('list', { name: 'Your recovery codes' }).getByRole('listitem').count()).toBe(
      10,
    );
    await page.getByRole('button', { name: 'I have kept them: continue' }).click();
    await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();

    await page.getByRole('button', { name: 'Sign out Sam Lee' }).click();
    await page.getByText('You are signed out').waitFor();
    await page.goto(`${service.url}/ledger`);
    await check(page);
    await page.getByLabel('Email address').fill('sam.lee@avonbury.example');
    await page.getByLabel('Password', { exact: true }).fill('something else');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await check(page);
    expect(await page.getByLabel('Email address').inputValue()).toBe('sam.lee@avonbury.example');
    await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Enter the code from your app' }).waitFor();
    await check(page);
    await page.getByLabel('Code from your authenticator app').fill(totpCode(secret, stepAt()));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Ledger' }).waitFor();

    for (const path of ['/account', '/account/password', '/account/second-factor'])
      await see(page, service.url + path);
    expect((await page.goto(`${service.url}/setup`))?.status()).toBe(404);
    expect(await page.getByText('This is the example').count()).toBe(0);
    await page.context().close();
  });
});

/** Looks at a page at both widths and in forced colours: axe finds nothing, and nothing runs off its side. */
async function see(page: Page, url: string): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 900 });
  const answer = await page.goto(url);
  expect(answer?.status(), url).toBeLessThan(500);
  await check(page);
  await page.emulateMedia({ forcedColors: 'active' });
  expect(await page.getByRole('heading', { level: 1 }).isVisible(), url).toBe(true);
  await page.emulateMedia({ forcedColors: 'none' });
}

async function check(page: Page): Promise<void> {
  const url = page.url();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(' ')}`),
    url,
  ).toEqual([]);
  expect(await page.getByRole('heading', { level: 1 }).count(), url).toBe(1);
  expect(skippedLevels(await levelsOf(page)), url).toEqual([]);
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await page.evaluate<number>('document.documentElement.scrollWidth'), url).toBeLessThanOrEqual(320);
}

/** The same page where no script runs: its heading, its menu and what it says of the example are there. */
async function seeWithoutScript(page: Page, url: string): Promise<void> {
  await page.goto(url);
  expect(await page.getByRole('heading', { level: 1 }).count(), url).toBe(1);
  expect(
    await page.getByRole('navigation', { name: 'Menu' }).getByRole('link').first().isVisible(),
    url,
  ).toBe(true);
  expect(await page.getByText('This is the example').isVisible(), url).toBe(true);
}

/** The pages that a page links to; what is a file to save is not one. */
async function linksOf(page: Page): Promise<string[]> {
  const found = await page.evaluate<string[]>(
    `[...document.querySelectorAll('a[href^="/"]:not([download])')].map((link) => new URL(link.href).pathname)`,
  );
  return [...new Set(found)].filter((path) => !/\.(?:json|yaml|pdf|docx|tlog-proof)$|\/files\//.test(path));
}

function levelsOf(page: Page): Promise<number[]> {
  return page.evaluate<number[]>(
    `[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((heading) => Number(heading.tagName[1]))`,
  );
}

/** Where a heading is more than one level below the one before it. */
function skippedLevels(levels: number[]): string[] {
  return levels.flatMap((level, at) => {
    const before = levels[at - 1] ?? level;
    return level > before + 1 ? [`h${before} is followed by h${level}`] : [];
  });
}
