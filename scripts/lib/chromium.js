import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { nodeCommand } from './node.js';
import { onPath } from './on-path.js';
import { root } from './root.js';
import { run, toStderr } from './run.js';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * The path of a Chromium: CHROMIUM_PATH, or one on the PATH, or one installed here and now. Null when that fails too;
 * why it did is on stderr.
 * @returns {Promise<string | null>}
 */
export async function findChromium() {
  return process.env.CHROMIUM_PATH || present() || (await byApt()) || (await byPlaywright());
}

const present = () => names.map((name) => working(onPath(name))).find((program) => program !== null) ?? null;

/**
 * Ubuntu's `chromium-browser` can be a placeholder that only tells how to install one.
 * @param {string | undefined} program
 */
function working(program) {
  return program && spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0 ? program : null;
}

async function byApt() {
  if (process.geteuid?.() !== 0 || onPath('apt-get') === undefined) return null;
  process.stderr.write(
    'Installing Chromium with apt-get for the tests in a browser. This takes about a minute.\n',
  );
  const quietly = { stdio: toStderr, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run(['apt-get', 'update', '-qq'], quietly);
  await run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium'], quietly);
  return present();
}

async function byPlaywright() {
  process.stderr.write(
    "Installing Playwright's Chromium for the tests in a browser. This takes about a minute.\n",
  );
  const cli = join(root, 'node_modules/playwright-core/cli.js');
  await run([...nodeCommand(), cli, 'install', 'chromium'], { stdio: toStderr });
  const { chromium } = await import('playwright-core');
  return working(chromium.executablePath());
}
