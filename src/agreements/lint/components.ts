import { lineAt, linesOf, type Reading, type Sentence } from '../read/reading.ts';
import { actsIn } from './acts.ts';
import { daysIn } from './days.ts';
import type { Component, Element, LintLaw } from './lint-law.ts';
import { type Said, saidIn } from './said.ts';

/** Where something stands: the line, and the sentence. */
type Evidence = { line: number; text: string };

/** What is said of a component: present with all its elements, weak with some, missing with none. `lacks`: the others, in words. */
export type FoundComponent = {
  id: string;
  status: 'present' | 'weak' | 'missing' | 'not-applicable';
  evidence: Evidence[];
  lacks: string[];
};

/** Looks for each component in what a document says. */
export function findComponents({ components, nothing }: LintLaw, reading: Reading): FoundComponent[] {
  const said = saidIn(reading, nothing);
  return components.map((component) => findComponent(component, reading, said));
}

function findComponent(component: Component, reading: Reading, said: readonly Said[]): FoundComponent {
  const { id, elements, when, none } = component;

  if (when && !said.some(({ sentence: { text } }) => when.some((pattern) => isIn(pattern, text))))
    return { id, status: 'not-applicable', evidence: [], lacks: [] };
  const denials = said.flatMap(({ sentence }) => (none ? matchesOf(none, sentence) : []));
  const found = elements.map((element) => ({
    element,
    evidence: evidenceOf(element, component, reading, said),
  }));
  if (denials.length > 0) return { id, status: 'not-applicable', evidence: oncePerLine(denials), lacks: [] };
  const lacks = found.flatMap(({ element, evidence }) => (evidence.length === 0 ? [element.says] : []));
  const status = lacks.length === 0 ? 'present' : lacks.length < elements.length ? 'weak' : 'missing';
  return { id, status, evidence: oncePerLine(found.flatMap(({ evidence }) => evidence)), lacks };
}

function evidenceOf(
  element: Element,
  { topic = [] }: Component,
  reading: Reading,
  said: readonly Said[],
): Evidence[] {
  if (element.computed) return computed(element.computed, reading);
  const { any = [], beneath = [], not = [], denied } = element;
  return said.flatMap(({ sentence, above, empty }) => {
    if ((empty && !denied) || not.some((pattern) => isIn(pattern, sentence.text))) return [];
    const about = beneath.length > 0 && topic.some((pattern) => isIn(pattern, above));
    if (!about) return matchesOf(any, sentence);
    // A row says it in its second cell, too: there a pattern may begin.
    const cell = sentence.text.indexOf(' | ');
    return [
      ...matchesOf([...any, ...beneath], sentence),
      ...(cell < 0 ? [] : matchesOf(beneath, sentence, cell + 3)),
    ];
  });
}

// What goes on over lines is evidence on each of them.
function matchesOf(patterns: readonly RegExp[], sentence: Sentence, from = 0): Evidence[] {
  return patterns
    .flatMap((pattern) => [...sentence.text.slice(from).matchAll(pattern)])
    .flatMap(({ index, 0: { length } }) => linesOf(sentence, from + index, from + index + length))
    .map((line) => ({ line, text: sentence.text }));
}

const isIn = (pattern: RegExp, text: string) => text.search(pattern) >= 0;

// A row of a version table.
const edition = /^v?\d{1,2}\.\d{1,2} /i;
const dated = /\b(dated?|issued?|edition|version|last review(ed)?|published)\b/i;

function computed(what: NonNullable<Element['computed']>, reading: Reading): Evidence[] {
  switch (what) {
    case 'title':
      return reading.title === null ? [] : [reading.title];
    case 'document-date':
      return reading.sentences.flatMap((sentence) => {
        const at = sentence.text.search(edition.test(sentence.text) ? edition : dated);
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
      // An order or regulations may be relied on as a whole; and one Act of many may be named as context.
      const named = [...new Set(acts.map(({ act }) => act))].filter((act) => /\bact \d{4}$/.test(act));
      const bare = named.filter((act) => !whole.has(act)).length;
      return acts.length > 0 && bare <= named.length / 3 ? acts.map(({ evidence: where }) => where) : [];
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
