import type { LintLaw } from '../lint/lint-law.ts';
import type { Part, Row } from './row.ts';
import type { Survey } from './survey.ts';

/** How many agreements there are, and how many of them have what is looked for first. */
export type Totals = {
  agreements: number;
  notRead: number;
  copies: number;
  overdue: number;
  repealed: number;
  noBasis: number;
  noRetention: number;
  signedAfterStart: number;
  unsettled: number;
  /** Each part that must be there: how many agreements lack it, and how many say only some of it. Most lacked first. */
  parts: (Part & { missing: number; weak: number })[];
};

/** The figures of a survey. */
export function totalsOf({ agreements, notRead, copies }: Survey, law: LintLaw): Totals {
  const rows = agreements.map(({ row }) => row);
  const count = (is: (row: Row) => boolean) => rows.filter(is).length;
  const lacks = (id: string) => count(({ missingMust }) => missingMust.some((part) => part.id === id));
  return {
    agreements: rows.length,
    notRead: notRead.length,
    copies: copies.length,
    overdue: count(({ overdue }) => overdue !== null),
    repealed: count(({ repealed }) => repealed.length > 0),
    noBasis: lacks('C10'),
    noRetention: lacks('C29'),
    signedAfterStart: count((row) => row.signedAfterStart),
    unsettled: count(({ unsettled: { changes, comments } }) => changes + comments > 0),
    parts: law.components
      .filter(({ importance }) => importance === 'must')
      .map(({ id, title }) => ({
        id,
        title,
        missing: lacks(id),
        weak: agreements.filter(({ report }) => report.weak.some((part) => part.id === id)).length,
      }))
      .sort((one, other) => other.missing - one.missing || other.weak - one.weak),
  };
}
