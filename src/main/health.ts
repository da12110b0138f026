import { setTimeout as sleep } from 'node:timers/promises';
import { findLogHolders, findTrouble, oldestPending } from '../ledger/index.ts';
import { paths } from '../paths.ts';
import type { Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { canStage } from '../platform/staging.ts';

const longestPending = 10; // seconds; the integrator signs within one
const memory = 2000; // ms; every log is judged, which is too much to do for each who asks
const patience = 5000; // ms; a database that hangs does not answer

/** What whoever watches the service asks: is it well, and is it to be sent visitors. Neither says anything of anybody. */
export function healthRoutes(instance: Instance): Route[] {
  const troubleless = remembered(() => hasNoTrouble(instance));
  const isWell = async () => (await isSigning(instance)) && (await troubleless());
  return [
    {
      // 200 while the database answers and every log keeps up.
      method: 'GET',
      path: paths.health(),
      who: 'anyone',
      handle: async () =>
        (await inTime(isWell()))
          ? { json: { status: 'ok' } }
          : { json: { status: 'unavailable' }, status: 'unavailable' },
    },
    {
      // 200 while the database answers, the data folder can be written to, and nobody has told the service to stop.
      method: 'GET',
      path: paths.readiness(),
      who: 'anyone',
      handle: async ({ stopping }) => {
        const because = stopping ? 'stopping' : await lacking(instance);
        return because === null
          ? { json: { status: 'ready' } }
          : { json: { status: 'unready', because }, status: 'unavailable' };
      },
    },
  ];
}

async function isSigning(instance: Instance): Promise<boolean> {
  return (await instance.database.work(oldestPending)) <= longestPending;
}

async function hasNoTrouble(instance: Instance): Promise<boolean> {
  for (const organisationId of await instance.database.work(findLogHolders)) {
    if (await findTrouble(instance, organisationId)) return false;
  }
  return true;
}

/** One answer for all who ask while it is sought and a little longer. A fault is kept for nobody. */
function remembered<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  const forget = () => {
    answer = null;
  };
  const seek = () => {
    const sought = ask();
    sought.then(() => setTimeout(forget, memory).unref(), forget);
    return sought;
  };
  return () => {
    answer ??= seek();
    return answer;
  };
}

async function lacking(instance: Instance): Promise<'database' | 'data-folder' | null> {
  const answers = instance.database.work(oldestPending).then(() => true);
  if (!(await inTime(answers))) return 'database';
  return (await inTime(canStage(instance))) ? null : 'data-folder';
}

function inTime(work: Promise<boolean>): Promise<boolean> {
  return Promise.race([work.catch(() => false), sleep(patience, false, { ref: false })]);
}
