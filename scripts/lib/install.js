import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './root.js';
import { run, toStderr } from './run.js';

/**
 * Installs the packages of package-lock.json, if what is installed is anything else. Says so on stderr; throws when it
 * does not succeed.
 * @param {{ development: boolean }} wanted whether the packages for tests are needed too
 */
export async function install(wanted) {
  if (installed(wanted)) return;
  await oneAtATime(join(root, 'build', 'installing'), async () => {
    if (installed(wanted)) return;
    process.stderr.write(
      "Installing Chirograph's packages from package-lock.json. This takes about half a minute.\n",
    );
    const options = [
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      ...(wanted.development ? ['--include=dev'] : []),
    ];
    // Left to itself, npm takes longer to undo half an installation than to finish it.
    const code = await run(['npm', 'ci', ...options], { cwd: root, stdio: toStderr, patience: 1000 });
    if (code !== 0) throw new Error(`The packages could not be installed: "npm ci" ended with code ${code}.`);
  });
}

/**
 * Compares package-lock.json with the record that npm leaves in node_modules when it has finished: what we ask for is
 * there, and all that is there is what the lockfile says. The lockfile may list more: packages for other systems, and
 * those that npm sees no use for here.
 * @param {{ development: boolean }} wanted
 */
function installed({ development }) {
  const found = packagesIn(join(root, 'node_modules', '.package-lock.json'));
  const locked = packagesIn(join(root, 'package-lock.json')) ?? {};
  const { dependencies = {}, devDependencies = {} } = locked[''] ?? {};
  const asked = Object.keys({ ...dependencies, ...(development ? devDependencies : {}) });
  return (
    found !== null &&
    asked.every((name) => found[`node_modules/${name}`]) &&
    Object.entries(found).every(([path, { integrity }]) => locked[path]?.integrity === integrity)
  );
}

/**
 * @param {string} file
 * @returns {Record<string, { integrity?: string, dependencies?: object, devDependencies?: object }> | null}
 */
function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}

/**
 * Does the work while this process alone holds the file; a file of a process that is gone does not count.
 * @param {string} file
 * @param {() => Promise<void>} work
 */
async function oneAtATime(file, work) {
  mkdirSync(dirname(file), { recursive: true });
  while (!created(file)) {
    if (isGone(Number(readFileSync(file, 'utf8')))) rmSync(file, { force: true });
    else await sleep(500);
  }
  try {
    await work();
  } finally {
    rmSync(file);
  }
}

/** @param {string} file */
function created(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {number} pid */
function isGone(pid) {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH';
  }
}
