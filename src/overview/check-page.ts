import type { Organisation } from '../organisations/rules.ts';
import { type Instant, showInstant } from '../platform/pure/dates.ts';
import type { Audit } from './audit.ts';

/** The longest log that a page checks while somebody waits: a second or so. Longer ones are for the command. */
export const longestToCheck = 50_000;

/** What the page that checks the log shows. Without an audit the log is too long for a page, and it gives the command. */
export function checkPage(organisation: Organisation, found: Audit | null, now: Instant) {
  const before = found?.tables.reduce((sum, table) => sum + table.before, 0) ?? 0;
  return {
    organisation: organisation.name,
    command: `chirograph ledger audit \\\n  --as ${organisation.slug}`,
    looked: found && [
      ...found.logs.map((log) => ({ what: log.origin, many: `${log.size} entries` })),
      ...found.tables.map(({ table, rows }) => ({ what: table.replaceAll('_', ' '), many: `${rows} rows` })),
      { what: 'packages', many: String(found.packages) },
    ],
    findings: found?.findings ?? [],
    before,
    when: showInstant(now),
  };
}
