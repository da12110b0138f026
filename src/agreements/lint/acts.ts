import { lineAt, type Reading } from '../read/reading.ts';

/** An Act or Regulations that a document names as a power: in words without its year's brackets, and whether with a section. */
export type NamedAct = { act: string; section: boolean; evidence: { line: number; text: string } };

const named = /\b(?:Act|Regulations|Measure|Order),? \(?((?:19|20)\d\d)\)?/g;
const within = /^(?:[A-Z(]|and$|of$|the$|for$|to$|in$|on$|etc)/;
const before = /^(?:The|In|Under|And|By|Section|and|of|the|for|to|in|on|Part|Schedule)$/;
// What rules how information is handled gives no power to share it.
const notPowers =
  /\b(data protection|data use|european union|freedom of information|environmental information|human rights|equality|computer misuse|official secrets|public records|investigatory powers|network and information|limitation|access to health records|contracts rights|privacy and electronic|re-use of public)/i;
const givesNone =
  /\b(?:does|did|do) not (?:change|prevent|affect|apply|stop|alter)\b|\bnothing in\b.{0,60}\bprevents\b|\b(?:set up|established) (?:by|under)\b/i;
const reach = 120;
const cited =
  /\b(?:sections?|ss?\.?|paragraphs?|paras?|regulations?|regs?|articles?|part|parts|schedule) ?\(?\d+/gi;

const theAct = /["“‘]the Act["”’] means\b|\(the ["“‘]Act["”’]\)|\(["“‘]the Act["”’]\)/i;

/** The Acts and Regulations of a document that can be powers to share, each time they are named. */
export function actsIn({ sentences }: Reading): NamedAct[] {
  // “the Act” where it is said which.
  const citesIt = sentences.some(({ text }) =>
    /\b(?:sections?|ss?\.?) ?\d+\w?(?: of|,) the Act\b/i.test(text),
  );
  return sentences.flatMap((sentence) => {
    const { text } = sentence;
    if (givesNone.test(text)) return [];
    const all = [...text.matchAll(named)].map((match) => {
      const name = nameBefore(text.slice(0, match.index));
      const act = `${name} ${match[0]}`.replaceAll(/[(),]/g, '').toLowerCase();
      const end = match.index + match[0].length;
      return { act, at: match.index, start: Math.max(0, match.index - name.length - 1), end };
    });
    return all.flatMap(({ act, at, start, end }, index) => {
      if (notPowers.test(act)) return [];
      const from = Math.max(all[index - 1]?.end ?? 0, start - reach);
      const next = all[index + 1];
      // “…, the Housing Act 1996 and section 14 of the Offender Management Act 2007”: the section is of the second.
      const after = text.slice(end, Math.min(next?.start ?? text.length, end + reach));
      const own = next ? after.slice(0, citationAt(after) ?? undefined) : after;
      const section =
        citationAt(text.slice(from, start)) !== null ||
        own.search(cited) >= 0 ||
        (citesIt && theAct.test(text));
      return [{ act, section, evidence: { line: lineAt(sentence, at), text } }];
    });
  });
}

// Where “section 14 of the” begins that a text ends with.
function citationAt(text: string): number | null {
  if (!/\b(?:of|to|in)(?: the)?(?: same)?$/i.test(text.trimEnd())) return null;
  const last = [...text.matchAll(cited)].at(-1);
  return last && !/[;.:]/.test(text.slice(last.index)) ? last.index : null;
}

// The words that lead up to “Act 2011” and belong to its name.
function nameBefore(text: string): string {
  const words = text.slice(-160).trimEnd().split(' ');
  const first = words.findLastIndex((word) => !within.test(word)) + 1;
  const name = words.slice(first);
  const the = name.findLastIndex((word) => /^the$/i.test(word));
  const own = name.slice(the + 1);
  while (own[0] !== undefined && before.test(own[0])) own.shift();
  return own.join(' ');
}
