import { setTimeout as sleep } from 'node:timers/promises';
import { actorOf, type Caller } from '../organisations/rules.ts';
import type { Actor } from '../platform/database.ts';
import type { Instance } from '../platform/instance.ts';
import { present } from '../platform/presence.ts';
import { askToCancel, type Ending, endRun, findRun, findRunningFor, type Run } from './run-store.ts';
import { findReleaseOf } from './store.ts';

const secondLook = 1000; // ms in which a process whose connection broke takes its number again

/** A run of the caller's organisation by its id, as it stands: null where there is none. */
export async function runAsItStands(instance: Instance, caller: Caller, id: string): Promise<Run | null> {
  const actor = actorOf(caller);
  return settled(instance, actor, await instance.database.read(actor, (db) => findRun(db, id)));
}

/** The run that goes on for a request, or null. */
export async function goingOn(instance: Instance, caller: Caller, requestId: string): Promise<Run | null> {
  const actor = actorOf(caller);
  const run = await settled(
    instance,
    actor,
    await instance.database.read(actor, (db) => findRunningFor(db, requestId)),
  );
  return run?.state === 'running' ? run : null;
}

/** Asks for a run to be cancelled, wherever it runs: it is within a second. Nothing where it has ended. */
export async function cancelRun({ database }: Instance, caller: Caller, id: string): Promise<void> {
  await database.write(actorOf(caller), (tx) => askToCancel(tx, id));
}

// The process that works on a run may have been killed, here or on another machine. Then it is lost, unless its release was
// prepared before: a release is prepared at the moment its run began.
async function settled(instance: Instance, actor: Actor, run: Run | null): Promise<Run | null> {
  if (run?.state !== 'running' || (await isAlive(instance, run))) return run;
  await sleep(secondLook);
  if (await isAlive(instance, run)) return run;
  return instance.database.write(actor, async (tx) => {
    const release = await findReleaseOf(tx, run.requestId);
    const ending: Ending =
      release?.preparedAt === run.begunAt ? { state: 'done', release: release.reference } : { state: 'lost' };
    await endRun(tx, run.id, ending);
    return findRun(tx, run.id);
  });
}

async function isAlive({ database }: Instance, run: Run): Promise<boolean> {
  return (await database.work(present)).has(run.process);
}
