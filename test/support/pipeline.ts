import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DataSet, Field, OutputForm } from '../../src/pipeline/data-set.ts';
import { produceRelease } from '../../src/pipeline/produce.ts';
import type { Counts } from '../../src/pipeline/quality/drift.ts';
import type { PipelineReport } from '../../src/pipeline/report.ts';

/** 32 bytes. */
export const pseudonymKey = Buffer.from(
  '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
  'hex',
);

/** A folder that is there until the test has ended. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pipeline-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Runs the pipeline in this process over what a file holds, as the child process does; the report, and the text that may leave. */
export async function release(
  content: string | Buffer,
  dataSet: DataSet,
  key = pseudonymKey,
  form: OutputForm = 'csv',
  last?: Counts,
): Promise<{ report: PipelineReport; text: string | null }> {
  const folder = await aFolder();
  await writeFile(join(folder, 'input'), content);
  const report = await produceRelease(
    { folder, dataSet, pseudonymKey: key, form, today: '2026-11-22', ...(last && { last }) },
    () => {},
    () => {},
  );
  return { report, text: report.output ? await readFile(report.output.path, 'utf8') : null };
}

/** A field that leaves as it is held, unless something else is said. */
export function field(name: string, rest: Partial<Field> = {}): Field {
  return { name, type: 'string', role: 'other', use: 'keep', ...rest };
}

/** A data set in CSV, with commas. */
export function dataSetOf(...fields: Field[]): DataSet {
  return { id: 'any', format: { type: 'csv', delimiter: ',' }, fields };
}
