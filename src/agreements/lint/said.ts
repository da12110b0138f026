import type { Reading, Sentence } from '../read/reading.ts';

/**
 * A sentence, and what stands above it: its heading, what leads in to its list, the question it answers, what was said before it in
 * the paragraph. `empty`: it is evidence of nothing.
 */
export type Said = { sentence: Sentence; above: string; empty: boolean };

const reach = 3; // sentences of the same paragraph

/** What a document says, each sentence with what it has to be read with. */
export function saidIn({ sentences, headings }: Reading, nothing: readonly RegExp[]): Said[] {
  let lead = '';
  return sentences.map((sentence, at): Said => {
    const line = sentence.pieces[0]?.line ?? 1;
    const heading = headings.findLast((one) => one.line <= line);
    const last = sentences[at - 1];
    const underSame = last && (heading?.line ?? 0) <= (last.pieces[0]?.line ?? 1);
    if (!underSame) lead = '';
    else if (/[:?]$/.test(last.text)) lead = last.text;
    else if (!sentence.item && sentence.block !== last.block && !sentence.text.includes(' | ')) lead = '';
    const paragraph = sentences
      .slice(Math.max(0, at - reach), at)
      .filter((one) => one.block !== undefined && one.block === sentence.block)
      .map(({ text }) => text);
    return {
      sentence,
      above: [heading?.text ?? '', lead, ...paragraph].join('\n'),
      empty: nothing.some((pattern) => sentence.text.search(pattern) >= 0),
    };
  });
}
