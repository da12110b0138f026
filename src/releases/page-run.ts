import type { Person } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Json } from '../platform/pure/canonical-json.ts';
import { showInstant } from '../platform/pure/dates.ts';
import type { DataRequest } from '../requests/index.ts';
import type { PipelineStep } from '../steps.ts';
import type { Run } from './run-store.ts';

/** What is said of each step while it goes on. */
const steps: Record<PipelineStep, string> = {
  'read the file': 'Reading the file',
  'check types': 'Checking every value',
  generalise: 'Making values less exact',
  'find the levels': 'Finding what loses least',
  'hold back small groups': 'Holding back small groups',
  pseudonymise: 'Making codes',
  preview: 'Choosing the rows that you will look at',
  write: 'Writing and encrypting what would leave',
};
const order = Object.keys(steps);

/** How far a run is, in words and for a bar: `read` of `total` bytes. */
function progressOf({ step, bytes, bytesRead, cancelAsked }: Run) {
  const reading = step === null || step === 'read the file';
  const read = reading ? bytesRead : bytes;
  const says =
    step === null
      ? 'Waiting for its turn'
      : `Step ${order.indexOf(step) + 1} of ${order.length}: ${steps[step]}`;
  return {
    says: cancelAsked ? 'Cancelling' : says,
    read,
    total: bytes,
    bytes: `${megabytes(read)} of ${megabytes(bytes)} MB read`,
  };
}

/** Watching a dropped file being prepared, and how that ended where nothing came of it. */
export function runPage(run: Run, request: DataRequest, people: readonly Person[]) {
  const who = people.find(({ id }) => id === run.begunBy)?.name ?? 'Somebody who is not here any more';
  return {
    id: run.id,
    caption: `Request ${request.reference}`,
    request: request.reference,
    dropped: `${who} dropped a file of ${megabytes(run.bytes)} MB on ${showInstant(run.begunAt)}.`,
    running: run.state === 'running',
    cancelling: run.cancelAsked,
    progress: progressOf(run),
    ended: endedOf(run),
  };
}

/** The same for a program, or the script of the page: `next` is where to go on, once there is somewhere. */
export function runJson(run: Run): Json {
  const next = run.release === null ? null : paths.releaseQuality(run.release);
  return {
    state: run.state,
    cancelling: run.cancelAsked,
    ...progressOf(run),
    step: run.step,
    failed: run.says,
    next,
  };
}

function endedOf({ state, says }: Run): { title: string; says: string } | null {
  if (state === 'cancelled') {
    return {
      title: 'Cancelled',
      says: 'Nothing of the file was kept, and nothing has left. Drop a file again when you are ready.',
    };
  }
  if (state === 'lost') {
    return {
      title: 'The service was restarted',
      says: 'It stopped while it worked on the file. Nothing of the file was kept, and nothing has left. Drop the file again.',
    };
  }
  return state === 'failed' ? { title: 'It was not prepared', says: says ?? '' } : null;
}

function megabytes(bytes: number): string {
  const million = bytes / 1024 / 1024;
  return million.toLocaleString('en-GB', { maximumFractionDigits: million < 10 ? 1 : 0 });
}
