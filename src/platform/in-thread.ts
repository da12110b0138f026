import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { inTurns } from './in-turn.ts';

const longest = 60_000; // ms: an agreement of a million characters, the longest that is read, takes 13 s as PDF
const resourceLimits = { maxOldGenerationSizeMb: 768 }; // such a one takes 630 MB

/**
 * Makes something that does work in a thread of its own, one piece at a time: what takes half a second here would answer nobody else
 * meanwhile. The module posts its answer to `workerData`. Null where it takes more time or memory than there is for it.
 */
export function inThread<Work, Answer>(module: URL): (work: Work) => Promise<Answer | null> {
  const oneAtATime = inTurns(1);
  return (work) =>
    oneAtATime(async () => {
      const thread = new Worker(module, { workerData: work, resourceLimits });
      try {
        const [answer] = await once(thread, 'message', { signal: AbortSignal.timeout(longest) });
        return answer as Answer;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? '';
        if (code === 'ERR_WORKER_OUT_OF_MEMORY' || code === 'ABORT_ERR') return null;
        throw error;
      } finally {
        await thread.terminate();
      }
    });
}
