import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { exportLog, integratePending, verifyLog } from '../../src/ledger/index.ts';
import { signInToExample } from '../../src/organisations/index.ts';
import { instantOf } from '../../src/platform/pure/dates.ts';
import {
  acknowledgeRelease,
  approveRelease,
  destroyRelease,
  prepareRelease,
} from '../../src/releases/index.ts';
import { decideRequest, makeRequest } from '../../src/requests/index.ts';
import { anExample, done, files, rulebook, type TestExample } from '../support/example.ts';
import { aService } from '../support/http.ts';
import { nowhere } from '../support/sign-in.ts';

// The clock of the machine jumps, and comes back. Only the program's clock: PostgreSQL's is the machine's own.

let example: TestExample;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chirograph-clock-'));
  example = await anExample();
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(async () => {
  await example?.close();
  rmSync(folder, { recursive: true, force: true });
});

function itIs(moment: string): void {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(moment) });
}

const now = () => instantOf(new Date());

/** A whole thread, each step at its own moment; the release's reference and until when it may be kept. */
async function thread(moments: [string, string, string, string, string, string]) {
  const { instance } = example;
  const { database } = instance;
  const [amina, tom, dan] = await Promise.all(
    ['Amina Yusuf', 'Tom Reyes', 'Dan Okafor'].map((name) => example.personNamed(name)),
  );
  if (!amina || !tom || !dan) throw new Error('The example has no people');
  const given = {
    agreement: 'ISA-2026-001',
    dataSet: 'stop-and-search',
    purpose: 'complaint-reviews',
    need: 'To review a complaint.',
    neededBy: '',
  };
  itIs(moments[0]);
  const asked = done(await makeRequest(database, amina, given, null, now()));
  itIs(moments[1]);
  const answer = { decision: 'share', reasons: 'It is needed for the review.' } as const;
  done(await decideRequest(database, rulebook, tom, asked.reference, answer, null, now()));
  itIs(moments[2]);
  const prepared = done(
    await prepareRelease(instance, rulebook, dan, asked.reference, files.stopAndSearch, null, now()),
  );
  await integratePending(instance);
  itIs(moments[3]);
  expect(done(await approveRelease(instance, rulebook, tom, prepared.reference, null, now())).outcome).toBe(
    'sent',
  );
  await integratePending(instance);
  itIs(moments[4]);
  const { release } = done(await acknowledgeRelease(instance, amina, prepared.reference, null, now()));
  await integratePending(instance);
  itIs(moments[5]);
  done(await destroyRelease(instance, amina, prepared.reference, 'Deleted from every drive.', null, now()));
  await integratePending(instance);
  return { reference: asked.reference, released: prepared.reference, keepUntil: release.keepUntil };
}

/** What both logs hold of a thread, in the log's order, and that both verify whole. */
async function halves({ reference, released }: { reference: string; released: string }): Promise<string[][]> {
  const logs = [];
  for (const slug of ['westmarch-police', 'westmarch-opcc']) {
    const { organisation } = await example.commandLineOf(slug);
    const out = join(folder, `${slug}-${released}`);
    const exported = await example.instance.database.read(
      { organisationId: organisation.id, personId: null },
      async () => exportLog(example.instance, organisation.id, out),
    );
    expect(exported).toMatchObject({ ok: true });
    expect((await verifyLog(out)).checks.filter((check) => !check.ok)).toEqual([]);
    const entries = (await example.logOf(slug)).map((entry) => JSON.parse(entry));
    const shared = entries.filter(
      (entry) => entry.parties.length === 2 && [reference, released].includes(entry.detail.reference),
    );
    logs.push(shared.map((entry) => `${entry.act} ${entry.at}`));
  }
  return logs;
}

const jumps: Record<string, [string, string, string, string, string, string]> = {
  'a day forward': [
    '2026-11-23T10:00:00Z',
    '2026-11-24T10:00:00Z',
    '2026-11-24T10:01:00Z',
    '2026-11-24T10:02:00Z',
    '2026-11-24T10:03:00Z',
    '2026-11-24T10:04:00Z',
  ],
  'a day back': [
    '2026-11-23T10:00:00Z',
    '2026-11-22T10:00:00Z',
    '2026-11-22T10:01:00Z',
    '2026-11-22T10:02:00Z',
    '2026-11-22T10:03:00Z',
    '2026-11-22T10:04:00Z',
  ],
  'a year forward and back, in the middle': [
    '2026-11-23T10:00:00Z',
    '2027-11-23T10:00:00Z',
    '2026-11-23T10:01:00Z',
    '2027-11-23T10:02:00Z',
    '2026-11-23T10:03:00Z',
    '2026-11-23T10:04:00Z',
  ],
  'over the end of winter time': [
    '2027-03-28T00:59:50Z',
    '2027-03-28T00:59:59Z',
    '2027-03-28T01:00:00Z',
    '2027-03-28T01:00:10Z',
    '2027-03-28T23:30:00Z',
    '2027-03-29T01:00:00Z',
  ],
  'over the end of summer time, when one o’clock comes twice': [
    '2027-10-31T00:30:00Z',
    '2027-10-31T00:59:59Z',
    '2027-10-31T01:00:00Z',
    '2027-10-31T01:30:00Z',
    '2027-10-31T23:59:59Z',
    '2027-11-01T00:00:01Z',
  ],
};

describe('a thread while the clock jumps', () => {
  test.each(Object.entries(jumps))(
    '%s: every act is in both logs, in the order it was done',
    async (_, moments) => {
      const made = await thread(moments);
      const expected = [
        ['request.made', moments[0]],
        ['request.agreed', moments[1]],
        ['release.sent', moments[3]],
        ['release.collected', moments[4]],
        ['release.destroyed', moments[5]],
      ].map(([act, at]) => `${act} ${instantOf(new Date(at ?? ''))}`);
      expect(await halves(made)).toEqual([expected, expected]);
    },
  );

  test('the day until which data may be kept is a day in London, whatever the hour [R58]', async () => {
    const collectedAt = async (moment: string) => {
      const before = instantOf(new Date(Date.parse(moment) - 60_000));
      const made = await thread([before, before, before, before, moment, moment]);
      return made.keepUntil;
    };
    // Half past eleven at night in UTC is half past midnight of the next day in summer.
    expect(await collectedAt('2027-03-28T23:30:00Z')).toBe('2028-03-29');
    expect(await collectedAt('2027-10-31T23:30:00Z')).toBe('2028-10-31');
    expect(await collectedAt('2028-02-29T12:00:00Z')).toBe('2029-02-28');
  });
});

describe('a session while the clock jumps', () => {
  const signInAt = async (moment: string) => {
    const { person } = await example.personNamed('Dan Okafor');
    itIs(moment);
    return done(await signInToExample(example.instance.database, person?.id ?? '', nowhere, now())).token;
  };
  const isSignedInAt = async (token: string, moment: string) => {
    itIs(moment);
    const service = await aService(example.instance);
    const { status } = await service.visit({ method: 'GET', url: '/', session: token });
    await service.close();
    return status === 200;
  };

  test('one from the future is nobody’s, and is one again when the clock is right again', async () => {
    const token = await signInAt('2027-11-23T10:00:00Z');
    expect(await isSignedInAt(token, '2027-11-23T10:01:00Z')).toBe(true);
    expect(await isSignedInAt(token, '2026-11-23T10:02:00Z')).toBe(false);
    expect(await isSignedInAt(token, '2027-11-23T10:03:00Z')).toBe(true);
  });

  test('one of before a jump ahead is over', async () => {
    const token = await signInAt('2026-11-23T10:00:00Z');
    expect(await isSignedInAt(token, '2026-11-24T10:00:00Z')).toBe(false);
  });

  test('an hour is an hour on the night when the clocks change', async () => {
    const token = await signInAt('2027-10-31T00:30:00Z'); // half past one, the first time
    expect(await isSignedInAt(token, '2027-10-31T01:10:00Z')).toBe(true); // ten past one, the second time
    expect(await isSignedInAt(token, '2027-10-31T02:20:00Z')).toBe(false); // an hour and ten minutes unused
  });
});
