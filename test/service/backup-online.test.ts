import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Keys, keysIn } from '../../src/backup/keys.ts';
import { makeBackup } from '../../src/backup/make-backup.ts';
import { restoreBackup } from '../../src/backup/restore-backup.ts';
import { createExample } from '../../src/main/example.ts';
import type { Caller } from '../../src/organisations/rules.ts';
import { type Instance, openInstance } from '../../src/platform/instance.ts';
import { instantOf } from '../../src/platform/pure/dates.ts';
import {
  collectRelease,
  destroyRelease,
  findPackages,
  shareData,
  verifyPackage,
} from '../../src/releases/index.ts';
import { aBackupPlace, opened, sumsOf } from '../support/backups.ts';
import { aWorkingDay, callerOf, done, rulebook, usualShare } from '../support/example.ts';

// People go on sharing, collecting and destroying while backups are made: each of these is one moment, whole.

const now = () => instantOf(new Date());
let place: Awaited<ReturnType<typeof aBackupPlace>>;
let instance: Instance;
let keys: Keys;
let police: Caller;
let commissioner: Caller;
let shared = 0;

beforeAll(async () => {
  place = await aBackupPlace();
  instance = await openInstance(place.configOf('data'), 'creating command');
  await createExample(instance);
  const found = await keysIn(place.at('data'));
  if (!found) throw new Error('The instance has no keys');
  keys = found;
  police = await callerOf(instance.database, 'westmarch-police');
  commissioner = await callerOf(instance.database, 'westmarch-opcc');
});
afterAll(async () => {
  await instance.close();
  place.close();
});

async function share(): Promise<string> {
  shared += 1;
  const given = usualShare(place.at(`out-${shared}`));
  const sent = done(await shareData(instance, rulebook, police, given, aWorkingDay));
  if (sent.outcome !== 'sent') throw new Error('It was not sent');
  return sent.id;
}

/** Releases that were destroyed, perhaps between the moment of a backup and the reading of their files. */
const gone = new Set<string>();

async function collectAndDestroy(id: string): Promise<void> {
  done(await collectRelease(instance, commissioner, id, place.at(`in-${id}`), aWorkingDay));
  gone.add(id);
  done(await destroyRelease(instance, commissioner, id, 'deleted', null, aWorkingDay));
}

const backUp = async (name: string) =>
  done(await makeBackup(instance, place.at(name), [place.recipient], instantOf(new Date())));

test('each backup that was made meanwhile is restored whole, with every package that its releases had', async () => {
  let going = true;
  const people = [1, 2].map(async () => {
    while (going) {
      const kept = await share();
      const gone = await share();
      await Promise.all([collectAndDestroy(gone), share()]);
      expect(kept).toBeTruthy();
    }
  });
  const names = ['first', 'second', 'third'];
  try {
    for (const name of names) {
      expect((await backUp(name)).contents.missing, name).toEqual([]);
      await share();
    }
  } finally {
    going = false;
    await Promise.all(people);
  }
  for (const name of names) {
    const restored = done(
      await restoreBackup(place.configOf(`from-${name}`), keys, place.at(name), [place.identity], now()),
    );
    expect(restored.troubles, 'every log was proved').toEqual([]);
    await opened(place.configOf(`from-${name}`), async (there) => {
      const { held, wrong } = await packagesOf(there);
      expect({ name, wrong }).toEqual({ name, wrong: [] });
      // Nothing of a release that the backup does not know.
      expect(readdirSync(there.folders.packages).sort()).toEqual(held.sort());
    });
  }
});

/** The releases that have a package, and what is wrong with any of those that were sent. */
async function packagesOf(there: Instance): Promise<{ held: string[]; wrong: string[] }> {
  const found = await there.asOwner(async ({ db }) => {
    const all = [];
    for await (const contents of findPackages(db)) all.push(contents);
    return all;
  });
  const wrong: string[] = [];
  for (const { releaseId, files: expected } of found) {
    const folder = join(there.folders.packages, releaseId);
    const names = readdirSync(folder);
    wrong.push(
      ...expected
        .filter(({ name }) => !names.includes(name) && !(gone.has(releaseId) && name.endsWith('.age')))
        .map(({ name }) => `${releaseId} has no ${name}`),
    );
    const destroyed = gone.has(releaseId) || !expected.some(({ name }) => name.endsWith('.age'));
    if (destroyed || !names.includes('receipt.tlog-proof')) continue;
    const { checks } = await verifyPackage(folder, null);
    wrong.push(
      ...checks.filter((check) => !check.ok && !check.advisory).map((check) => `${releaseId}: ${check.name}`),
    );
  }
  return { held: found.map(({ releaseId }) => releaseId), wrong };
}

test('names a file that is missing though it was sent, and has everything else', async () => {
  const id = await share();
  await rm(join(instance.folders.packages, id, 'stop-and-search.csv.age'));
  const made = await backUp('holed');
  expect(made.contents.missing).toEqual([
    expect.stringMatching(/^REL-\d{4}-\d{4}: stop-and-search.csv.age$/),
  ]);
  const sums = await sumsOf(instance);
  expect(
    await restoreBackup(place.configOf('from-holed'), keys, place.at('holed'), [place.identity], now()),
  ).toMatchObject({ ok: true });
  expect(await opened(place.configOf('from-holed'), sumsOf)).toEqual(sums);
});
