import { canonicalJson } from '../../platform/pure/canonical-json.ts';
import type { Instant } from '../../platform/pure/dates.ts';
import type { Found } from '../check-document.ts';
import type { Law } from '../law.ts';
import { compare } from './compared.ts';
import { changesShown, titleOf } from './show-page.ts';
import { readVersion, trackedWord } from './versions.ts';

/** Two agreements as text, each from a file of that name; `want` says what to make of what changed, `at` when that is. */
export type ToCompare = {
  was: { text: string; file: string };
  now: { text: string; file: string };
  want: 'page' | 'word';
  at: Instant;
};

/** What came of it. `changes` is HTML; `was` and `now` are both agreements as canonical JSON. */
export type ComparedTexts =
  | { is: 'unreadable'; was: Found[]; now: Found[] }
  | { is: 'same' }
  | { is: 'page'; title: string; changes: string; was: string; now: string }
  | { is: 'word'; reference: string; file: Uint8Array };

/** Reads two agreements and says what changed from the one to the other. */
export async function compareTexts({ was, now, want, at }: ToCompare, law: Law): Promise<ComparedTexts> {
  const [old, young] = [readVersion(was.text), readVersion(now.text)];
  if (!old.ok || !young.ok)
    return { is: 'unreadable', was: old.ok ? [] : old.problems, now: young.ok ? [] : young.problems };
  const [before, after] = [old.agreement, young.agreement];
  const texts = { was: canonicalJson(before), now: canonicalJson(after) };
  if (texts.was === texts.now) return { is: 'same' };
  if (want === 'word')
    return {
      is: 'word',
      reference: after.reference,
      file: await trackedWord(before, after, law, at),
    };
  const compared = compare(before, after, { was: was.file, now: now.file }, law);
  return { is: 'page', title: titleOf(compared), changes: changesShown(compared), ...texts };
}
