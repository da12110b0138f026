import { inThread } from '../../platform/in-thread.ts';
import { type Refusal, refuse } from '../../platform/refusal.ts';
import type { ComparedTexts, ToCompare } from './compare-texts.ts';

const compareTexts = inThread<ToCompare, ComparedTexts>(new URL('./compare-thread.ts', import.meta.url));

/**
 * Two agreements compared, in a thread of its own: texts made to have little in common take many seconds, in which the
 * service would answer nobody else. Refused where it takes more time or memory than there is for it.
 */
export async function compareInThread(work: ToCompare): Promise<ComparedTexts | Refusal> {
  return (await compareTexts(work)) ?? tooMuch;
}

const tooMuch = refuse(
  'invalid',
  'compare.too-much',
  'These two are too long, or have too little in common, to be compared here. Compare them by command: chirograph agreement diff A B --out CHANGES.docx.',
  'now',
);
