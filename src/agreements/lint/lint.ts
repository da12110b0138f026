import type { Day } from '../../platform/pure/dates.ts';
import { type Markup, type Place, placeOf, type Reading } from '../read/reading.ts';
import { type FoundComponent, findComponents } from './components.ts';
import { type Dates, readDates } from './dates.ts';
import { findFaults, type LogicFault } from './faults.ts';
import type { LintLaw } from './lint-law.ts';
import { type FoundOutdated, findOutdated } from './outdated.ts';
import { partiesOf } from './parties.ts';
import { signatureBlock } from './signing.ts';

/** The same, with its place in the file for its line. */
type Placed<Found extends { line: number }> = Omit<Found, 'line'> & Place;

/** What is said of an agreement as it is: what it has and lacks, what is out of date in it, and what does not fit. */
export type Linted = {
  title: string | null;
  titleAt: Place | null;
  parties: string[];
  components: (Omit<FoundComponent, 'evidence'> & {
    evidence: Placed<FoundComponent['evidence'][number]>[];
  })[];
  outdated: Placed<FoundOutdated>[];
  logic: (Omit<Placed<LogicFault>, 'other'> & { other?: Place })[];
  dates: Dates;
  /** Changes that nobody has accepted, comments, and pages that are pictures. */
  markup: readonly Markup[];
};

/** Lints a document as of a day. Nothing is known of it but its words. */
export function lint(reading: Reading, law: LintLaw, asOf: Day): Linted {
  const at = (line: number) => placeOf(reading, line);
  const components = findComponents(law, reading);
  const parties = partiesOf(reading);
  const block = signatureBlock(reading);
  const { dates, faults } = readDates(reading, block, asOf);
  const logic = [...faults, ...findFaults(reading, components, parties, block)].sort(
    (one, other) => one.line - other.line,
  );
  return {
    title: reading.title?.text ?? null,
    titleAt: reading.title && at(reading.title.line),
    parties: parties.map(({ name }) => name),
    components: components.map((component) => ({
      ...component,
      evidence: component.evidence.map(({ line, text }) => ({ ...at(line), text })),
    })),
    outdated: law.outdated
      .filter(({ since }) => since === null || since <= asOf)
      .flatMap((rule) => findOutdated(rule, law.history, reading))
      .sort((one, other) => one.line - other.line)
      .map(({ id, line, ...found }) => ({ id, ...at(line), ...found })),
    logic: logic.map(({ id, line, other, says }) => ({
      id,
      ...at(line),
      says,
      ...(other !== undefined && { other: at(other) }),
    })),
    dates,
    markup: reading.markup,
  };
}
