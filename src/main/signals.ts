/** How the service is told to end. */
export type Signals = {
  /** Aborted by the first signal. */
  stopping: AbortSignal;
  /** Aborted when what is under way has had its time, or by a second signal. */
  ending: AbortSignal;
};

const once = 1000; // ms; Ctrl-C reaches us from the terminal and from the launcher, and is one signal
const lastResort = 20_000; // ms

/**
 * Listens to SIGTERM, SIGINT and SIGHUP. `patience` is how many seconds what is under way has to end. Should the process
 * still be there 20 seconds after that, it exits with 1; its PostgreSQL ends with it.
 */
export function listenToSignals(patience: number): Signals {
  const stopping = new AbortController();
  const ending = new AbortController();
  let told = 0;
  const end = () => {
    if (ending.signal.aborted) return;
    ending.abort(new Error('The service is ending'));
    setTimeout(() => process.exit(1), lastResort).unref();
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stopping.signal.aborted) {
        told = performance.now();
        stopping.abort();
        setTimeout(end, patience * 1000).unref();
      } else if (performance.now() - told > once) end();
    });
  }
  return { stopping: stopping.signal, ending: ending.signal };
}
