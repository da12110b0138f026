import { setTimeout as sleep } from 'node:timers/promises';
import { findLogHolders, findTrouble, oldestPending } from '../ledger/index.ts';
import { paths } from '../paths.ts';
import type { Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { canStage } from '../releases/index.ts';

const longestPending = 10; // seconds; the integrator signs within one
const patience = 5000; // ms; a database that hangs does not answer

/** What whoever watches the service asks: is it well, and is it to be sent visitors. Neither says anything of anybody. */
export function healthRoutes(instance: Instance): Route[] {
  return [
    {
      // 200 while the database answers and every log keeps up.
      method: 'GET',
      path: paths.health(),
      who: 'anyone',
      handle: async () =>
        (await inTime(isWell(instance)))
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

async function isWell(instance: Instance): Promise<boolean> {
  if ((await instance.database.work(oldestPending)) > longestPending) return false;
  for (const organisationId of await instance.database.work(findLogHolders)) {
    if (await findTrouble(instance, organisationId)) return false;
  }
  return true;
}

async function lacking(instance: Instance): Promise<'database' | 'data-folder' | null> {
  const answers = instance.database.work(oldestPending).then(() => true);
  if (!(await inTime(answers))) return 'database';
  return (await inTime(canStage(instance))) ? null : 'data-folder';
}

function inTime(work: Promise<boolean>): Promise<boolean> {
  return Promise.race([work.catch(() => false), sleep(patience, false, { ref: false })]);
}
