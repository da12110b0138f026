import { lineAt, type Reading } from '../read/reading.ts';
import type { LogicFault } from './faults.ts';

// [insert name], [say how long], [TBC]; a link of Markdown is none.
const blank = /\[(?:say|insert|enter|tbc|to be (?:confirmed|agreed|completed))\b[^[\]]{0,200}\](?!\()/gi;

/** What a template asked for, and nobody has said: each place once. Whoever signs it signs what it will say later. */
export function leftBlank({ sentences }: Reading): LogicFault[] {
  return sentences.flatMap((sentence) =>
    [...sentence.text.matchAll(blank)].map((match) => ({
      id: 'blank-left',
      line: lineAt(sentence, match.index),
      says: `This is left blank: ${match[0]}. Fill it in before anybody signs.`,
    })),
  );
}
