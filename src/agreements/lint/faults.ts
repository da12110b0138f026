import { type Heading, lineAt, type Reading, type Sentence, sentenceOf } from '../read/reading.ts';
import { unboundIn } from './bound.ts';
import type { FoundComponent } from './components.ts';
import { leftBlank } from './left-blank.ts';
import { onwardConflict } from './onward.ts';
import type { NamedParty } from './parties.ts';
import { actingIn } from './signing.ts';

/** Something in a document that does not fit with something else in it: where, what, and where the other is. */
export type LogicFault = { id: string; line: number; other?: number; says: string };

/** What contradicts itself, or is left open, in a document whose components, parties and signatures were found. */
export function findFaults(
  reading: Reading,
  components: readonly FoundComponent[],
  parties: readonly NamedParty[],
  block: readonly Sentence[],
): LogicFault[] {
  const component = (id: string) => components.find((one) => one.id === id);
  const [retention, rights] = [component('C29'), component('C19')];
  const kept =
    retention?.evidence[0]?.line ??
    [...reading.sentences, ...reading.headings.map(sentenceOf)].find(({ text }) => keeping.test(text))
      ?.pieces[0]?.line;
  const faults: (LogicFault | null)[] = [
    retention?.lacks.includes('a period') && kept !== undefined
      ? {
          id: 'retention-no-period',
          line: kept,
          says: 'It speaks of keeping and destroying information, and not of how long it is kept.',
        }
      : null,
    rights?.lacks.includes('who answers')
      ? {
          id: 'no-sar-procedure',
          line: rights.evidence[0]?.line ?? 1,
          says: 'Nothing says who answers people who ask for their information.',
        }
      : null,
    onwardConflict(reading),
    foiConflict(reading),
    ...contentsFaults(reading),
    ...leftBlank(reading),
    ...unboundIn(reading, parties, block),
    ...actingIn(block).map((line) => ({
      id: 'acting-signatory',
      line,
      says: 'Somebody signs who only acts in the post. Check, and keep, that they had the authority on that day.',
    })),
  ];
  return faults.filter((fault) => fault !== null);
}

const keeping = /\bretention\b|\bhow long\b.{0,30}\bkept\b|\b(?:kept|retained|held)\b.{0,20}\blonger than\b/i;

const foi = /\bfreedom of information\b|\bFOI(?:S)?A?\b/i;
const publicRequest = /\brequests? from (?:the )?(?:public|press)\b|\bmembers? of the public\b/i;
const agreed = /\b(?:consent(?:s|ed)?|authority|permission|approval|agreed|agrees)\b/i;

const waits = (text: string) =>
  agreed.test(text) && /\b(?:without|unless|until|subject to|only|if|after|once)\b/i.test(text);
const likewise =
  /\b(?:this|the same|that|it) (?:rule |also |equally )?appl(?:y|ies)\b|\bthis includes\b|\bin the same way\b/i;

// Answers to requests of the public that wait until somebody else agrees.
function foiConflict({ sentences, headings }: Reading): LogicFault | null {
  if (![...sentences, ...headings].some(({ text }) => foi.test(text))) return null;
  const above = (line: number) => headings.findLast((heading) => heading.line <= line)?.text ?? '';
  const found = sentences.find(({ text, block, pieces }, at) => {
    const before = sentences[at - 1];
    const about =
      foi.test(text) ||
      publicRequest.test(text) ||
      (before?.block === block && foi.test(before.text)) ||
      [foi, publicRequest].some((one) => one.test(above(pieces[0]?.line ?? 1)));
    return (
      about &&
      (waits(text) || (before?.block === block && likewise.test(text) && waits(before.text))) &&
      /\b(?:releas|disclos|provid|answer|given out|information)/i.test(text) &&
      !/\b(?:consent|permission|approval)\b.{0,40}\bnot (?:be )?(?:required|needed)|\bno\b.{0,20}\b(?:consent|permission)\b|\bdata subject/i.test(
        text,
      )
    );
  });
  if (!found) return null;
  return {
    id: 'foi-consent-conflict',
    line: lineAt(found, (agreed.exec(found.text) ?? foi.exec(found.text))?.index ?? 0),
    says: 'A public authority cannot make an answer under the Freedom of Information Act wait for another’s consent: it can only ask first.',
  };
}

// A list of contents that does not name a section, or names one that is not there. Forms and lists in annexes have numbers of their own.
function contentsFaults({ headings, contents, sentences }: Reading): LogicFault[] {
  if (contents.length === 0) return [];
  const annex = headings.findIndex(({ text }) =>
    /^(appendix|appendices|annex|annexe|schedule)\b/i.test(text),
  );
  const body = headings.slice(0, annex === -1 ? undefined : annex);
  const listed = new Set(contents.map(sameHeading));
  const there = new Set([
    ...headings.map(sameHeading),
    ...sentences.map(({ text, pieces }) => sameHeading({ text, number: null, line: pieces[0]?.line ?? 1 })),
  ]);
  const numbered = body.filter(({ number }) => number !== null && !number.includes('.'));
  const missing = numbered.filter((heading) => !listed.has(sameHeading(heading)));
  const gone = contents.filter(
    ({ number, ...entry }) =>
      number !== null && !number.includes('.') && !there.has(sameHeading({ number, ...entry })),
  );
  const unread = missing.length === numbered.length || gone.length === contents.length;
  if (unread) return [];
  return [
    ...missing.map(({ line, number, text }) => ({
      id: 'contents-mismatch',
      line,
      says: `Section ${number}, ${text}, is not in the list of contents.`,
    })),
    ...gone.map(({ line, number, text }) => ({
      id: 'contents-mismatch',
      line,
      says: `The list of contents names section ${number}, ${text}, and there is none.`,
    })),
  ];
}

const sameHeading = ({ text }: Heading) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
