import { counted } from '../platform/pure/words.ts';
import type { Audit } from './audit.ts';

/** An audit as a report for people: what was looked at, each finding with what to do, and what an audit cannot see. */
export function showAudit(audit: Audit): string {
  const { logs, tables, packages, findings } = audit;
  const looked = [
    ...logs.map((log) => `${log.origin}: ${log.size} entries, ${log.checkpoints} checkpoints`),
    ...tables.map(
      ({ table, rows, before }) => `${table}: ${rows} rows${before > 0 ? notSealed(before) : ''}`,
    ),
    `packages: ${packages}`,
  ];
  const listed = findings.map(
    ({ table, row, wrong, todo }) => `✗ ${table}: ${row}\n    ${wrong}\n    ${todo}`,
  );
  return [
    'Looked at',
    ...looked.map((line) => `  ${line}`),
    '',
    ...(listed.length > 0 ? [...listed, ''] : []),
    conclusion(audit),
  ].join('\n');
}

const notSealed = (before: number) => `, ${before} of them not sealed: from before entries sealed rows`;

function conclusion({ findings, tables }: Audit): string {
  if (findings.length > 0) {
    return `${findings.length} ${findings.length === 1 ? 'thing is' : 'things are'} not as the ledger says. Something changed them behind the service’s back.`;
  }
  const before = tables.reduce((sum, table) => sum + table.before, 0);
  const agrees =
    before === 0
      ? 'All of it agrees.'
      : `All that is sealed agrees. ${counted(before, 'row is', 'rows are')} not sealed: none is gone and none was added, but whether one was edited before the next act about it seals it cannot be known.`;
  return `${agrees} Whoever has the database and the keys could have made a whole other history: compare it with the checkpoints and receipts that your partners hold.`;
}
