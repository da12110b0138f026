import type { Day } from '../../platform/pure/dates.ts';
import type { Reading } from '../read/reading.ts';
import { type FoundComponent, findComponent } from './components.ts';
import type { LintLaw } from './lint-law.ts';
import { type Dates, findFaults, type LogicFault, readDates } from './logic.ts';
import { type FoundOutdated, findOutdated } from './outdated.ts';

/** What is said of an agreement as it is: what it has and lacks, what is out of date in it, and what does not fit. */
export type Lint = {
  title: string | null;
  components: FoundComponent[];
  outdated: FoundOutdated[];
  logic: LogicFault[];
  dates: Dates;
};

/** Lints a document as of a day. Nothing is known of it but its words. */
export function lint(reading: Reading, { components: all, outdated }: LintLaw, asOf: Day): Lint {
  const components = all.map((component) => findComponent(component, reading));
  const { dates, faults } = readDates(reading, asOf);
  return {
    title: reading.title?.text ?? null,
    components,
    outdated: outdated
      .filter(({ since }) => since === null || since <= asOf)
      .flatMap((rule) => findOutdated(rule, reading))
      .sort((one, other) => one.line - other.line),
    logic: [...faults, ...findFaults(reading, components)].sort((one, other) => one.line - other.line),
    dates,
  };
}
