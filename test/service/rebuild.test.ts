import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { integratePending } from '../../src/ledger/index.ts';
import { sha256Hex } from '../../src/platform/pure/hash.ts';
import {
  approveRelease,
  collectRelease,
  destroyRelease,
  prepareRelease,
  rebuildRelease,
} from '../../src/releases/index.ts';
import { recipientFiles } from '../../src/releases/rules.ts';
import { anExample, aWorkingDay, done, files, rulebook, type TestExample } from '../support/example.ts';

// A release can be collected again as it was stored, and made again as it was sent, by its sender alone.

let example: TestExample;
beforeAll(async () => {
  example = await anExample();
});
afterAll(() => example.close());

const years: string = '2033-03-01T09:00:00.000Z';

/** A release that was sent and collected: its reference, and the folder it was collected into. */
async function collected(agreement: string, dataSet: string, input: string, name: string) {
  const shared = done(await example.share({ agreement, dataSet, input }));
  if (shared.outcome !== 'sent') throw new Error(JSON.stringify(shared.evaluation.findings));
  const out = join(example.folder, name);
  const recipient = await example.commandLineOf('westmarch-opcc');
  done(await collectRelease(example.instance, recipient, shared.id, out, aWorkingDay));
  return { reference: shared.reference, id: shared.id, out, recipient };
}

/** The hash of each file that was sent, encrypted and opened. The recipient's own proofs are of its log as it is when they are made. */
function contents(folder: string): Record<string, string> {
  const own: string[] = Object.values(recipientFiles);
  const sent = readdirSync(folder).filter((name) => !own.includes(name));
  expect(sent).toContain('receipt.tlog-proof');
  return Object.fromEntries(sent.map((name) => [name, sha256Hex(readFileSync(join(folder, name)))]));
}

async function rebuilt(reference: string, input: string, out: string, as = 'westmarch-police') {
  const caller = await example.commandLineOf(as);
  return rebuildRelease(
    example.instance,
    caller,
    reference,
    { input, out: join(example.folder, out) },
    years,
  );
}
async function actsOf(slug: string, reference: string): Promise<string[]> {
  await integratePending(example.instance);
  const entries = (await example.logOf(slug)).map((entry) => JSON.parse(entry));
  return entries.filter(({ detail }) => detail.reference === reference).map(({ act }) => act);
}

describe('collected again', () => {
  test('is the same bytes, of every file that was sent, and adds nothing to the logs', async () => {
    const { reference, out, recipient } = await collected(
      'ISA-2026-001',
      'stop-and-search',
      files.stopAndSearch,
      'once',
    );
    const acts = await actsOf('westmarch-opcc', reference);
    const again = join(example.folder, 'again');
    done(await collectRelease(example.instance, recipient, reference, again, years));
    expect(contents(again)).toEqual(contents(out));
    expect(await actsOf('westmarch-opcc', reference)).toEqual(acts);
  });

  test('after it was cut off, is the same bytes', async () => {
    const shared = done(await example.share());
    if (shared.outcome !== 'sent') throw new Error('Not sent');
    const recipient = await example.commandLineOf('westmarch-opcc');
    const { instance } = example;
    const taken = join(example.folder, 'taken');
    mkdirSync(join(taken, 'something'), { recursive: true });
    const cutOff = collectRelease(instance, recipient, shared.id, taken, aWorkingDay);
    await expect(cutOff).rejects.toThrow(/is collected, and both logs say so/);
    const [first, second] = ['after', 'after-again'].map((name) => join(example.folder, name));
    for (const out of [first, second]) {
      done(await collectRelease(instance, recipient, shared.id, out ?? '', aWorkingDay));
    }
    expect(contents(first ?? '')).toEqual(contents(second ?? ''));
    expect(
      (await actsOf('westmarch-opcc', shared.reference)).filter((act) => act === 'release.collected'),
    ).toHaveLength(1);
  });
});

describe('made again by its sender', () => {
  test.each([
    ['csv', 'people'],
    ['xlsx', 'machines'],
    ['parquet', 'machines'],
  ] as const)(
    'as %s for %s: to the byte, years after it was destroyed, as on the day it was made',
    async (output, readBy) => {
      // Data of three years ago would be too old today: ages count from the day it was made.
      const { reference } = await example.agreeOn((one) => ({
        ...one,
        output,
        readBy,
        ...(one.id === 'stop-and-search' && { checks: [{ check: 'age', field: 'Date', most: 'P3Y' }] }),
      }));
      for (const [dataSet, input] of [
        ['stop-and-search', files.stopAndSearch],
        ['street-crime', files.streetCrime],
      ] as const) {
        const release = await collected(reference, dataSet, input, `${output}-${dataSet}`);
        const sent = readFileSync(join(release.out, `${dataSet}.${output}`));
        rmSync(release.out, { recursive: true });
        done(
          await destroyRelease(example.instance, release.recipient, release.id, 'deleted', null, aWorkingDay),
        );
        const out = `rebuilt-${output}-${dataSet}`;
        const answer = done(await rebuilt(release.reference, input, out));
        expect(answer).toMatchObject({ same: true, sha256: sha256Hex(sent) });
        expect(readdirSync(join(example.folder, out))).toEqual([`${dataSet}.${output}`]);
        expect(readFileSync(join(example.folder, out, `${dataSet}.${output}`)).equals(sent)).toBe(true);
        expect((await actsOf('westmarch-police', release.reference)).at(-1)).toBe('release.rebuilt');
        expect(await actsOf('westmarch-opcc', release.reference)).not.toContain('release.rebuilt');
      }
      expect(example.staged()).toEqual([]);
    },
  );

  test('as on the day it was prepared, in London, where it was approved on a later one', async () => {
    // The newest row is of 31 January 2024: good enough until the end of 31 July 2026, and not a day longer.
    const { reference: agreement } = await example.agreeOn((one) =>
      one.id === 'stop-and-search'
        ? { ...one, checks: [{ check: 'age', field: 'Date', most: 'P2Y6M' }] }
        : one,
    );
    const lateInTheEvening = '2026-07-31T22:30:00.000Z';
    const afterMidnight = '2026-07-31T23:30:00.000Z';
    const tooLate = await preparedOn(agreement, afterMidnight);
    expect(tooLate.refused).toBe(true);
    const { reference } = await preparedOn(agreement, lateInTheEvening);
    await isMadeAgainAsSent(reference, '2026-08-04T09:00:00.000Z');
  });

  test('with the larger groups that it was prepared with', async () => {
    const { reference: agreement } = await example.agreeOn((one) => ({
      ...one,
      ...(one.protection && { protection: { ...one.protection, suppressionLimit: 0.5 } }),
    }));
    const { reference } = await preparedOn(agreement, aWorkingDay, 10);
    await isMadeAgainAsSent(reference, aWorkingDay);
  });

  /** What Dan prepares of January's stop and searches, at a moment; `k`: in groups larger than agreed. */
  async function preparedOn(agreement: string, moment: string, k: number | null = null) {
    const request = await example.agreedRequest({ agreement, now: moment });
    const dan = await example.personNamed('Dan Okafor');
    const { instance } = example;
    const input = files.stopAndSearch;
    return done(await prepareRelease(instance, rulebook, dan, request, input, null, moment, { k }));
  }

  /** Tom approves a release at a moment, it is collected, and what its sender makes again is that, byte for byte. */
  async function isMadeAgainAsSent(reference: string, moment: string) {
    const { instance, folder } = example;
    const tom = await example.personNamed('Tom Reyes');
    const approved = done(await approveRelease(instance, rulebook, tom, reference, null, moment));
    expect(approved.outcome).toBe('sent');
    const recipient = await example.commandLineOf('westmarch-opcc');
    const [collected, again] = [join(folder, `sent-${reference}`), `again-${reference}`];
    done(await collectRelease(instance, recipient, reference, collected, moment));
    expect(done(await rebuilt(reference, files.stopAndSearch, again))).toMatchObject({ same: true });
    const name = 'stop-and-search.csv';
    const sent = readFileSync(join(collected, name));
    expect(readFileSync(join(folder, again, name)).equals(sent)).toBe(true);
  }
});

describe('is not made again', () => {
  let reference: string;
  beforeAll(async () => {
    ({ reference } = await collected('ISA-2026-001', 'stop-and-search', files.stopAndSearch, 'for-no'));
  });

  test('from another file: it says which it was, what differs, and writes nothing', async () => {
    const other = join(example.folder, 'other.csv');
    const lines = readFileSync(files.stopAndSearch, 'utf8').split('\n');
    writeFileSync(other, lines.filter((_, at) => at !== 5).join('\n'));
    const answer = done(await rebuilt(reference, other, 'never'));
    if (answer.same) throw new Error('It is not the same');
    const sent = sha256Hex(readFileSync(files.stopAndSearch));
    expect(answer.differs[0]).toContain(
      `that had ${readFileSync(files.stopAndSearch).length.toLocaleString('en-GB')} bytes and the SHA-256 ${sent}`,
    );
    expect(answer.differs.join(' ')).toContain('300 rows in the file, where there were 301.');
    expect(existsSync(join(example.folder, 'never'))).toBe(false);
    expect(await actsOf('westmarch-police', reference)).not.toContain('release.rebuilt');
  });

  test('from what is no such file at all, or no file', async () => {
    const empty = join(example.folder, 'empty.csv');
    writeFileSync(empty, '');
    const answer = done(await rebuilt(reference, empty, 'never'));
    expect(answer.same ? [] : answer.differs).toEqual(
      expect.arrayContaining(['Nothing would leave of it today.']),
    );
    mkdirSync(join(example.folder, 'a-folder'));
    for (const name of ['a-folder', 'nothing.csv']) {
      expect(await rebuilt(reference, join(example.folder, name), 'never')).toMatchObject({
        ok: false,
        kind: 'not-found',
      });
    }
    expect(example.staged()).toEqual([]);
  });

  test('where the file was not noted: it says that too', async () => {
    await example.superuser.query(
      `update release_workings set report = report - 'input'
       where release_id = (select id from releases where reference = $1)`,
      [reference],
    );
    expect(done(await rebuilt(reference, files.stopAndSearch, 'not-noted'))).toMatchObject({ same: true });
    const answer = done(await rebuilt(reference, files.streetCrime, 'never'));
    expect(answer.same ? '' : answer.differs[0]).toContain('was not noted then');
  });

  test.each(['westmarch-opcc', 'avonbury-council'])('by %s', async (other) => {
    const answer = await rebuilt(reference, files.stopAndSearch, 'never', other);
    expect(answer).toMatchObject({ ok: false, kind: 'not-found' });
    expect(existsSync(join(example.folder, 'never'))).toBe(false);
  });
});
