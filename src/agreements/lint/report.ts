import { type Day, showDay } from '../../platform/pure/dates.ts';
import { counted, inOneLine, upperFirst } from '../../platform/pure/words.ts';
import type { Markup, Place } from '../read/reading.ts';
import type { Linted } from './lint.ts';
import type { Component, LintLaw } from './lint-law.ts';

/** One thing to do about a document: where, what it says or lacks, what to write instead, and by which law. */
export type ToDo = {
  id: string;
  heading: string;
  where: string | null;
  quote: string | null;
  says: string;
  instead: string | null;
  source: string | null;
};

/** What a document needs, in the order in which to do it. */
export type Report = {
  file: string;
  title: string;
  parties: string;
  asOf: string;
  counts: { present: number; weak: number; missing: number; outdated: number; faults: number };
  /** Words to put in the place of others. */
  words: ToDo[];
  /** What must be there and is not. */
  missing: ToDo[];
  /** What contradicts itself. */
  faults: ToDo[];
  /** What is there in part. */
  weak: ToDo[];
  /** What is not there, and is needed where it applies. */
  further: ToDo[];
  present: { id: string; title: string; where: string }[];
  notApplicable: string[];
  markup: { where: string; says: string }[];
};

const graver = { error: 0, warning: 1, info: 2 } as const;

/** A report of what was found in a file that people call `file`, for them to work through. */
export function reportOf(found: Linted, law: LintLaw, file: string, asOf: Day): Report {
  const about = new Map(law.components.map((one) => [one.id, one]));
  const of = (status: string) =>
    found.components.flatMap((one) => {
      const component = about.get(one.id);
      return component && one.status === status ? [{ ...one, component }] : [];
    });
  const [present, weak, missing] = [of('present'), of('weak'), of('missing')];
  const where = (place: Place) => inPlace(place, file);
  const lacking = (component: Component): ToDo => ({
    id: component.id,
    heading: component.title,
    where: null,
    quote: null,
    says: `It does not say ${inOneLine(component.elements.map(({ says }) => says))}.`,
    instead: component.instead,
    source: component.source,
  });
  return {
    file,
    title: found.title ?? 'A document without a title',
    parties: inOneLine(found.parties),
    asOf: showDay(asOf),
    counts: {
      present: present.length,
      weak: weak.length,
      missing: missing.length,
      outdated: found.outdated.length,
      faults: found.logic.length,
    },
    words: law.outdated
      .map((one) => ({ one, hits: found.outdated.filter(({ id }) => id === one.id) }))
      .filter(({ hits }) => hits.length > 0)
      .toSorted((a, b) => graver[a.one.severity] - graver[b.one.severity])
      .map(({ one: { id, title, instead, since, source }, hits }) => ({
        id,
        heading: upperFirst(title),
        where: inOneLine([...new Set(hits.map(where))]),
        quote: inOneLine([...new Set(hits.map(({ text }) => `“${text}”`))]),
        says: since === null ? '' : `Since ${showDay(since as Day)}.`,
        instead: upperFirst(instead),
        source,
      })),
    missing: missing.flatMap(({ component }) =>
      component.importance === 'must' ? [lacking(component)] : [],
    ),
    faults: [...Map.groupBy(found.logic, ({ says }) => says)].map(([says, hits]) => ({
      id: hits[0]?.id ?? '',
      heading: '',
      where: upperFirst(
        inOneLine(
          hits.flatMap(({ id: _, says: __, other, ...place }) =>
            [place, ...(other ? [other] : [])].map(where),
          ),
        ),
      ),
      quote: null,
      says,
      instead: null,
      source: null,
    })),
    weak: weak.map(({ component, lacks, evidence }) => ({
      id: component.id,
      heading: component.title,
      where: evidence[0] ? where(evidence[0]) : null,
      quote: evidence[0] ? `“${evidence[0].text}”` : null,
      says: `It lacks ${inOneLine(lacks)}.`,
      instead: component.instead,
      source: component.source,
    })),
    further: missing.flatMap(({ component }) =>
      component.importance === 'must' ? [] : [lacking(component)],
    ),
    present: present.map(({ component, evidence }) => ({
      id: component.id,
      title: component.title,
      where: inOneLine([...new Set(evidence.map(where))].slice(0, 4)),
    })),
    notApplicable: of('not-applicable').map(({ component }) => component.title),
    markup: found.markup.map((one) => ({ where: where(one.place), says: markupInWords(one) })),
  };
}

/** Where something is in a file, as a person looks for it: “page 2, line 7”, “paragraph 12 (footnote)”. */
export function inPlace({ line, page, part }: Place, file: string): string {
  const beside = part === undefined ? '' : ` (${part})`;
  if (page !== undefined) return `page ${page}, line ${line}`;
  return `${/\.docx$/i.test(file) ? 'paragraph' : 'line'} ${line}${beside}`;
}

function markupInWords({ kind, text, by }: Markup): string {
  if (kind === 'picture') return 'A page that is a picture, without text. Nothing of it was read.';
  const who = by === null ? '' : ` by ${by}`;
  const done = kind === 'comment' ? 'A comment' : kind === 'inserted' ? 'Put in' : 'Taken out';
  return `${done}${who}, not ${kind === 'comment' ? 'answered' : 'accepted'} yet: “${text}”`;
}

/** How many of everything there are, in a sentence. */
export function countsInWords({ counts }: Report): string {
  const { present, weak, missing, outdated, faults } = counts;
  return `${counted(present, 'component is', 'components are')} there, ${weak} in part, ${missing} not; ${counted(outdated, 'place is', 'places are')} out of date; ${counted(faults, 'thing does', 'things do')} not fit.`;
}
