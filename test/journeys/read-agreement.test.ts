import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { strToU8, zipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { look, openBrowser } from '../support/browser.ts';
import { type Service, startService } from '../support/service.ts';

// An agreement in a drawer, by page, in a browser without scripts: what it needs, the Word file with comments, a draft.

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let browser: Browser;
let service: Service;
beforeAll(async () => {
  browser = await openBrowser();
  service = await startService();
});
afterAll(async () => {
  await browser?.close();
  await service?.stop();
});

const word = fileURLToPath(new URL('../vectors/agreements/protocol.docx', import.meta.url));

async function atReading(): Promise<Page> {
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await page.goto(service.url);
  await page.getByRole('button', { name: 'Sign in as Tom Reyes' }).click();
  await page.goto(`${service.url}/agreements`);
  await page.getByRole('button', { name: 'Read one you have' }).click();
  return page;
}

test('it says what the agreement needs, and gives the Word file back with comments', async () => {
  const page = await atReading();
  await look(page);
  await page.getByRole('button', { name: 'Read it' }).click();
  await page.getByRole('link', { name: 'Choose the agreement' }).waitFor();
  await look(page);

  await page.getByLabel('The agreement').setInputFiles(word);
  await page.getByRole('button', { name: 'Read it' }).click();
  await page.getByRole('heading', { level: 1, name: 'What this agreement needs' }).waitFor();
  await page.getByRole('rowheader', { name: 'Data Protection Act 1998 paragraph 19' }).waitFor();
  await look(page);

  await page.getByLabel('The agreement').setInputFiles(word);
  await page.getByLabel('The Word file, with comments').check();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Read it' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('protocol with comments.docx');
  expect((await readFile(await download.path())).subarray(0, 2).toString()).toBe('PK');
  await page.context().close();
});

test('what is ticked as right stands in a draft, and the rest is open', async () => {
  const page = await atReading();
  await page.getByLabel('A draft that can be mended and signed').check();
  await page.getByLabel('The agreement').setInputFiles(word);
  await page.getByRole('button', { name: 'Read it' }).click();
  await page.getByRole('heading', { level: 1, name: 'Confirm what was read' }).waitFor();
  await look(page);
  await page.getByLabel('First day: 25 May 2024').check();
  await page.getByRole('button', { name: 'Make the draft' }).click();
  await page.getByRole('heading', { level: 1, name: 'Propose an agreement' }).waitFor();
  await look(page);
  const draft = await page.getByLabel('The agreement, pasted').inputValue();
  expect(draft).toContain('startsOn: 2024-05-25\n');
  expect(draft).toContain('[say if this is right]');
  await page.context().close();
});

test('many in one file are told as one table, and taken away as a spreadsheet', async () => {
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await page.goto(service.url);
  await page.getByRole('button', { name: 'Sign in as Tom Reyes' }).click();
  await page.goto(`${service.url}/agreements`);
  await page.getByRole('button', { name: 'Read many' }).click();
  await look(page);
  await page.getByRole('button', { name: 'Read them' }).click();
  await page.getByRole('link', { name: 'Choose the agreements' }).waitFor();
  await look(page);

  const agreement = strToU8(
    '# Sharing agreement\n\nBetween Northby Council and Eastmoor Police. The DPA 1998 applies.\n',
  );
  const buffer = Buffer.from(
    zipSync({ 'old/protocol.docx': await readFile(word), 'agreement.md': agreement }),
  );
  const file = { name: 'shelf.zip', mimeType: 'application/zip', buffer };
  await page.getByLabel('The agreements, as a ZIP file').setInputFiles(file);
  await page.getByRole('button', { name: 'Read them' }).click();
  await page.getByRole('heading', { level: 1, name: 'What these agreements need' }).waitFor();
  await page.getByRole('rowheader', { name: 'old/protocol.docx' }).waitFor();
  await look(page);

  await page.getByLabel('The agreements, as a ZIP file').setInputFiles(file);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Read them' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('shelf.xlsx');
  expect((await readFile(await download.path())).subarray(0, 2).toString()).toBe('PK');
  await page.context().close();
});
