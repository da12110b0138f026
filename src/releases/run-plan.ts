import type { KeptAgreement } from '../agreements/index.ts';
import { type Counts, type PipelineReport, type Progress, runRelease } from '../pipeline/index.ts';
import type { Db } from '../platform/database.ts';
import type { Instance } from '../platform/instance.ts';
import type { Day } from '../platform/pure/dates.ts';
import type { Asked } from '../requests/index.ts';
import { findLastCounts } from './store.ts';

/** The key that pseudonyms of one agreement are made with: the same within it, unlinkable to any other's. */
function pseudonymKey(instance: Instance, holderId: string, agreementReference: string): Buffer {
  return instance.pseudonymRoot.derive('pseudonyms', holderId, agreementReference);
}

/**
 * `last`: what checks of drift compare with; `curve`: say what these k would mean, and the agreed one; `k`: larger groups than the
 * agreement asks for.
 */
type Given = {
  input: string;
  staging: string;
  today: Day;
  last: Counts | null;
  curve?: readonly number[];
  k?: number | null;
};

type DataSet = KeptAgreement['agreement']['terms']['datasets'][number];

// Never smaller groups: what is agreed is the least.
function withGroupsOf(dataSet: DataSet, k: number | null): DataSet {
  const { protection } = dataSet;
  if (!protection?.k || k === null || k <= protection.k) return dataSet;
  return { ...dataSet, protection: { ...protection, k } };
}

/** What checks of drift compare the next release of a data set with; null where there is no such check, or nothing left yet. */
export async function findLast(
  db: Db,
  { id, agreement }: KeptAgreement,
  dataSet: string,
): Promise<Counts | null> {
  const agreed = agreement.terms.datasets.find((one) => one.id === dataSet);
  const compares = agreed?.checks?.some(({ check }) => check === 'drift') ?? false;
  return compares ? findLastCounts(db, id, dataSet) : null;
}

/**
 * Runs the agreed plan over a file, on a day; null where the agreement has no such data set, so there is no plan. Throws the reason
 * of `ending` when that is aborted.
 */
export async function runPlan(
  instance: Instance,
  kept: KeptAgreement,
  asked: Asked,
  { input, staging, today, last, curve, k }: Given,
  ending?: AbortSignal,
  watch?: (progress: Progress) => void,
): Promise<PipelineReport | null> {
  const agreed = kept.agreement.terms.datasets.find((one) => one.id === asked.dataSet);
  if (!agreed) return null;
  const dataSet = withGroupsOf(agreed, k ?? null);
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
    fingerprint: true as const,
    ...(last && { last }),
    ...(curve && { curve }),
  };
  return runRelease(job, ending, watch);
}
