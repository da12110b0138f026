import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

/** A Chromium: the one that `npm test` found, or the system's. */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** What is there is accessible, and fits a phone. axe needs scripts, so it looks at a copy of the page that has them. */
export async function look(page: Page): Promise<void> {
  expect(await page.locator('h1').count()).toBe(1);
  const copy = await (
    await page
      .context()
      .browser()
      ?.newContext({ viewport: { width: 320, height: 640 } })
  )?.newPage();
  if (!copy) throw new Error('The page has no browser');
  const html = await page.content();
  await copy.route(page.url(), (route) => route.fulfill({ body: html, contentType: 'text/html' }));
  await copy.goto(page.url());
  const { violations } = await new AxeBuilder({ page: copy }).analyze();
  expect(violations.map((one) => `${page.url()}: ${one.id}`)).toEqual([]);
  const width = await copy.evaluate('document.documentElement.scrollWidth');
  expect([page.url(), width]).toEqual([page.url(), 320]);
  await copy.context().close();
}
