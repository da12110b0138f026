import type { Day } from '../../platform/pure/dates.ts';
import type { Law } from '../law.ts';
import { actsIn } from '../lint/acts.ts';
import { type FoundComponent, findComponents } from '../lint/components.ts';
import { readDates } from '../lint/dates.ts';
import { daysIn } from '../lint/days.ts';
import type { LintLaw } from '../lint/lint-law.ts';
import { partiesOf } from '../lint/parties.ts';
import { signatureBlock } from '../lint/signing.ts';
import { lineAt, type Place, placeOf, type Reading } from '../read/reading.ts';
import { clauseAt, type ReadClause } from './clauses.ts';
import { periodOf, type Span, spansIn } from './measures.ts';

/** How much a value can be relied on: read where such a thing is said and nowhere else; read, and not told for what; one of several. */
type Confidence = 'sure' | 'likely' | 'unsure';

/** A value that was read in a document, for a term or an entry of an agreement: what it is, and the words that it was read from. */
export type Suggestion = {
  name: string;
  value: string | number;
  confidence: Confidence;
  place: Place;
  clause: string | null;
  quote: string;
};

type Candidate = { value: string | number; line: number; quote: string };

/** What can be read in a document, as a day; each value with its clause and its words. Nothing is made up: what is not there is not said. */
export function findTerms(
  reading: Reading,
  clauses: readonly ReadClause[],
  lintLaw: LintLaw,
  law: Law,
  asOf: Day,
): Suggestion[] {
  const components = findComponents(lintLaw, reading);
  const evidence = (id: string) => components.find((one) => one.id === id)?.evidence ?? [];
  const said = (name: string, candidates: readonly Candidate[], strong = true): Suggestion[] => {
    const values = [...new Map(candidates.map((one) => [one.value, one])).values()];
    const [first] = values;
    if (!first) return [];
    const confidence = values.length > 1 ? 'unsure' : strong ? 'sure' : 'likely';
    return [suggested(name, first, confidence)];
  };
  const each = (name: string, candidates: readonly Candidate[], confidence: Confidence): Suggestion[] =>
    [...new Map(candidates.map((one) => [one.value, one])).values()].map((one, at) =>
      suggested(`${name}[${at}]`, one, confidence),
    );
  const suggested = (
    name: string,
    { value, line, quote }: Candidate,
    confidence: Confidence,
  ): Suggestion => ({
    name,
    value,
    confidence,
    place: placeOf(reading, line),
    clause: isApart(placeOf(reading, line)) ? null : (clauseAt(clauses, line)?.id ?? null),
    quote: quote.slice(0, 400),
  });
  const measured = (id: string, of: (span: Span, text: string) => string | number | null): Candidate[] =>
    evidence(id).flatMap(({ line, text }) =>
      spansIn(text).flatMap((span) => {
        const value = of(span, text);
        return value === null ? [] : [{ value, line, quote: text }];
      }),
    );
  const matching = (pattern: RegExp, read: (match: RegExpExecArray) => string | null): Candidate[] =>
    [...reading.sentences, ...reading.apart].flatMap((sentence) => {
      const match = pattern.exec(sentence.text);
      const value = match && read(match);
      return value ? [{ value, line: lineAt(sentence, match.index), quote: sentence.text }] : [];
    });

  const { dates } = readDates(reading, signatureBlock(reading), asOf);
  const lineOfDay = (day: Day) => {
    const sentence = reading.sentences.find(({ text }) => daysIn(text).some((one) => one.day === day));
    return sentence ? [{ value: day, line: lineAt(sentence, 0), quote: sentence.text }] : [];
  };
  const workingDays = (span: Span) =>
    span.unit === 'day' ? span.number : span.unit === 'week' ? span.number * 5 : null;

  return [
    ...(reading.title
      ? [
          suggested(
            'title',
            { value: reading.title.text, line: reading.title.line, quote: reading.title.text },
            'sure',
          ),
        ]
      : []),
    ...said(
      'reference',
      matching(
        /\b(?:[Rr]eference|[Rr]ef|[Aa]greement|[Dd]ocument)\.? ?(?:[Nn]o|[Nn]umber|ID|id)?\.? ?[:|] ?\|? ?([A-Z][A-Z0-9]*(?:[-/ ][A-Z0-9]+){1,4})\b/,
        ([, text = '']) => text.replaceAll(/[/ ]/g, '-'),
      ),
    ),
    ...said(
      'owner',
      matching(
        /\b(?:(?:document|agreement|protocol) owner|owner)\b ?[:|] ?\|? ?([^|.;]{3,80})/i,
        ([, text = '']) => text.trim(),
      ),
    ),
    ...said('startsOn', dates.commencement ? lineOfDay(dates.commencement) : []),
    ...said('endsOn', endsIn(reading)),
    ...said(
      'marking',
      matching(/\bOFFICIAL(?:[- –]SENSITIVE)?\b/, ([text]) =>
        text.includes('SENSITIVE') ? 'OFFICIAL-SENSITIVE' : 'OFFICIAL',
      ),
      false,
    ),
    ...each('parties', partyCandidates(reading), 'sure'),
    ...each(
      'registrations',
      matching(/\b(Z[A-Z]?\d{6,7})\b/, ([, number = '']) => number),
      'likely',
    ),
    ...each('spoc', mailsAfter(reading, /\b(?:single point of contact|SPOC|point of contact)\b/i), 'likely'),
    ...each('dpo', mailsAfter(reading, /\b(?:data protection officer|DPO)\b/i), 'likely'),
    ...said('role', roleIn(reading)),
    ...each(
      'purposes',
      evidence('C05')
        .filter(({ text }) => !/\breview/i.test(text) && !ofTheDocument.test(text))
        .map(({ line, text }) => ({
          value: text.replace(/^(?:[A-Z]?\.?\d{1,2}(?:\.\d{1,2}){0,3}[.)]? |[A-Z][\w ]{2,30} \| )/, ''),
          line,
          quote: text,
        }))
        .slice(0, 3),
      'likely',
    ),
    ...each('powers', powersIn(reading, law), 'likely'),
    ...each('lawfulBases', basesIn(reading), 'likely'),
    ...each('conditions', conditionsIn(reading, law), 'likely'),
    ...each('fields', fieldsIn(evidence('C08')), 'unsure'),
    ...said(
      'retention.period',
      measured('C29', (span, text) =>
        /\b(retain|retention|kept|keep|hold|held|store|destroy|delet|dispos)/i.test(text)
          ? periodOf(span)
          : null,
      ),
    ),
    ...said(
      'retention.method',
      evidence('C29')
        .flatMap(({ line, text }) =>
          /\b(destroy|destroyed|destruction|delet\w+|shred\w*|dispos\w+|eras\w+)\b/i.test(text)
            ? [{ value: text, line, quote: text }]
            : [],
        )
        .slice(0, 1),
      false,
    ),
    ...said(
      'incidents.tellPartnerWithinHours',
      measured('C31', (span, text) =>
        /\b(ICO|Information Commissioner)\b/.test(text)
          ? null
          : span.unit === 'hour'
            ? span.number
            : span.unit === 'day' && span.number < 3
              ? span.number * 24
              : null,
      ),
    ),
    ...said('requests.noticeWorkingDays', measured('C41', workingDays)),
    ...said('corrections.tellPartnerWithinWorkingDays', measured('C23', workingDays)),
    ...said(
      'rights.tellPartnerWithinWorkingDays',
      measured('C19', ({ number, unit }, text) =>
        unit === 'day' && number <= 20 && /\b(notif|inform|tell|told|forward|pass|send|refer|let)/i.test(text)
          ? number
          : null,
      ),
    ),
    ...said(
      'foi.tellPartnerWithinWorkingDays',
      measured('C20', (span) => (span.unit === 'day' && span.number < 20 ? span.number : null)),
    ),
    ...said(
      'onward.rule',
      ruleIn(
        evidence('C28'),
        /\b(third part|onward|further shar|further disclos|pass(?:ed)? on|disseminat)/i,
      ),
    ),
    ...said('outsideUk.rule', ruleIn(evidence('C30'), /\b(outside|abroad|overseas|transfer|third countr)/i)),
    ...said('review.firstAfter', reviewsIn(evidence('C33')).firstAfter),
    ...said('review.every', reviewsIn(evidence('C33')).every),
    ...said(
      'termination.noticeDays',
      measured('C35', (span, text) =>
        /\b(terminat|withdraw|notice|leave)/i.test(text) ? daysOf(span) : null,
      ),
    ),
  ];
}

type Evidence = FoundComponent['evidence'];

// The head or foot of a page is of no clause.
const isApart = ({ part }: Place) => part === 'header' || part === 'footer';

const daysOf = ({ number, unit }: Span) =>
  ({ hour: null, day: number, week: number * 7, month: number * 30, year: number * 365 })[unit];

function endsIn({ sentences }: Reading): Candidate[] {
  return sentences.flatMap((sentence) => {
    const match = /\b(until|expir\w+|ends?|end date|terminat\w+ on|valid to)\b/i.exec(sentence.text);
    if (!match || /\breview/i.test(sentence.text)) return [];
    const day = daysIn(sentence.text).find(
      ({ exact, at }) => exact && at > match.index && at < match.index + 60,
    );
    return day ? [{ value: day.day, line: lineAt(sentence, match.index), quote: sentence.text }] : [];
  });
}

// “It has been made to: define the purposes; describe the security procedures”: what the document is for, not the data.
const ofTheDocument = /^(?:[-•*] )?(?:to )?(?:define|describe|explain|outline|set out|set down)s?\b/i;

function partyCandidates(reading: Reading): Candidate[] {
  return partiesOf(reading).map(({ name, line }) => ({
    value: name,
    line,
    quote: reading.sentences.find(({ text }) => text.includes(name))?.text ?? name,
  }));
}

// The address that stands soon after what it is of.
function mailsAfter({ sentences }: Reading, label: RegExp): Candidate[] {
  return sentences.flatMap((sentence) => {
    const at = sentence.text.search(label);
    if (at < 0) return [];
    const near = sentence.text.slice(at, at + 220).split(/[\s,;:()<>|]/);
    const mail = near
      .find((word) => word.indexOf('@') > 0 && word.split('@')[1]?.includes('.'))
      ?.replace(/\.$/, '');
    return mail === undefined ? [] : [{ value: mail, line: lineAt(sentence, at), quote: sentence.text }];
  });
}

function roleIn({ sentences }: Reading): Candidate[] {
  return sentences.flatMap((sentence) => {
    const { text } = sentence;
    const value =
      /\b(?<!not )joint(?:ly)?\b.{0,20}\bcontrollers?\b/i.test(text) && !/\bnot\b.{0,20}\bjoint/i.test(text)
        ? 'joint-controller'
        : /\bcontrollers?\b/i.test(text) && /\b(independent|separate|sole|own right|each)\b/i.test(text)
          ? 'controller'
          : null;
    return value === null ? [] : [{ value, line: lineAt(sentence, 0), quote: text }];
  });
}

// An Act that is named as a power, with its section where that is one of those in law/gateways.yaml.
function powersIn(reading: Reading, { gateways }: Law): Candidate[] {
  const all = [...gateways.values()].map(({ id, law, section }) => ({ id, law: law.toLowerCase(), section }));
  return actsIn(reading).flatMap(({ act, evidence }) => {
    const ofAct = all.filter(({ law }) => law === act);
    const sections = [...evidence.text.matchAll(/\b(?:sections?|ss?\.?) ?(\d{1,3}[A-Z]?)/gi)].map(
      ([, number = '']) => number,
    );
    const found = ofAct.filter(({ section }) =>
      sections.some((number) => numbersOf(section).includes(number)),
    );
    return found.map(({ id }) => ({ value: id, line: evidence.line, quote: evidence.text }));
  });
}

const numbersOf = (section: string) =>
  [...section.matchAll(/\b(\d{1,3}[A-Z]?)\b/g)].map(([, number = '']) => number);

function basesIn({ sentences }: Reading): Candidate[] {
  return sentences.flatMap((sentence) => [
    ...[...sentence.text.matchAll(/\b6 ?\(1\) ?\((a|b|c|d|e|ea|f)\)/gi)].map(({ 1: letter = '', index }) => ({
      value: `gdpr-6-1-${letter.toLowerCase()}`,
      line: lineAt(sentence, index),
      quote: sentence.text,
    })),
    ...[...sentence.text.matchAll(/\b(?:section|s\.?) ?35 ?\(2\) ?\((a|b)\)/gi)].map(
      ({ 1: letter = '', index }) => ({
        value: `dpa-p3-35-2-${letter.toLowerCase()}`,
        line: lineAt(sentence, index),
        quote: sentence.text,
      }),
    ),
  ]);
}

function conditionsIn({ sentences }: Reading, { conditions }: Law): Candidate[] {
  const found = sentences.flatMap((sentence) => [
    ...[...sentence.text.matchAll(/\b9 ?\(2\) ?\(([a-j])\)/gi)].map(
      ({ 1: letter = '', index }) => [`gdpr-9-2-${letter.toLowerCase()}`, sentence, index] as const,
    ),
    ...[
      ...sentence.text.matchAll(
        /\bSchedule ?(1|8)\b.{0,60}?\b(?:paragraph|para|condition)s?\.? ?(\d{1,2})\b/gi,
      ),
    ].map(
      ({ 1: schedule = '', 2: number = '', index }) =>
        [`sch${schedule}-${number.padStart(2, '0')}`, sentence, index] as const,
    ),
  ]);
  return found.flatMap(([value, sentence, index]) =>
    conditions.has(value) ? [{ value, line: lineAt(sentence, index), quote: sentence.text }] : [],
  );
}

// Names of things in a list: each on a line of its own, or between commas after what leads in to them.
function fieldsIn(evidence: Evidence): Candidate[] {
  return evidence
    .flatMap(({ line, text }) => {
      const lead = /:|\b(?:includ(?:e|es|ing)|compris(?:e|es|ing)|consists? of)\b/i.exec(text);
      const list = lead ? text.slice(lead.index + lead[0].length, lead.index + 600) : '';
      const listed = list.split(/,|;|\|/);
      const items = listed.length >= 3 ? listed : text.split(' ').length <= 9 ? [text] : [];
      return items
        .map((item) =>
          item
            .replace(/^\s*(and|or)\s/, '')
            .replaceAll(/[.;•]/g, '')
            .trim(),
        )
        .filter((item) => /^[A-Za-z][\w’', /()-]{2,80}$/.test(item) && item.split(' ').length <= 9)
        .filter((item) => !/\b(will|shall|must|may|is|are|be|been)\b/i.test(item))
        .map((value) => ({ value, line, quote: text }));
    })
    .slice(0, 40);
}

function ruleIn(evidence: Evidence, about: RegExp): Candidate[] {
  return evidence.flatMap(({ line, text }) => {
    if (!about.test(text)) return [];
    const value =
      /\b(with|without|of|from|written)\b/i.test(text) &&
      /\b(consent|permission|approval|authori[sz]ation|authority|written agreement|agreement (of|from))\b/i.test(
        text,
      )
        ? 'written-consent'
        : /\b(not|never|no|nothing|none)\b/i.test(text)
          ? 'never'
          : null;
    return value === null ? [] : [{ value, line, quote: text }];
  });
}

function reviewsIn(evidence: Evidence): { firstAfter: Candidate[]; every: Candidate[] } {
  const reviews = evidence.filter(({ text }) => /\breview/i.test(text));
  const of = (read: (text: string) => string | null) =>
    reviews.flatMap(({ line, text }) => {
      const value = read(text);
      return value === null ? [] : [{ value, line, quote: text }];
    });
  return {
    firstAfter: of((text) => {
      const [first] = spansIn(text).filter(({ at }) =>
        /^.{0,40}\b(after|from|following|of)\b/i.test(text.slice(at)),
      );
      return first ? periodOf(first) : null;
    }),
    every: of((text) => {
      const [again] = spansIn(text).filter(({ at }) =>
        /\b(every|each)\s$/i.test(text.slice(Math.max(0, at - 6), at)),
      );
      if (again) return periodOf(again);
      if (/\b(annual(ly)?|yearly|each year|every year|once a year)\b/i.test(text)) return 'P1Y';
      return /\bbiennial(ly)?\b/i.test(text) ? 'P2Y' : null;
    }),
  };
}
