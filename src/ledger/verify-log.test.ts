import { existsSync } from 'node:fs';
import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aLog } from './a-log.fixture.ts';
import { signCheckpoint } from './checkpoint.ts';
import { verifyLog } from './verify-log.ts';
import { writeLog } from './write-log.ts';

const log = aLog(600);
let work: string;
let whole: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'ledger-'));
  whole = join(work, 'whole');
  await writeLog(whole, log.toWrite);
});
afterAll(() => rm(work, { recursive: true }));

describe('a written log', () => {
  test('is the folder that c2sp.org/tlog-tiles describes', async () => {
    expect(await filesOf(whole)).toEqual([
      'checkpoint',
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/88',
      'tile/1/000.p/2',
      'tile/entries/000',
      'tile/entries/001',
      'tile/entries/002.p/88',
      'vkey',
    ]);
  });

  test('verifies, and says whose it is [R31]', async () => {
    const { checks, vkey } = await verifyLog(whole);
    expect(checks.map((check) => [check.name, check.ok])).toEqual(
      ['log-key', 'log-checkpoint', 'log-entries', 'log-root', 'log-tiles', 'log-files'].map((name) => [
        name,
        true,
      ]),
    );
    expect(vkey).toBe(log.vkey);
    expect(checks[1]?.detail).toBe(`Signed by ${log.origin} at 600 entries.`);
  });

  test.each([0, 1, 255, 256, 257, 512])('verifies at %i entries', async (size) => {
    const folder = join(work, `of-${size}`);
    await writeLog(folder, aLog(size).toWrite);
    expect(await failing(folder)).toEqual([]);
  });

  test('is not written over something else, and nothing is left behind', async () => {
    expect(await writeLog(whole, log.toWrite)).toBe(false);
    expect((await readdir(work)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('is not written at all where the entries are not those that were signed', async () => {
    const forged = { ...log.toWrite, entries: aLog(600, 1000).toWrite.entries };
    await expect(writeLog(join(work, 'forged'), forged)).rejects.toThrow('do not give the root');
    expect(existsSync(join(work, 'forged'))).toBe(false);
  });
});

describe('whatever is done to any file, a check that says so fails', () => {
  test('a changed byte, a cut end, an added byte, a removed file', async () => {
    for (const path of await filesOf(whole)) {
      const size = (await readFile(join(whole, path))).length;
      for (const at of [0, Math.floor(size / 3), Math.floor(size / 2), size - 1]) {
        const changed = await failingAfter(async (folder) => {
          const bytes = await readFile(join(folder, path));
          bytes[at] = (bytes[at] ?? 0) ^ 0x20;
          await writeFile(join(folder, path), bytes);
        });
        expect(changed, `${path} at ${at}`).not.toEqual([]);
      }
      expect(await failingAfter((folder) => truncate(join(folder, path), size - 1)), path).not.toEqual([]);
      expect(await failingAfter((folder) => appendFile(join(folder, path), '\n')), path).not.toEqual([]);
      expect(await failingAfter((folder) => rm(join(folder, path))), path).not.toEqual([]);
    }
  });

  test.each<[string, string[], (folder: string) => Promise<unknown>]>([
    ['a file beside', ['log-files'], (folder) => writeFile(join(folder, 'README'), 'hello')],
    ['a file deep inside', ['log-files'], (folder) => put(folder, 'tile/0/x001/000', 'hello')],
    ['an empty file', ['log-files'], (folder) => writeFile(join(folder, 'tile/0/003'), '')],
    ['an empty folder', ['log-files'], (folder) => mkdir(join(folder, 'tile/2'))],
    ['a shorter partial tile', ['log-files'], (folder) => put(folder, 'tile/0/002.p/87', 'hello')],
    ['a symbolic link beside', ['log-files'], (folder) => symlink('vkey', join(folder, 'key'))],
    ['a huge file', ['log-files'], (folder) => writeFile(join(folder, 'huge'), Buffer.alloc(2_000_000))],
    ['a changed tile', ['log-tiles'], (folder) => writeFile(join(folder, 'tile/0/001'), Buffer.alloc(8192))],
    ['an entry that is not one', ['log-entries'], (folder) => put(folder, 'tile/entries/000', 'hello')],
  ])('%s', async (_, names, change) => {
    expect(await failingAfter(change)).toEqual(expect.arrayContaining(names));
  });

  test('a tile that is a symbolic link to the right bytes', async () => {
    const names = await failingAfter(async (folder) => {
      await rename(join(folder, 'tile/0/001'), join(work, 'elsewhere'));
      await symlink(join(work, 'elsewhere'), join(folder, 'tile/0/001'));
    });
    expect(names).toEqual(['log-tiles', 'log-files']);
  });

  test('other entries with the tiles made to fit: the signed root says no', async () => {
    const names = await failingAfter(async (folder) => {
      await rm(folder, { recursive: true });
      await writeLog(folder, aLog(600, 1000).toWrite);
      await cp(join(whole, 'vkey'), join(folder, 'vkey'));
      await cp(join(whole, 'checkpoint'), join(folder, 'checkpoint'));
    });
    expect(names).toEqual(['log-root']);
  });

  test('the same log signed by another key: the checkpoint says no', async () => {
    const names = await failingAfter((folder) => writeFile(join(folder, 'checkpoint'), aLog(600).checkpoint));
    expect(names).toEqual(expect.arrayContaining(['log-checkpoint']));
  });

  test('a checkpoint of more entries than there are, by the log itself, costs nothing to refuse', async () => {
    const names = await failingAfter(async (folder) => {
      const claim = { origin: log.origin, size: Number.MAX_SAFE_INTEGER, root: Buffer.alloc(32) };
      await writeFile(join(folder, 'checkpoint'), signCheckpoint(claim, log.privateKey));
    });
    expect(names).toEqual(expect.arrayContaining(['log-entries', 'log-root', 'log-files']));
  });
});

async function failing(folder: string): Promise<string[]> {
  return (await verifyLog(folder)).checks.filter((check) => !check.ok).map((check) => check.name);
}

async function failingAfter(change: (folder: string) => Promise<unknown>): Promise<string[]> {
  const folder = join(work, 'changed');
  await cp(whole, folder, { recursive: true });
  try {
    await change(folder);
    return await failing(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

async function put(folder: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}
