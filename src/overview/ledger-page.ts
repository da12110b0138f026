import { type Log, type LogTrouble, openCheckpoint, parseEntry, type WitnessShown } from '../ledger/index.ts';
import type { Organisation } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { showInstant } from '../platform/pure/dates.ts';
import { showEntry } from './acts.ts';
import { alarmOf } from './alarm.ts';

/** How many entries a page of the ledger has. */
export const entriesOnAPage = 50;

/** What the ledger page is made from: entries in the log's order from index `from` on, and those still waiting. */
export type LedgerShown = {
  organisation: Organisation;
  entries: readonly Buffer[];
  from: number;
  pending: readonly Buffer[];
  /** The log that is shown, null where there is none; and all there are, the one in use first. */
  log: Log | null;
  logs: readonly Log[];
  /** Who else has cosigned the log that is shown. */
  witnesses: readonly WitnessShown[];
  /** Why it is not signed; null where it is. */
  trouble: LogTrouble | null;
};

/** Which entries a page shows: the newest, or those before one entry. Indexes `from` up to, not including, `to`. */
export function entriesOf(size: number, before: string | undefined): { from: number; to: number } {
  const asked = before !== undefined && /^\d{1,15}$/.test(before) ? Number(before) : size;
  const to = Math.min(asked, size);
  return { from: Math.max(0, to - entriesOnAPage), to };
}

/** The ledger of an organisation in plain words, newest first, and how to check it without us. */
export function ledgerPage(shown: LedgerShown, nameOf: (id: string) => string) {
  const { organisation, entries, from, pending, log, logs } = shown;
  const size = log?.last?.size ?? 0;
  const inUse = log === null || log === logs[0];
  const before = (index: number) => paths.ledgerBefore(index, inUse ? undefined : log.log);
  const to = from + entries.length;
  const inLog = entries.map((bytes, at) => row(bytes, nameOf, from + at)).reverse();
  const waiting = inUse && to === size ? pending.map((bytes) => row(bytes, nameOf, null)).reverse() : [];
  return {
    alarm: alarmOf(shown.trouble),
    organisation: organisation.name,
    slug: organisation.slug,
    rows: [...waiting, ...inLog],
    says: size === 0 ? 'No entries yet' : `Entries ${from} to ${to - 1} of ${size}`,
    newer: to < size ? before(Math.min(size, to + entriesOnAPage)) : null,
    older: from > 0 ? before(from) : null,
    inUse,
    otherLogs: logs.filter((one) => one !== log).map((one) => otherLog(one, one === logs[0])),
    witnesses: shown.witnesses.map((one) => witnessRow(one, size)),
    // While the log is stopped, what the database says of its state is not to be relied on.
    checkpoint: log?.last && (shown.trouble === null || !inUse) ? stateOf(log.last.note, log.vkey) : null,
  };
}

const answers: Record<WitnessShown['answer'], { text: string; classes: string }> = {
  cosigned: { text: 'Agrees', classes: 'govuk-tag--green' },
  down: { text: 'No answer', classes: 'govuk-tag--yellow' },
  refused: { text: 'Refuses', classes: 'govuk-tag--orange' },
  disagrees: { text: 'Disagrees', classes: 'govuk-tag--red' },
};

function witnessRow({ vkey, size: seen, answer, answeredAt }: WitnessShown, size: number) {
  return {
    name: vkey.split('+')[0] ?? vkey,
    says:
      seen === null
        ? `Has cosigned nothing yet. It last answered on ${showInstant(answeredAt)}.`
        : `Has cosigned ${seen} of ${size} ${size === 1 ? 'entry' : 'entries'}, last asked on ${showInstant(answeredAt)}.`,
    tag: answers[answer],
  };
}

function otherLog({ log, last }: Log, inUse: boolean) {
  const count = last?.size ?? 0;
  return {
    href: inUse ? paths.ledger() : paths.ledgerLog(log),
    text: inUse ? 'The ledger in use' : `Ledger ${log}`,
    says: `${count} ${count === 1 ? 'entry' : 'entries'}`,
  };
}

function stateOf(note: Buffer, vkey: string) {
  const opened = openCheckpoint(note, vkey);
  if (!opened.ok) throw new Error(`The last checkpoint of a log does not open: ${opened.reason}`);
  const { origin, size, root } = opened.checkpoint;
  return { origin, size, root: root.toString('base64'), vkey };
}

function row(bytes: Buffer, nameOf: (id: string) => string, index: number | null) {
  const entry = parseEntry(bytes);
  if (!entry) throw new Error('A log holds what is not an entry');
  return {
    ...showEntry(entry, nameOf),
    when: showInstant(entry.at),
    number: index,
    receipt: index === null ? null : paths.receipt(entry.id),
  };
}
