import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../platform/durably.ts';
import type { Day } from '../platform/pure/dates.ts';
import type { Written } from '../platform/write-whole.ts';
import type { DataSet, OutputForm } from './data-set.ts';
import { inFolderByHand } from './folder-by-hand.ts';
import type { Counts } from './quality/drift.ts';
import type { PipelineReport } from './report.ts';
import { runRelease } from './run.ts';
import { sealOutput } from './seal-output.ts';

/** A file to protect by hand: absolute paths, and the form that `out` takes by its ending. */
export type ProtectJob = {
  input: string;
  dataSet: DataSet;
  pseudonymKey: Buffer;
  out: string;
  form: OutputForm;
  today: Day;
  /** The counts of the last time, for checks of drift. */
  last: Counts | null;
  /** age recipients who can open `out`; with none it is not encrypted. */
  recipients: readonly string[];
};

/** What the pipeline reports of the data; and of the file that holds it, where that is encrypted. */
export type ProtectReport = PipelineReport & { encrypted: Written | null };

/**
 * Turns a file into what may leave under the terms of a data set, without a service: the same pipeline as every release.
 * `out` appears whole, in the place of what was there, or is not touched. Throws a `PipelineFault`.
 */
export async function protectFile(
  { input, dataSet, pseudonymKey, out, form, today, last, recipients }: ProtectJob,
  signal: AbortSignal,
): Promise<ProtectReport> {
  // Beside it, so that it can be put in its place at once: on another disk it would be copied, and could be cut off.
  return inFolderByHand(dirname(out), async (staging) => {
    const outputName = `out.${form}`;
    const job = { input, staging, dataSet, pseudonymKey, outputName, form, today, ...(last && { last }) };
    const report = await runRelease(job, signal);
    const { output } = report;
    if (!output) return { ...report, encrypted: null };
    const sealed = `${output.path}.age`;
    const encrypted = recipients.length > 0 ? await sealOutput(output, sealed, recipients, signal) : null;
    await rename(encrypted ? sealed : output.path, out);
    await syncFolder(dirname(out));
    return { ...report, output: { ...output, path: out }, encrypted };
  });
}
