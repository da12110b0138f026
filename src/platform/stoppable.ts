import { Trouble } from './trouble.ts';

// A terminal tells every process of a command, and each tells those it started: one Ctrl-C is heard several times.
const oneCtrlC = 1_000; // ms

/**
 * Does work that Ctrl-C, or being told to end, stops in good order: the signal is aborted, and the work clears up after
 * itself before the process ends. A second Ctrl-C, a second later, ends it at once. For commands; the service has its own signals.
 */
export async function stoppable<T>(work: (ending: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let heard = 0;
  const end = (signal: NodeJS.Signals) => {
    if (!ending.signal.aborted) {
      heard = performance.now();
      ending.abort(new Trouble('Stopped before it was done. Nothing was written.'));
    } else if (performance.now() - heard > oneCtrlC) {
      deaf();
      process.kill(process.pid, signal);
    }
  };
  const deaf = () => {
    for (const signal of signals) process.off(signal, end);
  };
  for (const signal of signals) process.on(signal, end);
  try {
    return await work(ending.signal);
  } finally {
    // Once it was heard it may be heard again while the answer is given.
    if (!ending.signal.aborted) deaf();
  }
}
