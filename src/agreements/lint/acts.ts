import { lineAt, type Reading } from '../read/reading.ts';

/** An Act or Regulations that a document names as a power: in words without its year's brackets, and whether with a section. */
export type NamedAct = { act: string; section: boolean; evidence: { line: number; text: string } };

const named = /\b(?:Act|Regulations|Measure|Order),? \(?((?:19|20)\d\d)\)?/g;
const within = /^(?:[A-Z(]|and$|of$|the$|for$|to$|in$|on$|etc)/;
const before = /^(?:The|In|Under|And|By|Section|and|of|the|for|to|in|on|Part|Schedule)$/;
// What rules how information is handled gives no power to share it.
const notPowers =
  /\b(data protection|data \(?use|freedom of information|environmental information|human rights|equality|computer misuse|official secrets|public records|investigatory powers|network and information)/i;
const cited = /\b(sections?|ss?\.|paragraphs?|regulations?|articles?|part|schedule) ?\d+/i;

/** The Acts and Regulations of a document that can be powers to share, each time they are named. */
export function actsIn({ sentences }: Reading): NamedAct[] {
  return sentences.flatMap((sentence) =>
    [...sentence.text.matchAll(named)].flatMap((match) => {
      const act = nameBefore(sentence.text.slice(0, match.index), match[0]);
      if (notPowers.test(act)) return [];
      const around = sentence.text.slice(Math.max(0, match.index - 80), match.index + match[0].length + 80);
      const where = { line: lineAt(sentence, match.index), text: sentence.text };
      return [{ act, section: cited.test(around), evidence: where }];
    }),
  );
}

// The words that lead up to “Act 2011” and belong to its name.
function nameBefore(text: string, act: string): string {
  const words = text.slice(-160).trimEnd().split(' ');
  const first = words.findLastIndex((word) => !within.test(word)) + 1;
  const name = words.slice(first);
  while (name[0] !== undefined && before.test(name[0])) name.shift();
  return [...name, act].join(' ').replaceAll(/[(),]/g, '').toLowerCase();
}
