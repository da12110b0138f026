import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { unzipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { look, openBrowser } from '../support/browser.ts';
import { type Service, startService } from '../support/service.ts';

// What changed from one version to another, by page: with and without scripts, on a desk and on a phone.

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const example = readFileSync(join(import.meta.dirname, '../../examples/isa-2026-001.yaml'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'chirograph-compare-'));
const given = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const first = given('first.yaml', example);
const second = given(
  'second.yaml',
  example
    .replace('version: 1', 'version: 2')
    .replace('period: P1Y', 'period: P2Y')
    .replace(/text: >-?\n(\s+)/, (all) => `${all}For the first time, and `),
);

let browser: Browser;
let service: Service;
beforeAll(async () => {
  browser = await openBrowser();
  service = await startService();
});
afterAll(async () => {
  await browser?.close();
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['without scripts', false, 1280],
  ['without scripts, on a phone', false, 320],
  ['with scripts', true, 1280],
  ['with scripts, on a phone', true, 320],
])('%s', (_, javaScriptEnabled, width) => {
  const blocked: string[] = [];

  async function at(path: string): Promise<Page> {
    const viewport = { width, height: 900 };
    const page = await (await browser.newContext({ javaScriptEnabled, viewport })).newPage();
    page.on('console', (line) => {
      if (line.text().includes('Content Security Policy')) blocked.push(line.text());
    });
    await page.goto(service.url);
    await page.getByRole('button', { name: 'Sign in as Tom Reyes' }).click();
    await page.goto(`${service.url}${path}`);
    return page;
  }

  /** The page at 320 px, and with scripts also as it stands here, with what they made of it. */
  async function see(page: Page): Promise<void> {
    await look(page);
    if (!javaScriptEnabled) return;
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  }

  test('two files are compared, and the same is had as Word with tracked changes', async () => {
    const page = await at('/agreements');
    await page.getByRole('button', { name: 'Compare two versions' }).click();
    await see(page);
    await page.getByRole('button', { name: 'Compare them' }).click();
    await page.getByRole('link', { name: 'Choose the agreement as it was' }).click();
    if (javaScriptEnabled) await page.locator('#was:focus').waitFor();
    else expect(page.url()).toMatch(/#was$/);
    await see(page);

    await page.getByLabel('The agreement as it was').setInputFiles(first);
    await page.getByLabel('The agreement as it is to be').setInputFiles(second);
    await page.getByRole('button', { name: 'Compare them' }).click();
    await page.getByRole('heading', { level: 1, name: 'What changed in ISA-2026-001' }).waitFor();
    await page.getByText('It is kept for longer.').waitFor();
    const colour = 'getComputedStyle(document.querySelector("del")).backgroundColor';
    if (javaScriptEnabled) expect(await page.evaluate(colour)).toBe('rgb(244, 205, 198)');
    await see(page);

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as Word, with tracked changes' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('ISA-2026-001 what changed.docx');
    const word = unzipSync(await readFile(await download.path()))['word/document.xml'] ?? new Uint8Array();
    expect(Buffer.from(word).toString('utf8')).toMatch(/<w:del [^>]*w:author="Chirograph"/);
    expect(blocked).toEqual([]);
    await page.context().close();
  });

  test('an agreement that is here is compared with a file, from its page', async () => {
    const page = await at('/agreements/ISA-2026-001');
    await page.getByRole('link', { name: 'Compare with another version' }).click();
    await see(page);
    await page.getByLabel('The other version').setInputFiles(first);
    await page.getByRole('button', { name: 'Compare them' }).click();
    await page.getByRole('link', { name: 'These two are the same agreement' }).waitFor();
    await see(page);
    await page
      .getByLabel('The other version')
      .setInputFiles(given('faulty.yaml', example.replace('version: 1', 'version: none')));
    await page.getByRole('button', { name: 'Compare them' }).click();
    await page.getByRole('heading', { level: 2, name: 'What to put right' }).waitFor();
    await see(page);
    await page.getByLabel('The other version').setInputFiles(second);
    await page.getByRole('button', { name: 'Compare them' }).click();
    await page.getByRole('heading', { level: 1, name: 'What changed in ISA-2026-001' }).waitFor();
    expect(blocked).toEqual([]);
    await page.context().close();
  });
});
