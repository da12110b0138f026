import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { look, openBrowser } from '../support/browser.ts';
import { type Service, startService } from '../support/service.ts';

// An agreement started from a template by page, in a browser without scripts: chosen, filled in, mended, proposed.

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

async function signedIn(name: string): Promise<Page> {
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await page.goto(service.url);
  await page.getByRole('button', { name: `Sign in as ${name}` }).click();
  return page;
}

const typed: Record<string, string> = {
  'Reference, in capitals, such as ISA-2027-001': 'ISA-2027-001',
  'Post that looks after this agreement': 'Head of Information Governance, Westmarch Police',
  'First day, such as 2027-01-04': '2027-01-04',
  'Last day, such as 2030-01-03': '2030-01-03',
  'Its objectives are … (so exactly that somebody could tell what is outside them)':
    'to see who is searched.',
  'Appropriate policy document of the police: its reference': 'APD-07',
  'Appropriate policy document of the Commissioner: its reference': 'APD-02',
};

test('what is known is filled in, what is left open is said by its line, and when nothing is it is proposed', async () => {
  const page = await signedIn('Tom Reyes');
  await page.goto(`${service.url}/agreements`);
  await page.getByRole('button', { name: 'Start from a template' }).click();
  await look(page);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('link', { name: 'Choose what to start from' }).waitFor();
  await look(page);

  await page.getByLabel('Police, and police and crime commissioner').check();
  await page.getByLabel('Westmarch Police and Crime Commissioner', { exact: true }).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  expect(await page.getByText('as in ISA-2026-001').count()).toBeGreaterThan(1);
  expect(await page.getByLabel('The police', { exact: true }).isChecked()).toBe(true);
  await look(page);

  await page.getByLabel('Stop and search').check();
  for (const [label, value] of Object.entries(typed))
    await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole('button', { name: 'Make the draft' }).click();
  await page.getByRole('heading', { level: 1, name: 'Propose an agreement' }).waitFor();
  await look(page);
  const draft = await page.getByLabel('The agreement, pasted').inputValue();
  expect(draft).toContain('email: dpo@westmarch-opcc.example');
  expect(draft).toContain('reference: ISA-2027-001');
  expect(draft.replaceAll(/\s+/g, ' ')).toContain(
    '(b) Its objectives are to see who is searched. (c) The Commissioner',
  );
  expect(draft).not.toContain('id: street-crime');
  expect(await page.getByRole('rowheader').filter({ hasText: 'terms.dpia[0].screenedOn' }).count()).toBe(1);

  await page.getByRole('button', { name: 'Check it' }).click();
  expect(await page.getByText('things to put right before it can be proposed').count()).toBeGreaterThan(0);
  await page.getByLabel('The agreement, pasted').fill(mended(draft));
  await page.getByRole('button', { name: 'Check it' }).click();
  await page.getByRole('heading', { name: 'It is whole: every check passes' }).waitFor();
  await page.getByRole('button', { name: 'Propose this agreement' }).click();
  await page.getByText('ISA-2027-001 is before its parties').waitFor();
  await page.context().close();
});

test('a data set that would go the other way is asked about again, with what was typed', async () => {
  const page = await signedIn('Tom Reyes');
  await page.goto(`${service.url}/agreements/start?template=opcc-police&with=westmarch-opcc`);
  await page.getByLabel('The Commissioner', { exact: true }).check();
  await page.getByLabel('Street-level crime').check();
  await page.getByLabel('First day, such as 2027-01-04', { exact: true }).fill('2027-02-01');
  await page.getByRole('button', { name: 'Make the draft' }).click();
  await page.getByRole('link', { name: '“Street-level crime” would go the other way' }).waitFor();
  expect(await page.getByLabel('First day, such as 2027-01-04', { exact: true }).inputValue()).toBe(
    '2027-02-01',
  );
  await look(page);
  await page.context().close();
});

test('a body with which there is nothing yet is found by its name, and stands open in the draft', async () => {
  const page = await signedIn('Tom Reyes');
  await page.goto(`${service.url}/agreements/start`);
  await page.getByLabel('Council and police').check();
  await page.getByLabel('Another organisation').fill('avonbury');
  await page.getByRole('button', { name: 'Continue' }).click();
  expect(await page.getByLabel('Avonbury Council').isChecked()).toBe(true);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('nothing but its name here').waitFor();
  await page.getByLabel('The police', { exact: true }).check();
  await page.getByRole('button', { name: 'Make the draft' }).click();
  const draft = await page.getByLabel('The agreement, pasted').inputValue();
  expect(draft).toContain('organisation: avonbury-council');
  expect(draft).toContain('[say the legal name of the council]');
  expect(draft).toContain('legalName: Chief Constable of Westmarch Police');
  await page.context().close();
});

/** What is still open, said, also where a line ends in it: days and choices where the terms have them, words elsewhere. */
function mended(draft: string): string {
  return draft
    .replaceAll(/\[say\s+the\s+day[^\]]*\]/g, '2026-11-02')
    .replaceAll(/\[say\s+the\s+outcome[^\]]*\]/g, 'dpia-done')
    .replaceAll(/\[say\s[^\]]*\]/g, 'what was agreed');
}
