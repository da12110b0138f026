import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../platform/durably.ts';
import type { Day } from '../platform/pure/dates.ts';
import type { DataSet, OutputForm } from './data-set.ts';
import { inFolderByHand } from './folder-by-hand.ts';
import type { PipelineReport } from './report.ts';
import { runRelease } from './run.ts';

/** A file to protect by hand: absolute paths, and the form that `out` takes by its ending. */
export type ProtectJob = {
  input: string;
  dataSet: DataSet;
  pseudonymKey: Buffer;
  out: string;
  form: OutputForm;
  today: Day;
};

/**
 * Turns a file into what may leave under the terms of a data set, without a service: the same pipeline as every release.
 * `out` appears whole, in the place of what was there, or is not touched. Throws a `PipelineFault`.
 */
export async function protectFile(
  { input, dataSet, pseudonymKey, out, form, today }: ProtectJob,
  signal: AbortSignal,
): Promise<PipelineReport> {
  // Beside it, so that it can be put in its place at once: on another disk it would be copied, and could be cut off.
  return inFolderByHand(dirname(out), async (staging) => {
    const job = { input, staging, dataSet, pseudonymKey, outputName: `out.${form}`, form, today };
    const report = await runRelease(job, signal);
    if (!report.output) return report;
    await rename(report.output.path, out);
    await syncFolder(dirname(out));
    return { ...report, output: { ...report.output, path: out } };
  });
}
