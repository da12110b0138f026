import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { inTurns } from '../../platform/in-turn.ts';
import { type Refusal, refuse } from '../../platform/refusal.ts';
import type { ComparedTexts, ToCompare } from './compare-texts.ts';

const longest = 60_000; // ms
const resourceLimits = { maxOldGenerationSizeMb: 768 };

const oneAtATime = inTurns(1);

/**
 * Two agreements compared, in a thread of its own: texts made to have little in common take many seconds, in which the
 * service would answer nobody else. Refused where it takes more time or memory than there is for it.
 */
export function compareInThread(work: ToCompare): Promise<ComparedTexts | Refusal> {
  return oneAtATime(async () => {
    const url = new URL('./compare-thread.ts', import.meta.url);
    const thread = new Worker(url, { workerData: work, resourceLimits });
    try {
      const [compared] = await once(thread, 'message', { signal: AbortSignal.timeout(longest) });
      return compared as ComparedTexts;
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
  'compare.too-much',
  'These two are too long, or have too little in common, to be compared here. Compare them by command: chirograph agreement diff A B --out CHANGES.docx.',
  'now',
);
