import { mkdir } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { createGallery } from './gallery.ts';

// node test/support/gallery/look.ts FOLDER: a picture of each page at 1280 and 320 pixels, and what axe finds.
const folder = process.argv[2] ?? 'build/gallery';
await mkdir(folder, { recursive: true });
const http = await createGallery();
const address = await http.listen({ host: '127.0.0.1', port: 0 });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const widths = [1280, 320];
let bad = 0;

for (const javaScriptEnabled of [true, false]) await look(browser, javaScriptEnabled);
await browser.close();
await http.close();
process.exitCode = bad === 0 ? 0 : 1;

async function look(browser: Browser, javaScriptEnabled: boolean): Promise<void> {
  for (const width of widths) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled });
    const name = `${width}${javaScriptEnabled ? '' : '-no-js'}`;
    const page = await context.newPage();
    for (const path of ['help', 'cookies', 'accessibility', 'nowhere', 'gallery/fault']) {
      await page.goto(`${address}/${path}`);
      await see(page, `${path.replace('gallery/', '')}-${name}`, javaScriptEnabled);
    }
    await page.goto(`${address}/gallery/sign-in`);
    for (const path of ['decide', 'leaves', 'today']) {
      await page.goto(`${address}/gallery/${path}`);
      await see(page, `${path}-${name}`, javaScriptEnabled);
    }
    await page.goto(`${address}/gallery/decide`);
    await page.getByRole('button', { name: 'Continue' }).click();
    await see(page, `errors-${name}`, javaScriptEnabled);
    await page.goto(`${address}/gallery/leaves`);
    await page.getByRole('button', { name: 'Approve and send' }).click();
    await see(page, `notice-${name}`, javaScriptEnabled);
    await page.goto(`${address}/gallery/leaves`);
    await page.emulateMedia({ forcedColors: 'active' });
    await see(page, `forced-${name}`, javaScriptEnabled);
    await context.close();
  }
}

async function see(page: Page, name: string, withAxe: boolean): Promise<void> {
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  const wide = withAxe ? await page.evaluate('document.documentElement.scrollWidth > innerWidth') : false;
  const found = withAxe ? (await new AxeBuilder({ page }).analyze()).violations : [];
  bad += found.length + (wide ? 1 : 0);
  const said = found.map(({ id, nodes }) => `${id} at ${nodes.map((node) => node.target).join(' ')}`);
  process.stdout.write(
    `${name}: ${[...(wide ? ['wider than the screen'] : []), ...said].join('; ') || 'good'}\n`,
  );
}
