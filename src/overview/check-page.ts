import type { Organisation } from '../organisations/rules.ts';
import { type Instant, showInstant } from '../platform/pure/dates.ts';
import { counted } from '../platform/pure/words.ts';
import type { Audit } from './audit.ts';

/** The longest log that a page checks while somebody waits: a second or so. Longer ones are for the command. */
export const longestToCheck = 50_000;

// What the tables hold, in the words of the other pages.
const kinds: Readonly<Record<string, string>> = {
  organisations: 'Organisations',
  organisation_keys: 'Keys that sign, and keys that open files',
  ledger_logs: 'Ledgers, as they were started',
  agreements: 'Agreements',
  agreement_signatures: 'Signatures of agreements',
  requests: 'Requests',
  decisions: 'Decisions',
  releases: 'Releases',
  release_workings: 'How each release was made',
  packages: 'Packages of files',
  ledger_entries: 'Entries of the ledger',
  ledger_tiles: 'Sums over the entries',
  ledger_checkpoints: 'Signed states of the ledger',
  ledger_pending: 'What waits for the ledger',
  ledger_salts: 'Who did what',
  checkpoints: 'The last signed state',
};

function kindOf(table: string): string {
  return kinds[table] ?? table.replaceAll('_', ' ');
}

/** What the page that checks the log shows. Without an audit the log is too long for a page, and it gives the command. */
export function checkPage(organisation: Organisation, found: Audit | null, now: Instant) {
  const before = found?.tables.reduce((sum, table) => sum + table.before, 0) ?? 0;
  return {
    organisation: organisation.name,
    command: `chirograph ledger audit \\\n  --as ${organisation.slug}`,
    looked: found && [
      ...found.logs.map(({ origin, size }) => ({
        what: 'The ledger',
        name: origin,
        many: counted(size, 'entry', 'entries'),
      })),
      ...found.tables.map(({ table, rows }) => ({ what: kindOf(table), name: null, many: records(rows) })),
      { what: kindOf('packages'), name: null, many: records(found.packages) },
    ],
    findings: (found?.findings ?? []).map((one) => ({ ...one, what: kindOf(one.table) })),
    before: before > 0 ? counted(before, 'of these records is', 'of these records are') : null,
    when: showInstant(now),
  };
}

function records(many: number): string {
  return many === 0 ? 'None' : counted(many, 'record', 'records');
}
