import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTrustedKeys } from '../../src/overview/verify.ts';
import type { Check } from '../../src/platform/pure/check.ts';
import { openBrowser } from '../support/browser.ts';
import { type Evidence, failing, makeEvidence } from '../support/evidence.ts';
import { type Service, startService } from '../support/service.ts';
import { byteChanges, otherLengths, type Tampering, whileTampered } from '../support/tampering.ts';

// The verify page in a real browser: it must say what the command says, and nothing may leave the browser.

let service: Service;
let browser: Browser;
let evidence: Evidence;
beforeAll(async () => {
  service = await startService();
  browser = await openBrowser();
  evidence = await makeEvidence();
});
afterAll(async () => {
  evidence?.close();
  await browser?.close();
  await service?.stop();
});

const filesIn = (folder: string) => readdirSync(folder).map((name) => join(folder, name));

/** The page as somebody sees it who has not signed in, and every request it makes from then on. */
async function open(javaScriptEnabled = true): Promise<{ page: Page; asked: string[] }> {
  const context = await browser.newContext({ javaScriptEnabled });
  const page = await context.newPage();
  await page.goto(`${service.url}/verify`, { waitUntil: 'networkidle' });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('websocket', (socket) => asked.push(socket.url()));
  return { page, asked };
}

async function look(page: Page, name: string): Promise<void> {
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 900 });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    const wide = await page.evaluate('document.documentElement.scrollWidth > window.innerWidth');
    expect(wide, `${name} at ${width}`).toBe(false);
    const folder = process.env['SCREENSHOTS'];
    if (folder) await page.screenshot({ path: `${folder}/verify-${name}-${width}.png`, fullPage: true });
  }
}

describe('the verify page', () => {
  test('[R31] proves a package and whose it is, and nothing leaves the browser', async () => {
    const { page, asked } = await open();
    await look(page, 'start');
    await page.setInputFiles('#verify-keys', evidence.keys);
    await page.setInputFiles('#verify-files', filesIn(evidence.package));
    await page.getByRole('heading', { name: 'This package is genuine' }).waitFor();
    const said = await page.locator('#verify-result').innerText();
    expect(said).toContain('Westmarch Police');
    expect(said).toContain('The log names this manifest');
    expect(said).toMatch(/number \d+ in the log/);
    expect(said).toContain('What this page has not checked');
    await look(page, 'genuine');
    expect(asked).toEqual([]);
    await page.context().close();
  });

  test('its own rules keep scripts from sending anything', async () => {
    const answer = await fetch(`${service.url}/verify`);
    const rules = answer.headers.get('content-security-policy') ?? '';
    expect(rules).toContain("default-src 'none'");
    expect(rules).not.toContain('connect-src');
    const { page } = await open();
    const sent = await page.evaluate(() =>
      fetch('/verify').then(
        () => true,
        () => false,
      ),
    );
    expect(sent).toBe(false);
    await page.context().close();
  });

  test('says what is wrong with a package that was changed, and what to do', async () => {
    const { page } = await open();
    const changed = filesIn(evidence.package).map((path) => ({
      name: path.split('/').at(-1) ?? '',
      mimeType: '',
      buffer: path.endsWith('.txt') ? Buffer.from('other terms') : readFileSync(path),
    }));
    await page.setInputFiles('#verify-files', changed);
    await page.getByRole('heading', { name: 'Do not rely on this package' }).waitFor();
    expect(await page.locator('#verify-result').innerText()).toContain(
      'standard-terms.txt is not what was sent, or cannot be read',
    );
    await look(page, 'changed');
    await page.context().close();
  });

  test('proves a receipt by itself, and says that whose keys signed was not checked', async () => {
    const { page } = await open();
    await page.setInputFiles('#verify-files', join(evidence.package, 'receipt.tlog-proof'));
    await page
      .getByRole('heading', { name: 'This receipt is whole, and unchanged since it was signed' })
      .waitFor();
    const said = await page.locator('#verify-result').innerText();
    expect(said).toContain('Whose keys signed was not checked');
    expect(said, 'in words').toContain('Data sent');
    await page.setInputFiles('#verify-keys', join(evidence.package, 'standard-terms.txt'));
    await page.getByRole('heading', { name: 'standard-terms.txt is not a key page' }).waitFor();
    await page.context().close();
  });

  test('says so of a file that is neither, and what to choose', async () => {
    const { page } = await open();
    await page.setInputFiles('#verify-files', {
      name: 'minutes.txt',
      mimeType: '',
      buffer: Buffer.from('Apologies'),
    });
    await page.getByRole('heading', { name: 'This is not a receipt or a package' }).waitFor();
    expect(await page.locator('#verify-result').innerText()).toContain('manifest.json');
    await look(page, 'neither');
    await page.context().close();
  });

  test('takes files that are dropped on it', async () => {
    const { page } = await open();
    const receipt = readFileSync(join(evidence.package, 'receipt.tlog-proof'), 'utf8');
    await page.evaluate(`{
      const dropped = new DataTransfer();
      dropped.items.add(new File([${JSON.stringify(receipt)}], 'receipt.tlog-proof'));
      document.getElementById('verify-drop').dispatchEvent(new DragEvent('drop', { dataTransfer: dropped }));
    }`);
    await page.getByRole('heading', { name: 'This receipt is whole' }).waitFor();
    await page.context().close();
  });

  test('shows names and words of others as words', async () => {
    const { page } = await open();
    const name = '<img src=x onerror=alert(1)>.txt';
    await page.setInputFiles('#verify-files', [
      ...filesIn(evidence.package).map((path) => ({
        name: path.split('/').at(-1) ?? '',
        mimeType: '',
        buffer: readFileSync(path),
      })),
      { name, mimeType: '', buffer: Buffer.from('x') },
    ]);
    await page.getByRole('heading', { name: 'Do not rely on this package' }).waitFor();
    expect(await page.locator('#verify-result').innerText()).toContain('<img src=x');
    expect(await page.locator('#verify-result img').count()).toBe(0);
    await page.context().close();
  });

  test('explains the command where no script runs', async () => {
    const { page } = await open(false);
    expect(await page.locator('#verify').isVisible()).toBe(false);
    expect(await page.innerText('main')).toMatch(/chirograph verify FOLDER \\\s+--keys KEYS\.json/);
    await page.context().close();
  });
});

describe('the page and the command find the same', () => {
  test.each(['package', 'collected'] as const)('in every tampering with a %s', async (kind) => {
    const { page } = await open();
    const script = await page.locator('script[src$="verify.js"]').getAttribute('src');
    const keys = await readTrustedKeys(evidence.keys);
    const folder = evidence[kind];
    const seen: string[] = [];
    const compare = async (what: string) => {
      const files = filesIn(folder).map((path) => [
        path.slice(folder.length + 1),
        readFileSync(path).toString('base64'),
      ]);
      const inBrowser = (await page.evaluate(`(async () => {
        const { verifyChosen } = await import(${JSON.stringify(script)});
        const chosen = ${JSON.stringify(files)}.map(([name, text]) =>
          new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name));
        return (await verifyChosen(chosen, ${JSON.stringify(keys)})).checks;
      })()`)) as Check[];
      const found = inBrowser.filter(({ ok, advisory }) => !ok && !advisory).map(({ name }) => name);
      const expected = await failing(folder, evidence.keys);
      if (JSON.stringify(found) !== JSON.stringify(expected)) seen.push(`${what}: ${found} but ${expected}`);
      return found.length;
    };
    expect(await compare('untouched')).toBe(0);
    for (const path of filesIn(folder)) {
      const name = path.slice(folder.length + 1);
      const ways: Tampering[] = [...byteChanges(readFileSync(path), `browser ${name}`), ...otherLengths];
      for (const way of ways) await whileTampered(path, way, () => compare(`${name}, ${way.what}`));
    }
    expect(seen).toEqual([]);
    await page.context().close();
  });
});
