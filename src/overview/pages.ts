import { findAgreements } from '../agreements/index.ts';
import { findCheckpoint, findEntries, findPending, findTrouble, receiptFor } from '../ledger/index.ts';
import { findPublicOrganisations } from '../organisations/index.ts';
import { actorOf, callerOf } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Db } from '../platform/database.ts';
import type { Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { isId } from '../platform/pure/ids.ts';
import { refuse } from '../platform/refusal.ts';
import { findOpenReleases } from '../releases/index.ts';
import { findOpenRequests } from '../requests/index.ts';
import { refuseOnPage } from './alarm.ts';
import { entriesOf, entriesOnAPage, ledgerPage } from './ledger-page.ts';
import { openapi } from './openapi.ts';
import { todayPage } from './today-page.ts';

export { unlessStopped } from './alarm.ts';

/** Today, the ledger, and the description of what the service answers to machines. */
export function overviewRoutes(instance: Instance): Route[] {
  const { database } = instance;
  return [
    {
      method: 'GET',
      path: paths.today(),
      who: 'anyone',
      handle: async ({ visitor, now }) => {
        if (visitor === null) return { goTo: paths.signIn() };
        const caller = callerOf(visitor);
        const trouble = await findTrouble(instance, caller.organisation.id);
        return database.read(actorOf(caller), async (db) => {
          const size = (await findCheckpoint(db, caller.organisation.id))?.size ?? 0;
          const latest = await findEntries(db, caller.organisation.id, Math.max(0, size - 6), size);
          const open = {
            requests: await findOpenRequests(db),
            releases: await findOpenReleases(db),
            agreements: await findAgreements(db),
          };
          const shown = { caller, open, latest: latest.reverse(), size, nameOf: await namesIn(db), trouble };
          return { page: 'today.njk', model: todayPage(shown, now) };
        });
      },
    },
    {
      method: 'GET',
      path: paths.ledger(),
      who: 'signed-in',
      handle: async ({ visitor, query }) => {
        const caller = callerOf(visitor);
        const { organisation } = caller;
        const trouble = await findTrouble(instance, organisation.id);
        // Before the log is read: what leaves the queue meanwhile is then seen twice, and never missed.
        const pending = await database.work((tx) => findPending(tx, organisation.id, entriesOnAPage));
        return database.read(actorOf(caller), async (db) => {
          const checkpoint = await findCheckpoint(db, organisation.id);
          const { from, to } = entriesOf(checkpoint?.size ?? 0, query['before']);
          const entries = await findEntries(db, organisation.id, from, to);
          const shown = { organisation, entries, from, pending, checkpoint, trouble };
          return { page: 'ledger.njk', model: ledgerPage(shown, await namesIn(db)) };
        });
      },
    },
    {
      method: 'GET',
      path: paths.receipt(':act'),
      who: 'signed-in',
      handle: async ({ visitor, params }) => {
        const caller = callerOf(visitor);
        const act = params['act'] ?? '';
        const trouble = await findTrouble(instance, caller.organisation.id);
        if (trouble) return { refused: refuseOnPage(trouble) };
        const receipt = isId(act) ? await receiptFor(instance, caller.organisation.id, act) : null;
        if (receipt) return { file: receipt, name: `${act}.tlog-proof`, type: 'text/plain; charset=utf-8' };
        return {
          refused: refuse('not-found', 'ledger.no-entry', 'Your ledger has no such entry, or not yet.'),
        };
      },
    },
    {
      method: 'GET',
      path: paths.verify(),
      who: 'anyone',
      handle: async () => ({ page: 'verify.njk', model: {} }),
    },
    { method: 'GET', path: paths.openapi(), who: 'anyone', handle: async () => ({ json: openapi }) },
  ];
}

async function namesIn(db: Db): Promise<(id: string) => string> {
  const names = new Map((await findPublicOrganisations(db)).map((one) => [one.id, one.name]));
  return (id) => names.get(id) ?? 'an organisation that is not here';
}
