import type { KeptAgreement } from '../agreements/index.ts';
import { type PipelineReport, type Progress, runRelease } from '../pipeline/index.ts';
import type { Instance } from '../platform/instance.ts';
import type { Day } from '../platform/pure/dates.ts';
import type { Asked } from '../requests/index.ts';

/** The key that pseudonyms of one agreement are made with: the same within it, unlinkable to any other's. */
function pseudonymKey(instance: Instance, holderId: string, agreementReference: string): Buffer {
  return instance.pseudonymRoot.derive('pseudonyms', holderId, agreementReference);
}

/**
 * Runs the agreed plan over a file, on a day; null where the agreement has no such data set, so there is no plan. Throws the reason
 * of `ending` when that is aborted. `curve`: say what another k would mean.
 */
export async function runPlan(
  instance: Instance,
  kept: KeptAgreement,
  asked: Asked,
  { input, staging, today, curve }: { input: string; staging: string; today: Day; curve?: true },
  ending?: AbortSignal,
  watch?: (progress: Progress) => void,
): Promise<PipelineReport | null> {
  const dataSet = kept.agreement.terms.datasets.find((one) => one.id === asked.dataSet);
  if (!dataSet) return null;
  const key = pseudonymKey(instance, asked.sender.id, kept.agreement.reference);
  const form = dataSet.output ?? 'csv';
  const outputName = `${dataSet.id}.${form}`;
  const job = {
    input,
    staging,
    dataSet,
    pseudonymKey: key,
    outputName,
    form,
    today,
    ...(curve && { curve }),
  };
  return runRelease(job, ending, watch);
}
