import { findDelegation } from '../organisations/index.ts';
import { authorityOf, type Person } from '../organisations/rules.ts';
import type { Db } from '../platform/database.ts';
import type { AboutTheRelease } from '../requests/index.ts';
import { mayApprove } from './rules.ts';
import type { KeptReport, Release } from './store.ts';

type Approval = NonNullable<AboutTheRelease>['approval'];

/** What the pipeline saw, as the rules look at it. */
export function factsOfRelease(report: KeptReport, approval: Approval): NonNullable<AboutTheRelease> {
  return {
    approval,
    data: {
      missing: report.missing,
      wrongTypes: report.wrongTypes,
      failedChecks: report.quality
        .filter(({ failed, blocks }) => blocks && failed > 0)
        .map(({ says, failed, rows }) => ({ says, failed, rows })),
      problem: report.problem?.says ?? null,
      rowsIn: report.rows.in - report.rows.outside,
      heldBack: report.rows.heldBack,
      k: report.k?.required ?? null,
      limit: report.limit,
      alternatives: report.alternatives.map(({ leaveOut, heldBack }) => ({ leaveOut, heldBack })),
    },
  };
}

/**
 * What the rules look at of a person approving: who prepared it and who approves, and in whose role each acts. With a
 * choice, the approver acts in a role that does not come from whoever prepared it.
 */
export async function approvalOf(
  db: Db,
  release: Pick<Release, 'preparedBy' | 'preparedUnder'>,
  approver: Person,
): Promise<{ approval: Approval; under: string | null }> {
  const preparer = release.preparedBy ?? '';
  const delegation = release.preparedUnder === null ? null : await findDelegation(db, release.preparedUnder);
  const preparedFor = delegation?.from ?? preparer;
  const authority = authorityOf(approver, mayApprove, [preparer, preparedFor]);
  return {
    approval: {
      by: 'person',
      preparer,
      preparedFor,
      approver: approver.id,
      approvedFor: authority?.whose ?? approver.id,
    },
    under: authority?.under ?? null,
  };
}
