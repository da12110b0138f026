import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keysIn } from '../../src/backup/keys.ts';
import { type Made, makeBackup } from '../../src/backup/make-backup.ts';
import { restoreBackup } from '../../src/backup/restore-backup.ts';
import { findLogSizes } from '../../src/ledger/index.ts';
import { readGone, rememberGone } from '../../src/platform/gone.ts';
import { readLastBackup } from '../../src/platform/last-backup.ts';
import { instantOf } from '../../src/platform/pure/dates.ts';
import { newId } from '../../src/platform/pure/ids.ts';
import { findInStates } from '../../src/releases/index.ts';
import { aBackupPlace, bytesUnder, catalogueOf, opened, sumsOf } from '../support/backups.ts';
import { done } from '../support/example.ts';
import { twoBodies } from '../support/two-bodies.ts';
import { faultsOf } from '../support/wall.ts';

// What a backup holds, what a restore puts back, and that nothing else comes of either.

let place: Awaited<ReturnType<typeof aBackupPlace>>;
let made: Made;
let sums: Record<string, string>;
let packages: Record<string, string>;
const now = () => instantOf(new Date());

beforeAll(async () => {
  place = await aBackupPlace();
  await opened(place.configOf('data'), async (instance) => {
    await twoBodies({ instance });
    sums = await sumsOf(instance);
    packages = bytesUnder(instance.folders.packages);
    made = done(await makeBackup(instance, place.at('backup'), [place.recipient], now()));
    expect(await sumsOf(instance), 'backing up changes nothing').toEqual(sums);
  });
});
afterAll(() => place.close());

async function keys() {
  const found = await keysIn(place.at('data'));
  if (!found) throw new Error('The instance has no keys');
  return found;
}

const restoring = async (name: string, file = place.at('backup')) =>
  restoreBackup(place.configOf(name), await keys(), file, [place.identity], now());

describe('a backup', () => {
  test('says what it holds: every row, every file, how long each log is', async () => {
    const rows = Object.fromEntries(made.contents.tables.map((table) => [table.name, table.rows]));
    const counted = Object.entries(sums).filter(([name]) => name in rows);
    expect(rows).toEqual(Object.fromEntries(counted.map(([name, sum]) => [name, Number(sum.split(' ')[0])])));
    expect(counted.length).toBe(Object.keys(sums).length - made.contents.sequences.length);
    expect(made.contents.missing).toEqual([]);
    await opened(place.configOf('data'), async (instance) => {
      expect(made.contents.logs).toEqual(await instance.asOwner(({ db }) => findLogSizes(db)));
    });
  });

  test('is private, whole, and alone in its folder', () => {
    expect(statSync(made.path).mode & 0o777).toBe(0o600);
    expect(readdirSync(place.folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('is read by other people’s age, tar and sha256sum', () => {
    const folder = place.at('by-hand');
    mkdirSync(folder);
    const tar = execFileSync('age', ['-d', '-i', place.identityFile, made.path], { maxBuffer: 1 << 28 });
    execFileSync('tar', ['-x', '-C', folder], { input: tar });
    const summed = execFileSync('sh', ['-c', 'cat sums/* | sha256sum --check --strict'], { cwd: folder });
    expect(summed.toString().trim().split('\n').length).toBe(made.contents.files);
    expect(bytesUnder(join(folder, 'packages'))).toEqual(packages);
    expect(readFileSync(join(folder, 'tables/organisations/000000.copy'), 'utf8')).toContain(
      'Westmarch Police',
    );
  });

  test('holds no key of the instance', async () => {
    const tar = execFileSync('age', ['-d', '-i', place.identityFile, made.path], { maxBuffer: 1 << 28 });
    for (const key of Object.values(await keys())) {
      expect(tar.includes(key)).toBe(false);
      expect(tar.includes(key.toString('hex'))).toBe(false);
    }
  });

  test('is remembered where it can be read without the database', async () => {
    const { madeAt, path, bytes, contents } = made;
    const kept = await readLastBackup(place.at('data'));
    expect(kept).toMatchObject({ madeAt, file: path, bytes, logs: contents.logs, missing: 0 });
    expect(await readLastBackup(place.at('fresh'))).toBe(null);
  });
});

describe('a restore', () => {
  test('puts back every table, sequence and file, byte for byte, and every guard', async () => {
    expect(await restoring('restored')).toMatchObject({ ok: true });
    await opened(place.configOf('restored'), async (instance) => {
      expect(await sumsOf(instance)).toEqual(sums);
      expect(bytesUnder(instance.folders.packages)).toEqual(packages);
      await opened(place.configOf('fresh'), async (fresh) => {
        const asNew = await fresh.asOwner(({ client }) => catalogueOf(client));
        expect(await instance.asOwner(({ client }) => catalogueOf(client))).toEqual(asNew);
      });
      expect(await instance.asOwner(({ client }) => faultsOf(client))).toEqual([]);
    });
    expect(readdirSync(place.at('restored')).sort()).toEqual([
      'checkpoints',
      'keys',
      'packages',
      'postgres',
      'staging',
    ]);
  });

  test('erases again whoever was erased since, and names what was destroyed since', async () => {
    mkdirSync(place.at('older'));
    const { person, release } = await opened(place.configOf('data'), async (instance) => {
      const found = await instance.asOwner(async ({ client, db }) => {
        const { rows } = await client.query<{ id: string }>(
          `select id from people where name = 'Priya Shah' and exists (select from ledger_salts where person_id = id)
           union all select id from people where name = 'Tom Reyes' limit 1`,
        );
        return { person: rows[0]?.id ?? '', release: (await findInStates(db, ['collected'], null))[0] };
      });
      const { folders } = instance;
      await rememberGone(folders.data, 'person', [found.person, newId()]);
      await rememberGone(folders.data, 'release', [found.release?.id ?? '']);
      return found;
    });
    cpSync(place.at('data/gone'), place.at('older/gone'));
    const restored = done(await restoring('older'));
    expect(restored.since).toEqual({ erasedAgain: 1, destroyed: [release?.reference] });
    await opened(place.configOf('older'), (instance) =>
      instance.asOwner(async ({ client }) => {
        const { rows } = await client.query(
          `select name, email, erased_at is not null as erased,
             (select count(*) from ledger_salts where person_id = people.id) as salts from people where id = $1`,
          [person],
        );
        expect(rows).toEqual([{ name: null, email: null, erased: true, salts: 0 }]);
      }),
    );
    expect(await readGone(place.at('older'), 'person')).toEqual(await readGone(place.at('data'), 'person'));
  });
});
