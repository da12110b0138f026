import { type ChildProcess, fork } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { syncFolder } from '../platform/durably.ts';
import type { Day } from '../platform/pure/dates.ts';
import { hashFile } from '../platform/pure/hash.ts';
import { Trouble } from '../platform/trouble.ts';
import { type PipelineStep, step as reached } from '../steps.ts';
import type { FromChild, Task } from './child.ts';
import { DataSet, type OutputForm } from './data-set.ts';
import { inputName } from './intake/read-table.ts';
import { withoutNetwork } from './no-network.ts';
import { blankReport, type PipelineReport, type Problem } from './report.ts';

const childrenAtOnce = 4;
const copiedAtOnce = 1 << 18; // bytes: by the 64 KB of a stream a copy takes four times as long

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
    const problem = await copyIn(job.input, join(folder, inputName), signal);
    if (problem) return { ...blankReport(dataSet), problem };
    reached('pipeline.copied');
    signal?.throwIfAborted();
    const work = { folder, dataSet, pseudonymKey: job.pseudonymKey, form: job.form, today: job.today };
    // The copy is hashed beside the child, which reads the same.
    const [found, input] = await Promise.all([
      inChild<PipelineReport>(
        { release: { ...work, ...(job.curve && { curve: job.curve }) } },
        signal,
        watch,
      ),
      job.fingerprint ? fingerprintOf(join(folder, inputName)) : null,
    ]);
    const report = { ...found, input };
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

/**
 * Copies a file (absolute path) to a place of ours, or says why not. The child reads our copy only: the original may lie where it
 * must not reach, or change under its hands.
 */
export async function copyIn(input: string, copy: string, signal?: AbortSignal): Promise<Problem | null> {
  let file: FileHandle;
  try {
    // Not blocking: opening a named pipe would wait for its writer for ever.
    file = await open(input, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return noFile('There is no file here.');
    if (code === 'ELOOP') return noFile('This is a symbolic link. Give the path of the file itself.');
    if (code === 'EACCES' || code === 'EPERM')
      return noFile('This file may not be read. Check its permissions.');
    if (code === 'ENXIO') return noFile('This is not a file.');
    throw error;
  }
  try {
    const before = await file.stat();
    if (!before.isFile()) return noFile('This is not a file.');
    const to = await open(copy, 'wx', 0o600);
    const from = file.createReadStream({ autoClose: false, highWaterMark: copiedAtOnce });
    await pipeline(from, to.createWriteStream({ highWaterMark: copiedAtOnce }), {
      ...(signal && { signal }),
    });
    const after = await file.stat();
    const same = before.size === after.size && before.mtimeMs === after.mtimeMs;
    return same
      ? null
      : {
          check: 'changed',
          rows: [],
          says: 'The file changed while it was read. Try again when it is complete.',
        };
  } finally {
    await file.close();
  }
}

async function fingerprintOf(path: string): Promise<NonNullable<PipelineReport['input']>> {
  return { sha256: await hashFile(path), bytes: (await stat(path)).size };
}

function noFile(says: string): Problem {
  return { check: 'no-file', rows: [], says };
}

let running = 0;
const waiting: (() => void)[] = [];

// A child may take 512 MB: more at once than this wait for one to end.
async function inTurn<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  if (running >= childrenAtOnce) await turn(signal);
  else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

// Whoever is cancelled does not wait for its turn to hear of it.
function turn(signal?: AbortSignal): Promise<void> {
  return new Promise((begin, stop) => {
    waiting.push(begin);
    signal?.addEventListener('abort', () => {
      const at = waiting.indexOf(begin);
      if (at === -1) return;
      waiting.splice(at, 1);
      stop(signal.reason);
    });
  });
}

/** Gives a child process its task, when it is its turn, and gives the child's report. Throws a `PipelineFault`. */
export function inChild<Report>(
  task: Task,
  signal?: AbortSignal,
  watch?: (progress: Progress) => void,
): Promise<Report> {
  return inTurn(() => startedChild<Report>(task, signal, watch), signal);
}

function startedChild<Report>(
  task: Task,
  signal?: AbortSignal,
  watch?: (progress: Progress) => void,
): Promise<Report> {
  return new Promise((resolve, reject) => {
    const child = startChild('release' in task ? task.release.folder : task.profile.folder);
    reached('pipeline.child-started');
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
    const end = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', end);
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
      signal?.removeEventListener('abort', end);
      if (report) resolve(report);
      else failed(fault ?? `the process ended with ${killedBy ?? code}`);
    });
    // A child that is gone already says so by closing.
    child.send(task, () => {});
  });
}

// No secret to inherit, no output that could hold a value, no network where the system allows that, and
// JavaScript that reads our code and one folder only.
function startChild(folder: string): ChildProcess {
  const project = fileURLToPath(new URL('../../', import.meta.url));
  const [command, ...rest] = [
    ...withoutNetwork(),
    process.execPath,
    '--max-old-space-size=128',
    '--permission',
    '--allow-addons',
    `--allow-fs-read=${project}`,
    `--allow-fs-read=${folder}/`,
    `--allow-fs-write=${folder}/`,
  ];
  return fork(new URL('child.ts', import.meta.url), [], {
    cwd: folder,
    env: {},
    execPath: command,
    execArgv: rest,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}
