import { type Repeated, repeat } from '../platform/repeat.ts';
import { askWitnesses, type OutsideWitness } from './ask-witnesses.ts';
import { cosignPartners } from './cosign-partners.ts';
import type { LedgerOf } from './keep.ts';

const pause = 2000; // ms between looks: slower than signing, which never waits for it

/** Has organisations cosign their partners' logs, and outside witnesses asked, every few seconds, until stopped. A fault is reported once. */
export function startWitnessing(
  instance: LedgerOf,
  outside: readonly OutsideWitness[],
  report: (fault: unknown) => void,
): Repeated {
  const work = async () => {
    const waiting = await Promise.all([cosignPartners(instance), askWitnesses(instance, outside)]);
    return waiting.flat().map(({ fault }) => fault);
  };
  return repeat({ pause }, work, report);
}
