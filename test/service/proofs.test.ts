import { chmodSync, cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendToLedger } from '../../src/ledger/index.ts';
import { actorOf, type Caller } from '../../src/organisations/rules.ts';
import { verifyPath } from '../../src/overview/verify.ts';
import { sha256Hex } from '../../src/platform/pure/hash.ts';
import { collectRelease, destroyRelease, type Release } from '../../src/releases/index.ts';
import { proofOf } from '../../src/releases/send-release.ts';
import { findRelease, partiesOf } from '../../src/releases/store.ts';
import { failing } from '../support/evidence.ts';
import { anExample, aWorkingDay, done, type TestExample } from '../support/example.ts';

// What each body's log proves: by itself, for ever, and only what that body did.

let example: TestExample;
let police: Caller;
let commissioner: Caller;
let collected: string;
let release: Release;

beforeAll(async () => {
  example = await anExample();
  police = await example.commandLineOf('westmarch-police');
  commissioner = await example.commandLineOf('westmarch-opcc');
  const { instance, folder } = example;
  const shared = done(await example.share());
  collected = join(folder, 'collected');
  done(await collectRelease(instance, commissioner, shared.reference, collected, aWorkingDay));
  done(await destroyRelease(instance, commissioner, shared.reference, 'Shredded', null, aWorkingDay));
  const found = await instance.database.read(actorOf(police), (db) => findRelease(db, shared.reference));
  if (!found) throw new Error('What was shared is not there');
  release = found;
});
afterAll(() => example.close());

/** A body's proof of an act, in a file. */
async function proofBy(body: Caller, act: string | null): Promise<string> {
  const path = join(example.folder, `${act}-${body.organisation.slug}.tlog-proof`);
  writeFileSync(path, await proofOf(example.instance, body.organisation.id, act ?? ''));
  return path;
}

describe('one proof alone', () => {
  test('of each step of a release verifies without keys, from the log of either party [R31]', async () => {
    for (const act of [release.sentAct, release.collectedAct, release.destroyedAct]) {
      for (const body of [police, commissioner]) expect(await failing(await proofBy(body, act))).toEqual([]);
    }
  });

  test('that does not hold the key of its log says that it needs a key page, and fails', async () => {
    const [created = ''] = await example.logOf('westmarch-police');
    const verified = await verifyPath(
      await proofBy(police, (JSON.parse(created) as { id: string }).id),
      null,
    );
    const check = verified?.checks.find(({ name }) => name === 'keys-trusted');
    expect(check).toMatchObject({ ok: false, detail: expect.stringContaining('--keys') });
    expect(check?.advisory).toBeUndefined();
  });
});

describe('the recipient’s proof that it collected', () => {
  /** The collected folder, with a proof that a body has made for itself in the place of the right one. */
  async function withProofOf(body: Caller, manifest: string): Promise<string> {
    const act = await example.instance.database.write(actorOf(body), (tx) =>
      appendToLedger(tx, {
        act: 'release.collected',
        at: aWorkingDay,
        by: body.organisation.id,
        parties: partiesOf(release),
        personId: null,
        subject: { type: 'release', id: release.id },
        detail: { manifest: `sha256:${manifest}` },
      }),
    );
    const folder = join(example.folder, `with-${act}`);
    cpSync(collected, folder, { recursive: true });
    cpSync(await proofBy(commissioner, act), join(folder, 'collected.tlog-proof'));
    return folder;
  }
  const sent = () => sha256Hex(release.manifest ?? '');

  test('is of its own act: the sender cannot acknowledge in its place [R31]', async () => {
    expect(await failing(await withProofOf(commissioner, sent()))).toEqual([]);
    expect(await failing(await withProofOf(police, sent()))).toEqual(['collected.tlog-proof']);
  });

  test('is of what was sent, and of nothing else in the same release', async () => {
    const other = sha256Hex('another manifest');
    expect(await failing(await withProofOf(commissioner, other))).toEqual(['collected.tlog-proof']);
  });
});

test('what cannot be read fails by name, and is no fault', async () => {
  chmodSync(example.folder, 0o755);
  for (const [name, expected] of [
    ['manifest.json', 'manifest'],
    ['receipt.tlog-proof', 'receipt'],
    ['collected.tlog-proof', 'collected.tlog-proof'],
    ['standard-terms.txt', 'hash standard-terms.txt'],
    ['.', 'manifest'],
  ] as const) {
    const folder = join(example.folder, `unreadable-${expected}-${name}`);
    cpSync(collected, folder, { recursive: true });
    for (const file of readdirSync(folder)) chmodSync(join(folder, file), 0o644);
    chmodSync(folder, 0o755);
    chmodSync(join(folder, name), 0);
    const found = await asAnybody(() => failing(folder));
    chmodSync(join(folder, name), 0o755);
    expect(found, name).toContain(expected);
  }
});

/** Does something as a user who owns nothing: root would read everything. */
async function asAnybody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
