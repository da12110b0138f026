import type { Instant } from '../../platform/pure/dates.ts';
import { blanksIn } from '../blanks.ts';
import { type CheckedDocument, withLines } from '../check-document.ts';
import { type Agreement, parseDraft } from '../document.ts';
import { writtenAgreement } from '../export/written.ts';
import type { Law } from '../law.ts';
import { trackedDocument } from './tracked.ts';

/** Reads an agreement to compare it. What changed can be asked of drafts: that the law allows them is agreement check's to say. */
export function readVersion(text: string): CheckedDocument {
  const read = parseDraft(text);
  return read.ok ? read : { ok: false, problems: withLines(text, read.problems) };
}

/** The new agreement as a Word file, with what changed from the old one as tracked changes of that moment. */
export async function trackedWord(
  was: Agreement,
  now: Agreement,
  law: Law,
  at: Instant,
): Promise<Uint8Array> {
  const { writeTrackedWord } = await import('../export/write-word.ts');
  const written = (one: Agreement) =>
    writtenAgreement(one, law, { signatures: [], open: blanksIn(one).length });
  return writeTrackedWord(trackedDocument(written(was), written(now)), at);
}
