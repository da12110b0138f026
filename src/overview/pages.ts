import { countAgreements, findAgreementList, findBriefs } from '../agreements/index.ts';
import {
  findEntries,
  findLog,
  findLogs,
  findPending,
  findTrouble,
  findWitnesses,
  receiptFor,
} from '../ledger/index.ts';
import { findNames } from '../organisations/index.ts';
import { actorOf, type Caller, callerOf, holdsRole } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Db } from '../platform/database.ts';
import type { Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { type Instant, londonDay } from '../platform/pure/dates.ts';
import { isId } from '../platform/pure/ids.ts';
import { refuse } from '../platform/refusal.ts';
import { countWork as countReleaseWork, findReleasesOf, findUrgentReleases } from '../releases/index.ts';
import { countWork as countRequestWork, findUrgentRequests } from '../requests/index.ts';
import { refuseOnPage } from './alarm.ts';
import { audit } from './audit.ts';
import { checkPage, longestToCheck } from './check-page.ts';
import { factsFor, type Setting } from './doctor-facts.ts';
import { entriesOf, entriesOnAPage, ledgerPage } from './ledger-page.ts';
import { openapi } from './openapi.ts';
import { maySeeSafety, safetyPage } from './safety-page.ts';
import { soonUntil } from './today.ts';
import { mostTasks, type TodayShown, todayPage } from './today-page.ts';

export { unlessStopped } from './alarm.ts';
export type { Setting } from './doctor-facts.ts';

/** Today, the ledger, what is not safe yet, and the description of what the service answers to machines. */
export function overviewRoutes(instance: Instance, setting: Setting): Route[] {
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
        return database.read(actorOf(caller), async (db) => ({
          page: 'today.njk',
          model: todayPage({ ...(await findToday(db, caller, now)), trouble }, now),
        }));
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
          const logs = await findLogs(db, organisation.id);
          const log = logs.find((one) => String(one.log) === query['log']) ?? logs[0] ?? null;
          const { from, to } = entriesOf(log?.last?.size ?? 0, query['before']);
          const entries = log ? await findEntries(db, log, from, to) : [];
          const witnesses = log ? await findWitnesses(db, log) : [];
          const shown = { organisation, entries, from, pending, log, logs, witnesses, trouble };
          const nameOf = await namesIn(db, [...entries, ...pending].flatMap(partiesOf));
          return { page: 'ledger.njk', model: ledgerPage(shown, nameOf) };
        });
      },
    },
    {
      method: 'GET',
      path: paths.checkLedger(),
      who: 'signed-in',
      handle: async ({ visitor, now }) => {
        const caller = callerOf(visitor);
        const { organisation } = caller;
        const logs = await database.read(actorOf(caller), (db) => findLogs(db, organisation.id));
        const size = logs.reduce((sum, { last }) => sum + (last?.size ?? 0), 0);
        const found = size > longestToCheck ? null : await audit(instance, organisation.id);
        return { page: 'check.njk', model: checkPage(organisation, found, now) };
      },
    },
    {
      method: 'GET',
      path: paths.safety(),
      who: 'signed-in',
      handle: async ({ visitor, now }) => {
        const caller = callerOf(visitor);
        if (!holdsRole(caller, maySeeSafety)) return { refused: notYoursToSee };
        const facts = await factsFor(instance, setting, caller, now);
        return { page: 'safety.njk', model: safetyPage(caller, facts) };
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

const notYoursToSee = refuse(
  'no-authority',
  'safety.not-yours',
  'Only an administrator or the data protection officer of your organisation sees what is not safe yet.',
);

/** What Today shows, in a number of statements that does not depend on how much there is. */
async function findToday(db: Db, caller: Caller, now: Instant): Promise<Omit<TodayShown, 'trouble'>> {
  const { organisation, person } = caller;
  const today = londonDay(now);
  const soon = soonUntil(now);
  const log = await findLog(db, organisation.id);
  const size = log?.last?.size ?? 0;
  const latest = log ? await findEntries(db, log, Math.max(0, size - 6), size) : [];
  const requests = await findUrgentRequests(db, soon, mostTasks + 1);
  const releases = await findUrgentReleases(db, person?.id ?? null, soon, mostTasks + 1);
  const first = { today, partner: null, after: null };
  const drafts = await findAgreementList(db, 'draft', { ...first, size: mostTasks + 1 });
  const current = await findAgreementList(db, 'current', { ...first, size: 5 });
  const agreed = requests.filter((one) => one.state === 'agreed').map((one) => one.id);
  const prepared = new Set(
    (await findReleasesOf(db, agreed, 1)).flatMap((one) => (one.state === 'prepared' ? [one.requestId] : [])),
  );
  const agreements = await findBriefs(
    db,
    [...requests, ...releases].map((one) => one.agreementId),
  );
  const nameOf = await namesIn(db, [
    ...latest.flatMap(partiesOf),
    ...requests.flatMap((one) => [one.holderId, one.recipientId]),
    ...releases.flatMap((one) => [one.senderId, one.recipientId]),
    ...drafts.rows.flatMap((one) => one.partyIds),
  ]);
  const work = {
    ...(await countRequestWork(db)),
    ...(await countReleaseWork(db, soon)),
    sign: (await countAgreements(db, today, null)).draft,
  };
  // What is prepared waits to be approved, and is among the releases.
  const open = {
    requests: requests.filter((one) => !prepared.has(one.id)),
    releases,
    agreements,
    drafts: drafts.rows,
  };
  return { caller, open, work, current: current.rows, latest: latest.reverse(), size, nameOf };
}

// Only whose entry it is about: what an entry is, is read where it is shown.
function partiesOf(entry: Buffer): string[] {
  const { parties } = JSON.parse(entry.toString('utf8')) as { parties: string[] };
  return parties;
}

async function namesIn(db: Db, ids: string[]): Promise<(id: string) => string> {
  const names = await findNames(db, ids);
  return (id) => names.get(id)?.name ?? 'an organisation that is not here';
}
