import { Trouble } from './trouble.ts';

/**
 * Does work that Ctrl-C, or being told to end, stops in good order: the signal is aborted, and the work clears up after
 * itself before the process ends. A second Ctrl-C ends it at once. For commands; the service has its own signals.
 */
export async function stoppable<T>(work: (ending: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const end = () => ending.abort(new Trouble('Stopped before it was done. Nothing was written.'));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, end);
  try {
    return await work(ending.signal);
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
}
