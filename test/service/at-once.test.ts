import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findAgreement, signAgreement } from '../../src/agreements/index.ts';
import { actorOf, type Caller } from '../../src/organisations/rules.ts';
import { approveRelease, withdrawRelease } from '../../src/releases/approve-release.ts';
import { collectRelease, prepareRelease, type Release } from '../../src/releases/index.ts';
import { packageFolder } from '../../src/releases/package-folder.ts';
import { receiptOf } from '../../src/releases/send-release.ts';
import { findRelease } from '../../src/releases/store.ts';
import { failing } from '../support/evidence.ts';
import { anExample, aWorkingDay, done, files, rulebook, type TestExample } from '../support/example.ts';

// People, browsers and commands do the same thing at the same moment: it happens once, and everybody is answered.

let example: TestExample;
let tom: Caller;
let helen: Caller;
beforeAll(async () => {
  example = await anExample();
  tom = await example.personNamed('Tom Reyes');
  helen = await example.personNamed('Helen Marsh');
});
afterAll(() => example.close());

const times = <T>(count: number, work: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)));

async function found(key: string): Promise<Release> {
  const release = await example.instance.database.read(actorOf(tom), (db) => findRelease(db, key));
  if (!release) throw new Error(`There is no release ${key}`);
  return release;
}

async function sentTo(slug: string, act: string, about: string): Promise<string[]> {
  return (await example.logOf(slug)).filter((entry) => entry.includes(act) && entry.includes(about));
}

/** A release that Dan prepared for a request of the commissioner, or several for the same request. */
async function prepared(count: number): Promise<string[]> {
  const { instance } = example;
  const request = await example.agreedRequest();
  const dan = await example.personNamed('Dan Okafor');
  return times(
    count,
    async () =>
      done(await prepareRelease(instance, rulebook, dan, request, files.stopAndSearch, null, aWorkingDay))
        .reference,
  );
}

const approve = (key: string, minute: number) =>
  approveRelease(example.instance, rulebook, tom, key, null, `2026-11-23T10:0${minute}:00.000Z`);

describe('at the same moment', () => {
  test('several approve a release: it is sent once, and the package is what the log says', async () => {
    const [reference = ''] = await prepared(1);
    const answers = await times(4, (n) => approve(reference, n));
    expect(answers.map((answer) => (answer.ok ? answer.outcome : answer.kind)).sort()).toEqual([
      'conflict',
      'conflict',
      'conflict',
      'sent',
    ]);
    expect(await sentTo('westmarch-opcc', 'release.sent', reference)).toHaveLength(1);
    expect(await failing(packageFolder(example.instance, (await found(reference)).id))).toEqual([]);
  });

  test('two releases for one request are approved: one is sent, and the other can be withdrawn', async () => {
    const both = await prepared(2);
    const answers = await times(2, (n) => approve(both[n] ?? '', n));
    expect(answers.map((answer) => (answer.ok ? answer.outcome : answer.kind)).sort()).toEqual([
      'conflict',
      'sent',
    ]);
    const left = both.filter((_, n) => !answers[n]?.ok)[0] ?? '';
    done(await withdrawRelease(example.instance, tom, left, null, aWorkingDay));
  });

  test('one approves what another withdraws: it is sent whole, or nothing of it is left', async () => {
    for (const first of ['approve', 'withdraw']) {
      const [reference = ''] = await prepared(1);
      const { id } = await found(reference);
      const withdraw = () => withdrawRelease(example.instance, tom, reference, null, aWorkingDay);
      const approval = () => approve(reference, 1);
      const answers = await Promise.all(
        first === 'approve' ? [approval(), withdraw()] : [withdraw(), approval()],
      );
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
      const { state } = await found(reference);
      const folder = packageFolder(example.instance, id);
      if (state === 'sent') expect(await failing(folder)).toEqual([]);
      else expect(() => readFileSync(join(folder, 'manifest.json'))).toThrow('ENOENT');
    }
  });

  test('both parties sign an agreement: it is signed by all', async () => {
    const { database, sealer } = example.instance;
    for (let time = 0; time < 5; time += 1) {
      const { reference } = await example.agree((agreement) => agreement, []);
      const kept = await database.read(actorOf(tom), (db) => findAgreement(db, reference));
      const signed = await Promise.all(
        [tom, helen].map((one) => signAgreement(database, sealer, one, kept?.id ?? '', null, aWorkingDay)),
      );
      expect(signed.map((one) => done(one).signed).sort()).toEqual(['by-all', 'in-part']);
      const after = await database.read(actorOf(helen), (db) => findAgreement(db, reference));
      expect(after?.state).toBe('signed');
    }
  });

  test('several collect a release: all have it, and it is collected once', async () => {
    const shared = done(await example.share());
    const recipient = await example.commandLineOf('westmarch-opcc');
    const outs = await times(4, async (n) => {
      const out = join(example.folder, `collected-${n}`);
      done(await collectRelease(example.instance, recipient, shared.reference, out, aWorkingDay));
      return out;
    });
    for (const out of outs) expect(await failing(out)).toEqual([]);
    expect(await sentTo('westmarch-opcc', 'release.collected', shared.reference)).toHaveLength(1);
    expect(example.staged()).toEqual([]);
  });

  test('several ask for a receipt that is not there yet: all have the same bytes, for ever', async () => {
    const { instance } = example;
    const release = await found(done(await example.share()).reference);
    const path = join(packageFolder(instance, release.id), 'receipt.tlog-proof');
    rmSync(path);
    const receipts = await times(8, () => receiptOf(instance, release));
    expect(new Set(receipts.map(String))).toEqual(new Set([readFileSync(path, 'utf8')]));
    expect(await failing(packageFolder(instance, release.id))).toEqual([]);
  });
});
