/** A fault whose message is for a person: what happened and what to do. It is shown as it is. */
export class Trouble extends Error {}

/** What can go wrong beneath us, and rights itself or is righted by whoever runs the machine. */
export type Beneath = 'database-away' | 'disk-full';

/** The same in words, for whoever ran a command. An act is one transaction, so this is true at any moment of it. */
const words: Record<Beneath, string> = {
  'database-away':
    'PostgreSQL went away while this ran. What you asked for was done whole or not at all, and nothing is lost. Run the same command again.',
  'disk-full':
    'There is no space left on the disk of the data folder. What you asked for was done whole or not at all, and nothing is lost. Free some space, then run the same command again.',
};

/** What to tell a person about a fault; null where there is nothing they could do. */
export function wordsOf(fault: unknown): string | null {
  if (fault instanceof Trouble) return fault.message;
  const found = beneath(fault);
  return found && words[found];
}

/** Whether a fault, or one that caused it, comes from beneath us. */
export function beneath(fault: unknown): Beneath | null {
  if (!(fault instanceof Error)) return null;
  const code = 'code' in fault ? String(fault.code) : '';
  if (fullDisk.has(code)) return 'disk-full';
  if (away.has(code) || lost.test(fault.message)) return 'database-away';
  const causes: unknown[] = fault instanceof AggregateError ? fault.errors : [fault.cause];
  return causes.map(beneath).find((one) => one !== null) ?? null;
}

const fullDisk = new Set(['ENOSPC', 'EDQUOT', '53100']);

// PostgreSQL's codes for shutting down, crashed, starting, no connection left, in recovery; and those of a broken socket.
const away = new Set(
  ['57P01', '57P02', '57P03', '53300', '08000', '08001', '08003', '08004', '08006', '25006'].concat([
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
  ]),
);

// `pg` gives these no code.
const lost =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|connect ENOENT)/;
