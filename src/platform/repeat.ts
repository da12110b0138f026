import { setTimeout as sleep } from 'node:timers/promises';

/** Work that is done again and again. `stop` waits for what is under way. */
export type Repeated = { stop: () => Promise<void> };

/** When to do it: `first` and `pause` are milliseconds before the first time and after each; `afterFault` where there was a fault. */
export type Rhythm = { first?: number; pause: number; afterFault?: number };

/**
 * Does some work again and again until stopped. The work gives the faults it met, or throws one: each is reported once, not
 * again while it lasts. When `stopping` is aborted the work is to return as soon as it can.
 */
export function repeat(
  { first = 0, pause, afterFault = pause }: Rhythm,
  work: (stopping: AbortSignal) => Promise<readonly unknown[]>,
  report: (fault: unknown) => void,
): Repeated {
  const stopper = new AbortController();
  const stopping = stopper.signal;
  const wait = (ms: number) => sleep(ms, undefined, { signal: stopping }).catch(() => {});
  const loop = async () => {
    let reported: string[] = [];
    if (first > 0) await wait(first);
    while (!stopping.aborted) {
      const faults = await work(stopping).catch((fault: unknown) => [fault]);
      for (const fault of faults) if (!reported.includes(String(fault))) report(fault);
      reported = faults.map(String);
      await wait(faults.length === 0 ? pause : afterFault);
    }
  };
  const ended = loop();
  return {
    stop: async () => {
      stopper.abort();
      await ended;
    },
  };
}
