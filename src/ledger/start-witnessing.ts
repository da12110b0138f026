import { type Repeated, repeat } from '../platform/repeat.ts';
import { askWitnesses, type OutsideWitness } from './ask-witnesses.ts';
import { cosignPartners } from './cosign-partners.ts';
import type { LedgerOf } from './keep.ts';

const pause = 2000; // ms between looks: slower than signing, which never waits for it

/**
 * Has organisations cosign their partners' logs, and outside witnesses asked, every few seconds, until stopped. A fault is
 * reported once. `asked` is when the outside witnesses have answered for the first time, or have not.
 */
export function startWitnessing(
  instance: LedgerOf,
  outside: readonly OutsideWitness[],
  report: (fault: unknown) => void,
): Repeated & { asked: Promise<void> } {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const work = async () => {
    const asking = askWitnesses(instance, outside).finally(resolve);
    const waiting = await Promise.all([cosignPartners(instance), asking]);
    return waiting.flat().map(({ fault }) => fault);
  };
  return { ...repeat({ pause }, work, report), asked };
}
