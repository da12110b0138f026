import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { look, openBrowser } from '../support/browser.ts';
import { aCommandLine, type CommandLine } from '../support/command.ts';

// The page of a folder of agreements, opened as the file that it is.

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

let line: CommandLine;
let browser: Browser;
beforeAll(async () => {
  line = aCommandLine();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  line?.close();
});

test('a row leads to what its agreement needs, which opens; nothing is fetched, and it fits a phone', async () => {
  const folder = join(line.folder, 'shelf');
  mkdirSync(folder);
  writeFileSync(join(folder, 'old.txt'), 'Information Sharing Agreement\n\nIt rests on the DPA 1998.\n');
  writeFileSync(
    join(folder, 'protocol.docx'),
    readFileSync(new URL('../vectors/agreements/protocol.docx', import.meta.url)),
  );
  writeFileSync(join(folder, 'a.odt'), 'x');
  const out = join(line.folder, 'survey.html');
  expect((await line.run('agreement', 'lint', folder, '--out', out)).exit).toBe(0);

  const url = pathToFileURL(out).href;
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(url);
  await look(page);
  const needs = page.locator('#a2');
  expect(await needs.isVisible()).toBe(false);
  await page.getByRole('link', { name: 'protocol.docx' }).click();
  expect(await needs.isVisible()).toBe(true);
  expect(await needs.textContent()).toContain('“Data Protection Act 1998”');
  expect(asked).toEqual([url]);
  await page.goto('about:blank');
  await page.goto(url);
  await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
  await look(page);
});
