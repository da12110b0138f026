import { inThread } from '../../platform/in-thread.ts';
import { type Refusal, refuse } from '../../platform/refusal.ts';
import type { Agreement } from '../document.ts';
import type { Form, Standing } from './forms.ts';

/** What the thread is given. */
export type ForThread = { form: Form; agreement: Agreement; standing: Standing };

const writeForm = inThread<ForThread, Uint8Array>(new URL('./write-thread.ts', import.meta.url));

/**
 * An agreement as a file, written in a thread of its own: a PDF of twenty pages takes half a second, in which the service
 * would answer nobody else. Refused where it takes more time or memory than there is for it.
 */
export async function writeInThread(work: ForThread): Promise<Buffer | Refusal> {
  const bytes = await writeForm(work);
  return bytes ? Buffer.from(bytes) : tooMuch;
}

const tooMuch = refuse(
  'invalid',
  'agreement.too-much-to-write',
  'This agreement is too long to write as this file here. Download it as YAML, and write it with chirograph agreement write.',
);
