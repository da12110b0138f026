import type { AboutTheRelease } from '../requests/index.ts';
import type { KeptReport } from './store.ts';

type Approval = NonNullable<AboutTheRelease>['approval'];

/** What the pipeline saw, as the rules look at it. */
export function factsOfRelease(report: KeptReport, approval: Approval): NonNullable<AboutTheRelease> {
  return {
    approval,
    data: {
      missing: report.missing,
      wrongTypes: report.wrongTypes,
      problem: report.problem?.says ?? null,
      rowsIn: report.rows.in,
      heldBack: report.rows.heldBack,
      k: report.k?.required ?? null,
      limit: report.limit,
      alternatives: report.alternatives.map(({ leaveOut, heldBack }) => ({ leaveOut, heldBack })),
    },
  };
}
