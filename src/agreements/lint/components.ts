import { lineAt, linesOf, type Reading, type Sentence } from '../read/reading.ts';
import { actsIn } from './acts.ts';
import { daysIn } from './days.ts';
import type { Component, Element } from './lint-law.ts';

/** Where something stands: the line, and the sentence. */
type Evidence = { line: number; text: string };

/** What is said of a component: present with all its elements, weak with some, missing with none. `lacks`: the others, in words. */
export type FoundComponent = {
  id: string;
  status: 'present' | 'weak' | 'missing' | 'not-applicable';
  evidence: Evidence[];
  lacks: string[];
};

const leftOut = [
  /\b(agreement|protocol|document|schedule|it) (does|do|will|shall) not (cover|include|deal with|address|extend to|apply to|set out|contain)\b/i,
  /\b(outside|out of) (the )?scope\b/i,
  /\bno need (to|for)\b/i,
  /\b(there (is|are)|we have|parties have) (currently |at present |as yet )?no\b/i,
  /\bnot (yet )?(been )?(agreed|defined|determined|decided|provided for)\b/i,
  /\bto be (confirmed|agreed|determined|decided)\b/i,
];

/** Looks for a component in what a document says. */
export function findComponent({ id, elements, when }: Component, reading: Reading): FoundComponent {
  const whole = { id: '', says: '', any: when ?? [], denied: true } as const;
  if (when && evidenceOf(whole, reading).length === 0)
    return { id, status: 'not-applicable', evidence: [], lacks: [] };
  const found = elements.map((element) => ({ element, evidence: evidenceOf(element, reading) }));
  const lacks = found.flatMap(({ element, evidence }) => (evidence.length === 0 ? [element.says] : []));
  const status = lacks.length === 0 ? 'present' : lacks.length < elements.length ? 'weak' : 'missing';
  return { id, status, evidence: oncePerLine(found.flatMap(({ evidence }) => evidence)), lacks };
}

function evidenceOf(element: Element, reading: Reading): Evidence[] {
  if (element.computed) return computed(element.computed, reading);
  return reading.sentences.flatMap((sentence) => {
    if (!element.denied && leftOut.some((denial) => denial.test(sentence.text))) return [];
    const matches = (element.any ?? []).flatMap((pattern) => [...sentence.text.matchAll(pattern)]);
    // What goes on over lines is evidence on each of them.
    return matches
      .flatMap(({ index, 0: { length } }) => linesOf(sentence, index, index + length))
      .map((line) => ({ line, text: sentence.text }));
  });
}

const dated = /\b(dated?|issued|version|last review(ed)?|published)\b/i;

function computed(what: NonNullable<Element['computed']>, reading: Reading): Evidence[] {
  switch (what) {
    case 'title':
      return reading.title === null ? [] : [reading.title];
    case 'document-date':
      return reading.sentences.flatMap((sentence) => {
        const at = sentence.text.search(dated);
        const day =
          at < 0 ? undefined : daysIn(sentence.text).find((one) => one.at >= at && one.at < at + 60);
        return day ? [evidence(sentence, day.at)] : [];
      });
    case 'act':
      return actsIn(reading).map(({ evidence: where }) => where);
    case 'section':
      return actsIn(reading).flatMap(({ section, evidence: where }) => (section ? [where] : []));
    case 'each-act': {
      const acts = actsIn(reading);
      const whole = new Set(acts.filter(({ section }) => section).map(({ act }) => act));
      return acts.length > 0 && acts.every(({ act }) => whole.has(act))
        ? acts.map(({ evidence: where }) => where)
        : [];
    }
  }
}

function evidence(sentence: Sentence, at: number): Evidence {
  return { line: lineAt(sentence, at), text: sentence.text };
}

function oncePerLine(all: readonly Evidence[]): Evidence[] {
  const seen = new Map(all.map((one) => [one.line, one] as const));
  return [...seen.values()].sort((one, other) => one.line - other.line);
}
