import type { PipelineStep } from '../steps.ts';
import type { Hear } from './intake/bytes.ts';
import { produceRelease, type Work } from './produce.ts';
import type { ProfileWork } from './profile/profile.ts';
import type { Profile } from './profile/profile-report.ts';
import type { PipelineReport } from './report.ts';

// The process that touches the data. It is told its work over the channel to its parent (never by arguments
// or environment, which others on the machine can read), answers once, and ends with the channel.

/** What the child can be asked: to turn a file into what may leave, or to say what it holds. */
export type Task = { release: Work } | { profile: ProfileWork };

/** What the child says: the step it begins, how many bytes of the file it has read, and at the end its report or its fault. A fault never holds a value. */
export type FromChild =
  | { step: PipelineStep }
  | { read: number }
  | { report: PipelineReport | Profile }
  | { fault: string };

function say(message: FromChild, then?: () => void): void {
  process.send?.(message, undefined, undefined, then);
}

// A parent killed by kill -9 cannot end us: its end of the channel closes. Nothing gentler stops a running query.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

process.once('message', async (task) => {
  const answer = await perform(task as Task).then(
    (report): FromChild => ({ report }),
    (error: unknown): FromChild => ({ fault: kindOf(error) }),
  );
  say(answer, () => process.exit(0));
});

async function perform(task: Task): Promise<PipelineReport | Profile> {
  const tell = (step: PipelineStep) => say({ step });
  if ('release' in task) return produceRelease(task.release, tell, hearing());
  // What finds names takes half a second to load, which no release should wait for.
  const { profile } = await import('./profile/profile.ts');
  return profile(task.profile, tell, hearing());
}

// Whoever watches looks a few times a second: no more is said.
function hearing(): Hear {
  let said = 0;
  return (read) => {
    if (Date.now() - said < 100) return;
    said = Date.now();
    say({ read });
  };
}

// DuckDB's messages quote the line they stumbled on: only the kind of the error may leave this process.
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const [kind] = /^[A-Z][A-Za-z ]{0,40} Error(?=:)/.exec(error.message) ?? [];
  if (error.message.includes('No space left on device')) return 'ENOSPC';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return kind ?? code ?? error.name;
}
