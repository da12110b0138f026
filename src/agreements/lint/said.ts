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
    const earlier = sentences.slice(Math.max(0, at - reach), at);
    const ofBlock = (block: number | undefined) =>
      earlier.filter((one) => one.block === block).map(({ text }) => text);
    if (!underSame) lead = '';
    else if (/[:?]$/.test(last.text)) lead = ofBlock(last.block).join('\n');
    else if (!sentence.item && sentence.block !== last.block && !sentence.text.includes(' | ')) lead = '';
    return {
      sentence,
      above: [heading?.text ?? '', lead, firstCell(sentence.text), ...ofBlock(sentence.block)].join('\n'),
      empty: nothing.some((pattern) => sentence.text.search(pattern) >= 0),
    };
  });
}

// What a row is about. A question in it is answered beside it.
const firstCell = (text: string) => text.slice(0, Math.max(0, text.indexOf(' | ')));
