import { spawn } from 'node:child_process';
import { once } from 'node:events';

const patienceSeconds = 60;
const silence = 2000; // ms of waiting before a person is told
const notInTime = 75;

/**
 * Does `work` while holding an exclusive lock on `file`, which processes take in turn; throws after a minute of waiting.
 * The kernel holds the lock for a `cat` that lives as long as our end of its pipe, so it cannot outlive us.
 */
export async function withLock<T>(
  file: string,
  report: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const options = ['--no-fork', '--wait', `${patienceSeconds}`, '--conflict-exit-code', `${notInTime}`];
  const holder = spawn('flock', [...options, file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(holder, 'exit').catch((error: Error) => [error.message]);
  const waiting = 'Waiting for another Chirograph process that is starting or stopping PostgreSQL.';
  const timer = setTimeout(() => report(waiting), silence);
  const problem = await Promise.race([once(holder.stdout, 'data').then(() => null), ended]);
  clearTimeout(timer);
  if (problem !== null) throw refused(problem[0], file);
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}

function refused(problem: unknown, file: string): Error {
  return new Error(
    problem === notInTime
      ? `Another Chirograph process has been starting or stopping PostgreSQL for over ${patienceSeconds} seconds (${file}). Try again, or end that process.`
      : `Chirograph's own PostgreSQL needs flock, setpriv and unshare from util-linux (flock: ${problem}). Install util-linux, or set DATABASE_URL to a PostgreSQL 18.`,
  );
}
