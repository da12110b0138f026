/**
 * Makes something that runs work in turn: no more than so many at once, the others wait. Whoever is cancelled does not wait for its turn to
 * hear of it: the signal's reason is thrown.
 */
export function inTurns(atOnce: number): <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];

  const turn = (signal?: AbortSignal) =>
    new Promise<void>((begin, stop) => {
      waiting.push(begin);
      signal?.addEventListener('abort', () => {
        const at = waiting.indexOf(begin);
        if (at === -1) return;
        waiting.splice(at, 1);
        stop(signal.reason);
      });
    });

  return async (work, signal) => {
    if (running >= atOnce) await turn(signal);
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
