import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { inTurns } from '../../platform/in-turn.ts';
import { type Refusal, refuse } from '../../platform/refusal.ts';
import type { Agreement } from '../document.ts';
import type { Form, Standing } from './forms.ts';

/** What the thread is given. */
export type ForThread = { form: Form; agreement: Agreement; standing: Standing };

const longest = 60_000; // ms: an agreement of a million characters, the longest that is read, takes 13 s as PDF
const resourceLimits = { maxOldGenerationSizeMb: 768 }; // such a one takes 630 MB

const oneAtATime = inTurns(1);

/**
 * An agreement as a file, written in a thread of its own: a PDF of twenty pages takes half a second, in which the service
 * would answer nobody else. Refused where it takes more time or memory than there is for it.
 */
export function writeInThread(work: ForThread): Promise<Buffer | Refusal> {
  return oneAtATime(async () => {
    const url = new URL('./write-thread.ts', import.meta.url);
    const thread = new Worker(url, { workerData: work, resourceLimits });
    try {
      const [bytes] = await once(thread, 'message', { signal: AbortSignal.timeout(longest) });
      return Buffer.from(bytes as Uint8Array);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (code === 'ERR_WORKER_OUT_OF_MEMORY' || code === 'ABORT_ERR') return tooMuch;
      throw error;
    } finally {
      await thread.terminate();
    }
  });
}

const tooMuch = refuse(
  'invalid',
  'agreement.too-much-to-write',
  'This agreement is too long to write as this file here. Download it as YAML, and write it with chirograph agreement write.',
);
