import type { Browser, Page } from 'playwright-core';
import { files } from './example.ts';
import { stepBefore, totpCode } from './sign-in.ts';

// What people do by page, without a line of JavaScript, in more than one journey.

/** How a journey goes to a page, presses a button on one, and looks at what is there. */
export type Hands = {
  visit(page: Page, path: string): Promise<void>;
  press(page: Page, name: string): Promise<void>;
  look(page: Page): Promise<void>;
};

/** A browser of somebody's own that runs no scripts. */
export async function somebodysBrowser(browser: Browser): Promise<Page> {
  return (await browser.newContext({ javaScriptEnabled: false })).newPage();
}

/** The second step of signing in for the first time: an app is set up, by the code of the step before this one. Its key. */
export async function takeUpApp(page: Page, press: Hands['press']): Promise<string> {
  const secret = (await page.locator('#secret').textContent()) ?? '';
  await page.getByLabel('Code from the app').fill(totpCode(secret, await stepBefore()));
  await press(page, 'Continue');
  await press(page, 'I have kept them: continue');
  await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
  return secret;
}

/** Somebody of the commissioner asks for stop and searches to review a complaint. The path of the request. */
export async function askForSearches({ visit, press }: Hands, page: Page): Promise<string> {
  await visit(page, '/requests/new');
  await page.getByRole('radio', { name: /Stop and search, from/ }).check();
  await page.getByRole('radio', { name: /review of a complaint/ }).check();
  await page.getByLabel('Why do you need it?').fill('To review a complaint about searches in January.');
  await press(page, 'Check your answers');
  await press(page, 'Send the request');
  return new URL(page.url()).pathname;
}

/** Somebody of the police decides to share all of it. */
export async function decideToShare({ visit, press }: Hands, page: Page, request: string): Promise<void> {
  await visit(page, request);
  await page.getByRole('radio', { name: /Share what they asked for/ }).check();
  await press(page, 'Continue');
  await page.getByLabel('Your reasons').fill('It is needed for the review, and nobody stands out.');
  await press(page, 'Send the decision');
}

/** Somebody of the police drops January's file, reads how good it is and goes on to what leaves. The path of the release. */
export async function prepareSearches(
  { visit, press, look }: Hands,
  page: Page,
  request: string,
): Promise<string> {
  await visit(page, `${request}/prepare`);
  await page.locator('input[type=file]').setInputFiles(files.stopAndSearch);
  await page.getByRole('button', { name: 'See what would leave' }).click();
  await page.waitForURL(/\/quality$/);
  await look(page);
  await press(page, 'See exactly what leaves');
  return new URL(page.url()).pathname;
}
