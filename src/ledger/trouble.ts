import { type Refusal, refuse } from '../platform/refusal.ts';
import { Trouble } from '../platform/trouble.ts';

/** The state of a log at some moment: how many entries, and the root over them. */
export type State = { size: number; root: Buffer };

/**
 * Why a log is not signed. `held` is the last state that the database has (null before the first), `signed` one that
 * is proved to have been signed.
 */
export type LogTrouble = { origin: string } & (
  | { kind: 'behind'; held: State | null; signed: State }
  | { kind: 'forked'; held: State; signed: State }
  | { kind: 'not-whole'; held: State; fault: string }
  | { kind: 'continued'; held: State; path: string }
  | { kind: 'unreadable'; path: string; fault: string }
  | { kind: 'unwritable'; path: string; fault: string }
);

/** Thrown where a log cannot be signed or a checkpoint of it not be given out. The message says why, and what to do. */
export class LogStopped extends Trouble {
  readonly trouble: LogTrouble;
  constructor(trouble: LogTrouble, cause?: unknown) {
    const { says, todo } = showTrouble(trouble);
    const steps = todo.map(({ text, command }) => (command ? `- ${text}\n    ${command}` : `- ${text}`));
    super([`The ledger ${trouble.origin} has stopped.`, ...says, ...steps].join('\n'), { cause });
    this.name = 'LogStopped';
    this.trouble = trouble;
  }
}

/** The refusal of whatever needs a log that is stopped. */
export function refuseStopped(trouble: LogTrouble): Refusal {
  return refuse('stopped', 'ledger.stopped', new LogStopped(trouble).message);
}

/** A trouble in words: what happened, and what whoever runs the service can do, the best first. */
export function showTrouble(trouble: LogTrouble): {
  says: string[];
  todo: { text: string; command?: string }[];
} {
  const wait =
    'Until this is put right, nothing new that has to be in it can be done. Receipts that were given before stay good.';
  const nothingSigned =
    'Nothing more is signed: two histories under one signature would make every receipt worthless.';
  const again = 'Signing then goes on by itself.';
  const continueInstead = {
    text: 'If there is no such backup and what is missing is lost for good, start a new log that says so. This shows first what would be lost:',
    command: `chirograph ledger continue --as ${trouble.origin.split('/')[0]}`,
  };
  switch (trouble.kind) {
    case 'behind':
      return {
        says: [
          `This ledger has signed a state of ${entries(trouble.signed.size)}, and the database holds only ${entries(trouble.held?.size ?? 0)}. An older copy of the database has been put back.`,
          nothingSigned,
          wait,
        ],
        todo: [
          { text: `Put back a later backup of the database, if there is one. ${again}` },
          continueInstead,
        ],
      };
    case 'forked':
      return {
        says: [
          `The database does not hold what this ledger signed at ${entries(trouble.signed.size)}. Either an entry was changed, or this is the database of another copy of the service.`,
          nothingSigned,
          wait,
        ],
        todo: [
          {
            text: `Keep this database as evidence, and find out what was changed and by whom. Then put back a backup of the right one. ${again}`,
          },
          continueInstead,
        ],
      };
    case 'not-whole':
      return {
        says: [
          `The database no longer gives the state that this ledger signed at ${entries(trouble.held.size)}: ${trouble.fault}. It was changed, or is damaged.`,
          wait,
        ],
        todo: [
          {
            text: `Keep this database as evidence, and find out what was changed. Then put back a backup. ${again}`,
          },
          continueInstead,
        ],
      };
    case 'continued':
      return {
        says: [
          `This ledger was given up and followed by another, whose last signed state is in ${trouble.path}. The database is from before that.`,
          wait,
        ],
        todo: [
          { text: `Put back a later backup of the database, if there is one. ${again}` },
          continueInstead,
        ],
      };
    case 'unreadable':
      return {
        says: [
          `The last state that this ledger signed cannot be read from ${trouble.path} (${trouble.fault}). Nobody can tell whether the database is up to date.`,
          wait,
        ],
        todo: [
          {
            text: `If the file is there and whole, let the service read it. If it is damaged, put it back from a backup that is as late as the database. ${again}`,
          },
          {
            text: 'If there is none, move the file away. The ledger is then proved entry by entry before it is signed again.',
          },
        ],
      };
    case 'unwritable':
      return {
        says: [
          `The last state that this ledger signed cannot be written to ${trouble.path} (${trouble.fault}).`,
          'What was done is kept. It is not acknowledged, and no receipt is given for it, before that is written.',
        ],
        todo: [{ text: `Make room on the disk, or let the service write there. ${again}` }],
      };
  }
}

function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}
