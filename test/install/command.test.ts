import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyCheckout, type Program, remove, startProgram, temporaryFolder } from './checkout.ts';

let place: string;
let clone: string;

beforeAll(() => {
  place = temporaryFolder();
  clone = join(place, 'clone');
  copyCheckout(clone);
});

afterAll(() => remove(place));

/** Runs a command with no instance to work on. */
function runIn(folder: string, command: string[], before = ''): Program['ended'] {
  const { PATH = '', HOME } = process.env;
  const env = { PATH: before === '' ? PATH : [before, PATH].join(delimiter), HOME };
  return startProgram(command, { cwd: folder, env: { ...env, CHIROGRAPH_DATA: join(place, 'none') } }).ended;
}

const program = () => join(clone, 'bin/chirograph.js');

test('npx chirograph runs in the checkout, and in a folder inside it', async () => {
  for (const folder of [clone, join(clone, 'docs')]) {
    const { code, stdout } = await runIn(folder, ['npx', 'chirograph', '--help']);
    expect(stdout).toContain('chirograph');
    expect(code).toBe(0);
  }
});

test('runs in any folder, also by a link, and passes on the exit code', async () => {
  const elsewhere = join(place, 'elsewhere');
  mkdirSync(elsewhere);
  symlinkSync(program(), join(elsewhere, 'linked'));
  for (const command of [program(), join(elsewhere, 'linked')]) {
    expect((await runIn(elsewhere, [command, '--help'])).code).toBe(0);
    expect((await runIn(elsewhere, [command, 'no-such-command'])).code).not.toBe(0);
  }
});

test('installs once when the lockfile has changed since, with every word of it on stderr', async () => {
  const lockfile = join(clone, 'package-lock.json');
  const before = readFileSync(lockfile, 'utf8');
  const changed = JSON.parse(before);
  changed.packages['node_modules/pg'].integrity = 'sha512-changed';
  writeFileSync(lockfile, JSON.stringify(changed));
  const programs = join(place, 'npm-that-installs');
  mkdirSync(programs);
  writeFileSync(
    join(programs, 'npm'),
    '#!/bin/sh\necho "npm $*"\ncp package-lock.json node_modules/.package-lock.json.new\nmv node_modules/.package-lock.json.new node_modules/.package-lock.json\n',
  );
  chmodSync(join(programs, 'npm'), 0o755);

  const [one, other] = await Promise.all([
    runIn(place, [program(), '--help'], programs),
    runIn(place, [program(), '--help'], programs),
  ]);
  expect(one.stdout).toBe(other.stdout);
  expect(one.stdout).not.toContain('npm ci');
  expect(`${one.stderr}${other.stderr}`.match(/^npm ci/gm)).toHaveLength(1);
  expect(`${one.stderr}${other.stderr}`).toContain(
    "Installing Chirograph's packages from package-lock.json.",
  );
});

test('says why when the packages cannot be installed', async () => {
  const programs = join(place, 'npm-that-fails');
  mkdirSync(programs);
  writeFileSync(join(programs, 'npm'), '#!/bin/sh\nexit 7\n', { mode: 0o755 });
  remove(join(clone, 'node_modules/.package-lock.json'));
  const { code, stdout, stderr } = await runIn(place, [program(), '--help'], programs);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('The packages could not be installed: "npm ci" ended with code 7.');
});
