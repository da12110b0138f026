import type { Day } from '../../platform/pure/dates.ts';
import { lineAt, type Reading, type Sentence, sentenceOf } from '../read/reading.ts';
import { daysIn } from './days.ts';

/** What is said at the end of a document, where people sign: in its order, headings among it. Empty where nobody is asked to sign. */
export function signatureBlock({ sentences, headings }: Reading): Sentence[] {
  const said = [...sentences, ...headings.map(sentenceOf)].sort((one, other) => lineOf(one) - lineOf(other));
  // A section that begins after it ends it.
  const sections = new Set(headings.filter(({ number }) => number !== null).map(({ line }) => line));
  const blocks = said.flatMap(({ text, block }, first) => {
    if (
      (text.length >= 100 && !onBehalf.test(text)) ||
      !opens.test(text) ||
      talksOf.test(text) ||
      (block > 0 && block === said[first - 1]?.block && said[first - 1]?.text.includes(' | '))
    )
      return [];
    const end = said.findIndex(
      (one, at) =>
        at > first && ((one.text.length < 100 && closes.test(one.text)) || sections.has(lineOf(one))),
    );
    return [said.slice(first, end === -1 ? undefined : end)];
  });
  const dated = (block: readonly Sentence[]) => block.some(({ text }) => /\bdated?\b/i.test(text));
  return blocks.find((block) => signedIn(block).length > 0) ?? blocks.find(dated) ?? blocks[0] ?? [];
}

const opens =
  /^(?:\d+\.? ?)?(?:signatures?|signatories|signatory|signed|sign[- ]?off|print(?:ed)? name|execution|agreed by)\b|^for and on behalf of\b|^yours (?:sincerely|faithfully)\b|^(?:i|we) (?:agree|accept)\b/i;
const onBehalf = /^signed (?:for and )?on behalf of\b/i;
const talksOf = /\b(?:shall|will|must|agrees?|are|is|may)\b|\bobligations\b/i;
const closes = /^(?:appendix|appendices|annex|annexe|annexes|schedule|schedules)\b/i;

/** The days on which people signed, and where. */
export function signedIn(block: readonly Sentence[]): { day: Day; line: number }[] {
  return block.flatMap((sentence) => {
    if (otherDays.test(sentence.text)) return [];
    return daysIn(sentence.text)
      .filter(({ exact }) => exact)
      .map(({ day, at }) => ({ day, line: lineAt(sentence, at) }));
  });
}

const otherDays = /\breview|\bcommenc|\beffective|\bversion\b|\bin force\b|\bAct (?:19|20)\d\d/i;

/** Where somebody signs who only acts in the post. */
export function actingIn(block: readonly Sentence[]): number[] {
  return block.flatMap((sentence) => {
    const found = acting.exec(sentence.text);
    return found ? [lineAt(sentence, found.index)] : [];
  });
}

const acting =
  /\b(?:Acting|Interim|Temporary) (?=[A-Z])|\b[TA]\/(?=[A-Z])|\bp\.p\.|\b(?:acting|interim|temporary) (?:up\b|chief|director|head|superintendent|deputy|assistant)/;

const lineOf = ({ pieces }: Sentence) => pieces[0]?.line ?? 1;
