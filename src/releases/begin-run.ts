import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { actorOf, type Caller } from '../organisations/rules.ts';
import type { Progress } from '../pipeline/index.ts';
import type { Instance } from '../platform/instance.ts';
import { once } from '../platform/once.ts';
import { type Instant, instantOf } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import { repeat } from '../platform/repeat.ts';
import { withStaging } from '../platform/staging.ts';
import { beneath, Trouble } from '../platform/trouble.ts';
import type { Rulebook } from '../rulebook/index.ts';
import { prepareRelease } from './prepare-release.ts';
import { addRun, type Ending, endRun, noteProgress, type Run } from './run-store.ts';

const lookEvery = 500; // ms until a run hears that somebody wants it cancelled
const keptFor = 24 * 60 * 60 * 1000; // ms that an ended run can still be looked at

/** A file that somebody drops for a request, and when: `key` is the form's, so that sending it twice is one run; `k` asks for larger groups. */
export type Dropped = {
  requestId: string;
  file: Readable;
  k: number | null;
  key: string | null;
  now: Instant;
};

/**
 * Takes in a dropped file, and begins to prepare a release from it. `begun` is the id of the run as soon as all of the file is here;
 * `ended` goes on until the release is prepared, refused or given up, its folder in staging is gone, and the run says so. Both throw
 * what went wrong. Whoever asks at any server can watch and cancel it meanwhile; when `ending` is aborted it is given up.
 */
export function beginRun(
  instance: Instance,
  rulebook: Rulebook,
  caller: Caller,
  dropped: Dropped,
  ending: AbortSignal,
): { begun: Promise<string>; ended: Promise<void> } {
  const begun = Promise.withResolvers<string>();
  const work = async () => {
    let run: Run | null = null;
    const outcome = await withStaging(instance, async (folder) => {
      const input = join(folder, 'dropped');
      await pipeline(dropped.file, createWriteStream(input, { mode: 0o600, flags: 'wx' }));
      const taken = await takeIn(instance, caller, dropped, (await stat(input)).size);
      begun.resolve(taken.id);
      if (taken.again) return null;
      run = taken.run;
      return perform(instance, rulebook, caller, run, input, dropped.k, ending);
    });
    if (run && outcome) await keep(instance, caller, run, outcome.how, ending);
    if (outcome?.fault) throw outcome.fault;
  };
  const ended = work();
  ended.catch(begun.reject);
  return { begun: begun.promise, ended };
}

type Taken = { again: true; id: string } | { again: false; id: string; run: Run };

async function takeIn(
  { database }: Instance,
  caller: Caller,
  { requestId, key, k, now }: Dropped,
  bytes: number,
): Promise<Taken> {
  const run: Run = {
    id: newId(),
    requestId,
    organisationId: caller.organisation.id,
    begunBy: caller.person?.id ?? '',
    begunAt: now,
    process: await database.mark(),
    bytes,
    bytesRead: 0,
    step: null,
    cancelAsked: false,
    state: 'running',
    says: null,
    release: null,
  };
  const { id } = await database.write(actorOf(caller), (tx) =>
    once(tx, key, ['run.begin', requestId, k], async () => {
      await addRun(tx, run, instantOf(new Date(Date.parse(now) - keptFor)));
      return { id: run.id };
    }),
  );
  return id === run.id ? { again: false, id, run } : { again: true, id };
}

type Outcome = { how: Ending; fault?: unknown };

/** Prepares the release, and says what came of it: a fault that is not for people is also thrown once it is kept. */
async function perform(
  instance: Instance,
  rulebook: Rulebook,
  caller: Caller,
  run: Run,
  input: string,
  k: number | null,
  ending: AbortSignal,
): Promise<Outcome> {
  const cancelled = new AbortController();
  const seen: Pick<Run, 'id' | 'bytesRead' | 'step'> = { id: run.id, bytesRead: 0, step: null };
  const watch = (progress: Progress) => {
    if ('step' in progress) seen.step = progress.step;
    else seen.bytesRead = Math.min(progress.read, run.bytes);
  };
  const look = async () => {
    const goesOn = await instance.database.write(actorOf(caller), (tx) => noteProgress(tx, seen));
    if (!goesOn) cancelled.abort();
    return [];
  };
  const looking = repeat({ pause: lookEvery }, look, () => {});
  try {
    const prepared = await prepareRelease(
      instance,
      rulebook,
      caller,
      run.requestId,
      input,
      null,
      run.begunAt,
      { ending: AbortSignal.any([ending, cancelled.signal]), watch, k },
    );
    if (prepared.ok) return { how: { state: 'done', release: prepared.reference } };
    return { how: { state: 'failed', says: prepared.says } };
  } catch (fault) {
    if (cancelled.signal.aborted) return { how: { state: 'cancelled' } };
    if (ending.aborted) return { how: { state: 'lost' } };
    return { how: { state: 'failed', says: wordsFor(fault) }, fault };
  } finally {
    await looking.stop();
  }
}

function wordsFor(fault: unknown): string {
  if (fault instanceof Trouble) return fault.message;
  return beneath(fault) === 'disk-full' ? full : unexpected;
}

const full =
  'There is no space left on the disk of this service. Nothing of the file was kept, and nothing has left. Tell whoever runs the service, then drop the file again.';
const unexpected =
  'The service met a fault of its own while it worked on the file. Nothing of it was kept, and nothing has left. Drop it again; if it happens again, tell whoever runs the service.';

/** Keeps how it ended, as soon as the database is there: with nobody to say so, a run would seem to go on. */
async function keep(
  { database }: Instance,
  caller: Caller,
  { id }: Run,
  how: Ending,
  ending: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await database.write(actorOf(caller), (tx) => endRun(tx, id, how));
      return;
    } catch (fault) {
      if (beneath(fault) !== 'database-away' || ending.aborted) throw fault;
      await sleep(lookEvery);
    }
  }
}
