import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../platform/durably.ts';
import type { Day } from '../platform/pure/dates.ts';
import type { DataSet } from './data-set.ts';
import type { PipelineReport } from './report.ts';
import { runRelease } from './run.ts';

/** A file to protect by hand: absolute paths, and the form that `out` takes by its ending. */
export type ProtectJob = {
  input: string;
  dataSet: DataSet;
  pseudonymKey: Buffer;
  out: string;
  form: 'csv' | 'parquet';
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
  await clearLeft(dirname(out));
  const staging = await mkdtemp(join(dirname(out), begins));
  try {
    const job = { input, staging, dataSet, pseudonymKey, outputName: `out.${form}`, form, today };
    const report = await runRelease(job, signal);
    if (!report.output) return report;
    await rename(report.output.path, out);
    await syncFolder(dirname(out));
    return { ...report, output: { ...report.output, path: out } };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

const begins = '.chirograph-';
const longest = 24 * 3600 * 1000; // ms: no run is at work for longer

// What a run that was killed left behind is people's data in clear: nobody else can read it, and it does not stay.
async function clearLeft(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((one) => one.startsWith(begins))) {
    const path = join(folder, name);
    const { mtimeMs, uid } = await stat(path);
    const isOld = Date.now() - mtimeMs > longest;
    if (isOld && uid === process.getuid?.()) await rm(path, { recursive: true, force: true });
  }
}
