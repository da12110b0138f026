import type { ChildProcess } from 'node:child_process';
import { mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { startChild } from '../platform/child-process.ts';
import { syncFolder } from '../platform/durably.ts';
import { inTurns } from '../platform/in-turn.ts';
import type { Day } from '../platform/pure/dates.ts';
import { Trouble } from '../platform/trouble.ts';
import { type PipelineStep, step as reached } from '../steps.ts';
import type { FromChild, Task } from './child.ts';
import { type Copied, copyIn } from './copy-in.ts';
import { DataSet, type OutputForm } from './data-set.ts';
import { inputName } from './intake/read-table.ts';
import type { Counts } from './quality/drift.ts';
import { blankReport, type PipelineReport, type Problem } from './report.ts';

const childrenAtOnce = 4;

/** How far a run is: the step that has begun, and the bytes of the file read so far. */
export type Progress = { step: PipelineStep } | { read: number };

/** One file to turn into what may leave under the terms of its data set. */
export type Job = {
  /** Absolute path. A file, not a symbolic link; it may lie anywhere and is only read. */
  input: string;
  /** Absolute path of a folder of ours that others cannot read (0700). */
  staging: string;
  dataSet: DataSet;
  /** 32 bytes. */
  pseudonymKey: Buffer;
  /** The name of the output in the staging folder, and its form. */
  outputName: string;
  form: OutputForm;
  /** The day it is in London: how old the data is counts from here. */
  today: Day;
  /** Say in the report which file it was, by its hash. */
  fingerprint?: true;
  /** The counts of the last that left under these terms, for checks of drift. */
  last?: Counts;
  /** Say in the report what these k would mean, and the one that the terms ask for. */
  curve?: readonly number[];
};

/**
 * Runs the pipeline in a child process and gives its report. With an output, the file is whole and on disk in
 * the staging folder; without one, nothing is. A file or data that cannot go is said in the report; a crash,
 * a full disk or too little memory is thrown as a PipelineFault, and the signal's reason when it is aborted.
 * Neither holds a value of the data. `watch` is told how far it is.
 */
export async function runRelease(
  job: Job,
  signal?: AbortSignal,
  watch?: (progress: Progress) => void,
): Promise<PipelineReport> {
  mustBeWellFormed(job);
  signal?.throwIfAborted();
  const { id, format, readBy, fields, protection, rows, checks } = job.dataSet;
  const dataSet = DataSet.parse({
    id,
    format,
    ...(readBy && { readBy }),
    fields,
    ...(protection && { protection }),
    ...(rows && { rows }),
    ...(checks && { checks }),
  });
  const staging = await realpath(job.staging);
  const folder = await mkdtemp(join(staging, 'work-'));
  try {
    const { pseudonymKey, form, today, last, curve } = job;
    const optional = { ...(last && { last }), ...(curve && { curve }) };
    const release = { folder, dataSet, pseudonymKey, form, today, ...optional };
    const { copied, found } = await inChild<PipelineReport>(job, { release }, signal, watch);
    if (!found) return { ...blankReport(dataSet), problem: copied.problem };
    const { sha256, bytes } = copied;
    const report = { ...found, input: sha256 === null ? null : { sha256, bytes } };
    reached('pipeline.child-ended');
    signal?.throwIfAborted();
    if (!report.output) return report;
    const path = join(staging, job.outputName);
    await rename(report.output.path, path);
    await syncFolder(staging);
    reached('pipeline.output-ready');
    return { ...report, output: { ...report.output, path } };
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The pipeline itself failed: which step, and the kind of error. The file and the terms may be in order. */
export class PipelineFault extends Trouble {
  override name = 'PipelineFault';
}

/** The child had no space left to write to; told like any other full disk. */
class FullDisk extends Error {
  readonly code = 'ENOSPC';
}

function mustBeWellFormed({ input, staging, pseudonymKey, outputName }: Job): void {
  if (!isAbsolute(input) || !isAbsolute(staging)) throw new TypeError('Paths must be absolute.');
  if (pseudonymKey.length !== 32) throw new TypeError('The pseudonym key must be 32 bytes.');
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(outputName))
    throw new TypeError('The output needs a plain file name.');
}

// A child may take 512 MB: more at once than this wait for one to end.
const inTurn = inTurns(childrenAtOnce);

/** What became of a file in a child process: how it was copied in and, if it was, what the child found. */
export type InChild<Report> =
  | { copied: Copied & { problem: Problem }; found: null }
  | { copied: Copied & { problem: null }; found: Report };

/**
 * Copies a file (absolute path) into the folder of a task and gives the task to a child process, when it is its turn. The child starts while the
 * copy is made. Throws a `PipelineFault`.
 */
export function inChild<Report>(
  file: { input: string; fingerprint?: true },
  task: Task,
  signal?: AbortSignal,
  watch?: (progress: Progress) => void,
): Promise<InChild<Report>> {
  return inTurn(async () => {
    const { folder } = 'release' in task ? task.release : task.profile;
    const child = startChild(new URL('child.ts', import.meta.url), folder, { heap: 128 });
    reached('pipeline.child-started');
    const end = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', end);
    const ended = whatFound<Report>(child, watch);
    // It may end before it is asked.
    ended.catch(() => {});
    try {
      const fingerprint = file.fingerprint ?? false;
      const copied = await copyIn(file.input, join(folder, inputName), { fingerprint, signal });
      if (copied.problem) return { copied, found: null };
      reached('pipeline.copied');
      signal?.throwIfAborted();
      // A child that is gone already says so by closing.
      child.send(task, () => {});
      return { copied, found: await ended };
    } finally {
      signal?.removeEventListener('abort', end);
      end();
      await ended.catch(() => {});
    }
  }, signal);
}

function whatFound<Report>(child: ChildProcess, watch?: (progress: Progress) => void): Promise<Report> {
  return new Promise((resolve, reject) => {
    let step = 'start';
    let report: Report | null = null;
    let fault: string | null = null;
    const failed = (why: string) =>
      reject(
        why === 'ENOSPC'
          ? new FullDisk()
          : new PipelineFault(
              `The data was not processed, and nothing has left. The pipeline failed at the step “${step}”: ${why}. Try again.`,
            ),
      );
    child.on('message', (message: FromChild) => {
      if ('step' in message) {
        step = message.step;
        watch?.(message);
        reached(`pipeline: ${message.step}`);
      } else if ('read' in message) watch?.(message);
      else if ('report' in message) report = message.report as Report;
      else fault = message.fault;
    });
    child.on('error', () => failed('the process could not be started'));
    child.on('close', (code, killedBy) => {
      if (report) resolve(report);
      else failed(fault ?? `the process ended with ${killedBy ?? code}`);
    });
  });
}
