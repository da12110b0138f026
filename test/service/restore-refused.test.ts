import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyChecks } from '../../src/backup/code.ts';
import { type Keys, keysIn, sealersOf } from '../../src/backup/keys.ts';
import { makeBackup } from '../../src/backup/make-backup.ts';
import { readArchive } from '../../src/backup/read-archive.ts';
import { restoreBackup } from '../../src/backup/restore-backup.ts';
import type { Header } from '../../src/backup/rules.ts';
import { type Archive, writeArchive } from '../../src/backup/write-archive.ts';
import { createExample } from '../../src/main/example.ts';
import { decrypted, encrypted } from '../../src/platform/age.ts';
import { openInstance } from '../../src/platform/instance.ts';
import { instantOf } from '../../src/platform/pure/dates.ts';
import { writeWhole } from '../../src/platform/write-whole.ts';
import { aBackupPlace, opened, sumsOf } from '../support/backups.ts';
import { done } from '../support/example.ts';
import { byteChanges } from '../support/tampering.ts';

// What is not a backup of ours, whole, for these keys and this place, changes nothing.

const now = () => instantOf(new Date());
let place: Awaited<ReturnType<typeof aBackupPlace>>;
let keys: Keys;
let good: Buffer;
let header: Header;

beforeAll(async () => {
  place = await aBackupPlace();
  await opened(place.configOf('data'), async (instance) => {
    await createExample(instance);
    done(await makeBackup(instance, place.at('backup'), [place.recipient], instantOf(new Date())));
  });
  const found = await keysIn(place.at('data'));
  if (!found) throw new Error('The instance has no keys');
  keys = found;
  good = readFileSync(place.at('backup'));
  header = (await readArchive(decrypted(ReadableStream.from([good]), [place.identity]))).header;
});
afterAll(() => place.close());

/** Tries to restore bytes (the good backup, if none are given) where nothing is, and says why not. */
async function refused(
  bytes: Buffer = good,
  but: { keys?: Keys; identity?: string; env?: Record<string, string> } = {},
) {
  writeFileSync(place.at('tried'), bytes);
  const config = place.configOf('empty', but.env);
  const answer = await restoreBackup(
    config,
    but.keys ?? keys,
    place.at('tried'),
    [but.identity ?? place.identity],
    now(),
  );
  if (answer.ok) throw new Error('It was restored');
  return answer;
}

/** What is left in the folder that was tried: nothing that anybody could open. */
const left = () => (existsSync(place.at('empty')) ? readdirSync(place.at('empty')) : []);

/** An archive like ours by whoever has this sealer: an age file for the same recipient. */
async function made(
  by: Keys,
  said: Partial<Header>,
  fill: (archive: Archive) => Promise<void> = async () => {},
) {
  const { bytes, contents } = writeArchive(sealersOf(by).sealer, { ...header, ...said }, async (archive) => {
    await fill(archive);
    return {
      tables: header.tables.map(({ name }) => ({ name, rows: 0 })),
      sequences: [],
      logs: [],
      packages: 0,
      missing: [],
    };
  });
  await writeWhole(place.at('made'), encrypted(bytes, [place.recipient]));
  await contents;
  return readFileSync(place.at('made'));
}

const others: Keys = { 'master.key': Buffer.alloc(32, 1), 'pseudonym-root.key': Buffer.alloc(32, 2) };

describe('refused before anything is changed', () => {
  test('another’s identity', async () => {
    const identity = await generateX25519Identity();
    expect(await refused(good, { identity })).toMatchObject({
      kind: 'no-authority',
      code: 'backup.not-for-you',
    });
  });

  test.each<[string, keyof Keys]>([
    ['master key', 'master.key'],
    ['root of pseudonyms', 'pseudonym-root.key'],
  ])('another %s', async (_, name) => {
    const wrong = { ...keys, [name]: others[name] };
    expect(await refused(good, { keys: wrong })).toMatchObject({
      kind: 'no-authority',
      code: 'backup.other-keys',
    });
  });

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['an empty file', () => Buffer.alloc(0)],
    ['text', () => Buffer.from('a backup, honestly\n')],
    ['the tar archive without its encryption', () => byHand()],
    ['a megabyte of zeroes', () => Buffer.alloc(1 << 20)],
  ])('%s', async (_, change) => {
    expect(await refused(change(good))).toMatchObject({ kind: 'unverified', code: 'backup.not-age' });
  });

  test.each<[string, () => Buffer]>([
    ['text', () => Buffer.from('not a tar archive')],
    [
      'a tar archive of something else',
      () => execFileSync('tar', ['-c', '-C', place.folder, 'identity.txt']),
    ],
    ['nothing', () => Buffer.alloc(0)],
  ])('an age file of %s', async (_, plain) => {
    await writeWhole(place.at('other'), encrypted(ReadableStream.from([plain()]), [place.recipient]));
    expect(await refused(readFileSync(place.at('other')))).toMatchObject({ kind: 'unverified' });
  });

  test('a backup that somebody made who has the recipient’s public key and not our keys', async () => {
    const forged = await made(others, {});
    expect(await refused(forged)).toMatchObject({ kind: 'unverified', code: 'backup.not-ours' });
    const theirs = await made(others, { keys: keyChecks(sealersOf(others)) });
    expect(await refused(theirs)).toMatchObject({ code: 'backup.other-keys' });
  });

  test('one by a release that knows more migrations, or another text of one', async () => {
    const later = { name: '9999_later.sql', sha256: 'a'.repeat(64) };
    const answer = await refused(await made(keys, { migrations: [...header.migrations, later] }));
    expect(answer).toMatchObject({ kind: 'conflict', code: 'backup.other-release' });
    expect(answer.says).toContain('9999_later.sql');
    const [first, ...rest] = header.migrations;
    const changed = [{ name: first?.name ?? '', sha256: 'a'.repeat(64) }, ...rest];
    expect(await refused(await made(keys, { migrations: changed }))).toMatchObject({
      code: 'backup.other-release',
    });
    const outside = [{ name: '../../etc/passwd', sha256: 'a'.repeat(64) }];
    expect(await refused(await made(keys, { migrations: outside }))).toMatchObject({
      code: 'backup.other-release',
    });
  });

  test.each<Record<string, string>>([
    { CHIROGRAPH_MODE: 'live' },
    { DATABASE_URL: 'postgres://nobody@localhost:1/none' },
  ])('the example into a real instance: %j', async (env) => {
    expect(await refused(good, { env })).toMatchObject({ kind: 'conflict', code: 'backup.other-mode' });
  });

  test('a file that is not there', async () => {
    const answer = await restoreBackup(
      place.configOf('empty'),
      keys,
      place.at('nowhere'),
      [place.identity],
      now(),
    );
    expect(answer).toMatchObject({ ok: false, kind: 'not-found' });
  });

  afterAll(() => expect(left()).toEqual([]));
});

describe('found out while it is read, and nothing of it kept', () => {
  test('changed in any byte', async () => {
    for (const { what, apply } of byteChanges(good, 'backup')) {
      apply(place.at('changed'), good);
      const answer = await refused(readFileSync(place.at('changed')));
      expect(answer.kind, what).toMatch(/^(unverified|no-authority)$/);
    }
  });

  test.each([0.1, 0.5, 0.9, 0.999])('cut to %d of its length', async (share) => {
    expect(await refused(good.subarray(0, Math.floor(good.length * share)))).toMatchObject({
      kind: 'unverified',
    });
  });

  test('with something after its end', async () => {
    expect(await refused(Buffer.concat([good, Buffer.of(0)]))).toMatchObject({ kind: 'unverified' });
  });

  test('our own beginning with other rows behind it: whoever opened a backup cannot make another', async () => {
    const plain = byHand();
    const name = plain.indexOf('Westmarch Police');
    plain.write('Eastmarch', name);
    await writeWhole(place.at('other'), encrypted(ReadableStream.from([plain]), [place.recipient]));
    expect(await refused(readFileSync(place.at('other')))).toMatchObject({
      kind: 'unverified',
      code: 'backup.damaged',
    });
  });

  test.each<[string, string]>([
    ['a path out of the folder', 'packages/../../escaped'],
    ['a table that is not in its list', 'tables/pg_authid/000000.copy'],
    ['a file of no kind', 'anything'],
  ])('%s', async (_, path) => {
    const odd = await made(keys, {}, async (archive) => {
      await archive.add(path, Buffer.from('x'));
    });
    expect(await refused(odd)).toMatchObject({ kind: 'unverified', code: 'backup.damaged' });
    expect(existsSync(join(place.folder, 'escaped'))).toBe(false);
  });

  test('rows that its contents do not count', async () => {
    const odd = await made(keys, {}, async (archive) => {
      await archive.add('tables/answers/000000.copy', Buffer.from(''));
      await archive.add(
        'tables/instance/000000.copy',
        Buffer.from('t\texample\tkey\t2026-01-01 00:00:00+00\n'),
      );
    });
    expect(await refused(odd)).toMatchObject({ kind: 'unverified', code: 'backup.damaged' });
  });

  test('leaves a place in which the good one can be restored', async () => {
    expect(left()).toEqual(['keys', 'packages', 'postgres'].filter((name) => left().includes(name)));
    expect(left()).not.toContain('restoring');
    expect(
      await restoreBackup(place.configOf('empty'), keys, place.at('backup'), [place.identity], now()),
    ).toMatchObject({ ok: true });
  });
});

describe('an instance that is there', () => {
  test('is never written over', async () => {
    const sums = await opened(place.configOf('data'), sumsOf);
    const answer = await restoreBackup(
      place.configOf('data'),
      keys,
      place.at('backup'),
      [place.identity],
      now(),
    );
    expect(answer).toMatchObject({ ok: false, kind: 'conflict', code: 'restore.not-empty' });
    expect(await opened(place.configOf('data'), sumsOf)).toEqual(sums);
  });

  test('nor are packages without a database, or other keys', async () => {
    mkdirSync(place.at('packages-only/packages/something'), { recursive: true });
    const config = place.configOf('packages-only');
    const answer = await restoreBackup(config, keys, place.at('backup'), [place.identity], now());
    expect(answer).toMatchObject({ ok: false, code: 'restore.not-empty' });
    mkdirSync(place.at('other-keys/keys'), { recursive: true, mode: 0o700 });
    writeFileSync(place.at('other-keys/keys/master.key'), others['master.key'], { mode: 0o600 });
    const other = await restoreBackup(
      place.configOf('other-keys'),
      keys,
      place.at('backup'),
      [place.identity],
      now(),
    );
    expect(other).toMatchObject({ ok: false, code: 'restore.keys-taken' });
    expect(readFileSync(place.at('other-keys/keys/master.key'))).toEqual(others['master.key']);
  });
});

describe('a restore that was interrupted', () => {
  test('before its commit: nothing else opens the folder, and the same restore starts anew', async () => {
    mkdirSync(place.at('begun/packages.restoring'), { recursive: true });
    writeFileSync(place.at('begun/restoring'), header.id);
    await expect(openInstance(place.configOf('begun'), 'service')).rejects.toThrow('has not finished');
    const restored = await restoreBackup(
      place.configOf('begun'),
      keys,
      place.at('backup'),
      [place.identity],
      now(),
    );
    expect(restored).toMatchObject({ ok: true });
    const sums = await opened(place.configOf('data'), sumsOf);
    expect(await opened(place.configOf('begun'), sumsOf)).toEqual(sums);
  });

  test('after its commit: the same restore only finishes, and another backup is refused', async () => {
    writeFileSync(place.at('begun/restoring'), '00000000-0000-4000-8000-000000000000');
    const other = await restoreBackup(
      place.configOf('begun'),
      keys,
      place.at('backup'),
      [place.identity],
      now(),
    );
    expect(other).toMatchObject({ ok: false, code: 'restore.another-begun' });
    writeFileSync(place.at('begun/restoring'), header.id);
    const sums = await opened(place.configOf('data'), sumsOf);
    expect(
      await restoreBackup(place.configOf('begun'), keys, place.at('backup'), [place.identity], now()),
    ).toMatchObject({ ok: true });
    expect(await opened(place.configOf('begun'), sumsOf)).toEqual(sums);
    expect(existsSync(place.at('begun/restoring'))).toBe(false);
  });
});

/** What the backup's file holds, opened by other people's tools. */
function byHand(): Buffer {
  return execFileSync('age', ['-d', '-i', place.identityFile, place.at('backup')], { maxBuffer: 1 << 28 });
}
