import { type Browser, chromium } from 'playwright-core';

/** A Chromium: the one that `npm test` found, or the system's. */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
