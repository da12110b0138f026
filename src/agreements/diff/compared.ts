import { counted } from '../../platform/pure/words.ts';
import { type Agreement, agreementDigest } from '../document.ts';
import type { Law } from '../law.ts';
import type { ClauseChange } from './clauses.ts';
import { type AgreementDiff, diffAgreements, isSame, type TermChange } from './diff.ts';

/** Two agreements compared, with what each is: for whoever shows it. */
export type Compared = AgreementDiff & { was: Side; now: Side; same: boolean };

/** One of the two. */
export type Side = Pick<Agreement, 'reference' | 'version' | 'title'> & { file: string; digest: string };

/** Compares two agreements, of files with these names. */
export function compare(
  was: Agreement,
  now: Agreement,
  files: { was: string; now: string },
  law: Law,
): Compared {
  const diff = diffAgreements(was, now, law);
  return { ...diff, was: sideOf(was, files.was), now: sideOf(now, files.now), same: isSame(diff) };
}

function sideOf(agreement: Agreement, file: string): Side {
  const { reference, version, title } = agreement;
  return { file, reference, version, title, digest: agreementDigest(agreement) };
}

/** The clauses that are not as they were. */
export function changedClauses({ words }: AgreementDiff): ClauseChange[] {
  return words.filter(({ kind }) => kind !== 'same');
}

/** What a person has to look at where a term changed and its clause did not; null where both did. */
export function toCheck({ clause, saidAsBefore }: TermChange): string | null {
  return saidAsBefore ? `Clause ${clause} says what it said before: check that it says this.` : null;
}

/** How much changed, in a sentence. */
export function summary(compared: Compared): string {
  if (compared.same) return 'They say the same, in the same places.';
  const of = (kind: ClauseChange['kind']) => compared.words.filter((one) => one.kind === kind).length;
  const clauses = [
    [of('changed'), 'changed'],
    [of('added'), 'added'],
    [of('removed'), 'taken out'],
    [of('renumbered'), 'with another number'],
  ].flatMap(([number, how]) =>
    number === 0 ? [] : [`${counted(Number(number), 'clause', 'clauses')} ${how}`],
  );
  const terms = compared.terms.length;
  const parts = [...(terms === 0 ? [] : [`${counted(terms, 'change', 'changes')} to the terms`]), ...clauses];
  return `${new Intl.ListFormat('en-GB').format(parts)}.`;
}

/** The changes to the terms, by what they are about, in the order they come. */
export function termsByPart(terms: readonly TermChange[]): [string, TermChange[]][] {
  const parts = new Map<string, TermChange[]>();
  for (const term of terms) parts.set(term.about, [...(parts.get(term.about) ?? []), term]);
  return [...parts];
}
