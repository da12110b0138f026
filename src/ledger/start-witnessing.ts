import { setTimeout as sleep } from 'node:timers/promises';
import { askWitnesses, type OutsideWitness } from './ask-witnesses.ts';
import { cosignPartners } from './cosign-partners.ts';
import type { LedgerOf } from './keep.ts';

const pause = 2000; // ms between looks: slower than signing, which never waits for it

/** Has organisations cosign their partners' logs, and outside witnesses asked, every few seconds, until stopped. A fault is reported once. */
export function startWitnessing(
  instance: LedgerOf,
  outside: readonly OutsideWitness[],
  report: (fault: unknown) => void,
): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  const loop = async () => {
    let reported: string[] = [];
    while (!stopping.signal.aborted) {
      const faults = await Promise.all([cosignPartners(instance), askWitnesses(instance, outside)]).then(
        (waiting) => waiting.flat().map(({ fault }) => fault),
        (fault: unknown) => [fault],
      );
      for (const fault of faults) if (!reported.includes(String(fault))) report(fault);
      reported = faults.map(String);
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const ended = loop();
  return {
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}
