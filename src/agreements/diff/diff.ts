import { canonicalJson, type Json } from '../../platform/pure/canonical-json.ts';
import type { Agreement } from '../document.ts';
import type { Law } from '../law.ts';
import { type ClauseChange, diffClauses } from './clauses.ts';
import { meaningOf, meaningOfPart } from './meaning.ts';
import { type Part, partsOf } from './parts.ts';
import { inWords, labelOf } from './values.ts';

/** A term that changed: what it is about, what is said of it, before and now in words, and what that means where it is plain. */
export type TermChange = {
  kind: 'changed' | 'added' | 'removed';
  about: string;
  name: string | null;
  was: string | null;
  now: string | null;
  means: string | null;
  /** The clause that says it in words: of the new agreement, or of the old where it is gone. */
  clause: string | null;
  /** That clause says what it said before: words and terms may differ now. */
  saidAsBefore: boolean;
};

/** What changed from one agreement to another: every clause, and the terms that are not as they were. */
export type AgreementDiff = { words: ClauseChange[]; terms: TermChange[] };

/** Compares two agreements: their words clause by clause, and everything else value by value. */
export function diffAgreements(was: Agreement, now: Agreement, law: Law): AgreementDiff {
  const words = diffClauses(was.clauses, now.clauses);
  const renumbered = new Map(words.map((one) => [one.was, one.now]));
  const [before, after] = [partsOf(was), partsOf(now)];
  const old = new Map(before.map((part) => [part.id, part]));
  const kept = new Set(after.map(({ id }) => id));
  const terms = [
    ...after.flatMap((part) => {
      const other = old.get(part.id);
      return other ? changesIn(other, part, renumbered, law) : [whole(part, 'added', law)];
    }),
    ...before.filter(({ id }) => !kept.has(id)).map((part) => whole(part, 'removed', law)),
  ];
  const same = words.filter(({ kind }) => kind === 'same' || kind === 'renumbered');
  const saidAsBefore = ({ kind, clause, name }: TermChange) =>
    name !== labelOf('clause') &&
    same.some((one) => clause !== null && (kind === 'removed' ? one.was : one.now) === clause);
  return {
    words,
    terms: [
      ...terms.map((term) => ({ ...term, saidAsBefore: saidAsBefore(term) })),
      ...orderOf(before, after, words, was.clauses),
    ],
  };
}

// Columns leave in the order in which they are listed, and the digest is of the order too.
function orderOf(
  before: readonly Part[],
  after: readonly Part[],
  words: readonly ClauseChange[],
  clauses: Agreement['clauses'],
): TermChange[] {
  const both = (ids: readonly string[], others: readonly string[]) =>
    ids.filter((id) => others.includes(id)).join('\n');
  const [old, young] = [before, after].map((parts) => parts.map(({ id }) => id)) as [string[], string[]];
  const places = words.filter(({ now }) => now !== null).flatMap(({ was }) => (was === null ? [] : [was]));
  const ids = clauses.map(({ id }) => id);
  const moved = [
    ...(both(old, young) === both(young, old) ? [] : ['The terms']),
    ...(both(ids, places) === places.join('\n') ? [] : ['The clauses']),
  ];
  return moved.map((about) => ({
    kind: 'changed',
    about,
    name: null,
    was: 'in the order they were',
    now: 'in another order',
    means: null,
    clause: null,
    saidAsBefore: false,
  }));
}

/** Whether two agreements say the same, in the same places. */
export function isSame({ words, terms }: AgreementDiff): boolean {
  return terms.length === 0 && words.every(({ kind }) => kind === 'same');
}

function whole(part: Part, kind: 'added' | 'removed', law: Law): TermChange {
  const said = Object.entries(part.values)
    .map(([name, value]) => `${labelOf(name)}: ${inWords(name, value, law)}`)
    .join('; ');
  const [was, now] = kind === 'added' ? [null, said] : [said, null];
  const means = meaningOfPart(part, kind);
  return { kind, about: part.about, name: null, was, now, means, clause: part.clause, saidAsBefore: false };
}

function changesIn(
  was: Part,
  now: Part,
  renumbered: ReadonlyMap<string | null, string | null>,
  law: Law,
): TermChange[] {
  const { about, clause, kind } = now;
  const names = [...new Set([...Object.keys(now.values), ...Object.keys(was.values)])];
  const changed = names.filter((name) => textOf(was.values[name]) !== textOf(now.values[name]));
  const values = changed.map((name): TermChange => {
    const [before, after] = [was.values[name], now.values[name]];
    return {
      kind: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
      about,
      name: labelOf(name),
      was: before === undefined ? null : inWords(name, before, law),
      now: after === undefined ? null : inWords(name, after, law),
      means: meaningOf(kind, name, before, after),
      clause,
      saidAsBefore: false,
    };
  });
  // That a clause has another number is said of the clause.
  const moved = was.clause !== now.clause && renumbered.get(was.clause) !== now.clause;
  if (!moved) return values;
  const name = labelOf('clause');
  return [
    ...values,
    {
      kind: 'changed',
      about,
      name,
      was: was.clause,
      now: now.clause,
      means: null,
      clause,
      saidAsBefore: false,
    },
  ];
}

const textOf = (value: Json | undefined) => (value === undefined ? null : canonicalJson(value));
