import { diffArrays } from 'diff';
import type { Piece } from '../export/blocks.ts';

const segmenter = new Intl.Segmenter('en-GB', { granularity: 'word' });

// Steps of the search: beyond it two texts have next to nothing in common, and it would take time without end.
const mostSteps = 3000;

/** What changed from one text to the other, word by word: whole words, the old before the new. */
export function diffWords(was: string, now: string): Piece[] {
  if (was === now) return pieceOf(now);
  const found = diffArrays(wordsOf(was), wordsOf(now), { maxEditLength: mostSteps });
  if (!found) return [...pieceOf(was, 'removed'), ...pieceOf(now, 'added')];
  return inRuns(
    found.flatMap(({ value, added, removed }) =>
      pieceOf(value.join(''), added ? 'added' : removed ? 'removed' : undefined),
    ),
  );
}

/** A text as one piece; none for no text. */
export function pieceOf(text: string, mark?: Piece['mark']): Piece[] {
  if (text === '') return [];
  return [mark === undefined ? { text } : { text, mark }];
}

/** A text as it was, and as it is now, out of its pieces. */
export function textOf(pieces: readonly Piece[], at: 'was' | 'now'): string {
  const without = at === 'was' ? 'added' : 'removed';
  return pieces.flatMap(({ text, mark }) => (mark === without ? [] : [text])).join('');
}

function wordsOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/**
 * Changes that only a space parts are one: “two days” that became “ten weeks” reads as two words for two, and not as four
 * changes.
 */
function inRuns(pieces: readonly Piece[]): Piece[] {
  const runs: Piece[] = [];
  let [was, now] = ['', ''];
  const close = () => {
    runs.push(...pieceOf(was, 'removed'), ...pieceOf(now, 'added'));
    [was, now] = ['', ''];
  };
  pieces.forEach(({ text, mark }, at) => {
    const between = mark === undefined && text.trim() === '' && was + now !== '' && pieces[at + 1];
    if (mark === undefined && !between) {
      close();
      runs.push({ text });
      return;
    }
    if (mark !== 'added') was += text;
    if (mark !== 'removed') now += text;
  });
  close();
  return runs;
}
