import type { Agreement } from '../document.ts';
import type { KnownDataSet } from './draft.ts';
import type { Template, Value } from './template.ts';

type Party = Agreement['parties'][number];

/** A data set that an agreement has, with the parties between whom it goes (short names) and the agreement it is known from. */
export type DataSetOfAgreement = Omit<KnownDataSet, 'from'> & { from: string; to: string; of: string };

/** What agreements say of a party, by its short name: as the newest of them has it. */
export function knownParty(agreements: readonly Agreement[], organisation: string): Partial<Party> {
  const newestFirst = agreements.toSorted((one, other) => other.startsOn.localeCompare(one.startsOn));
  const said = newestFirst
    .flatMap(({ parties }) => parties)
    .find((party) => party.organisation === organisation);
  return said ?? { organisation };
}

/** The data sets of agreements, once for each way they go: the newest agreement's. */
export function knownDataSets(agreements: readonly Agreement[]): DataSetOfAgreement[] {
  const newestFirst = agreements.toSorted((one, other) => other.startsOn.localeCompare(one.startsOn));
  const all = newestFirst.flatMap((agreement) =>
    agreement.terms.shares.flatMap((share): DataSetOfAgreement[] => {
      const dataSet = agreement.terms.datasets.find(({ id }) => id === share.dataSet);
      if (!dataSet) return [];
      const { from, to } = share;
      return [{ dataSet, from, to, of: agreement.reference, values: valuesOf(agreement, share) }];
    }),
  );
  const key = ({ dataSet, from, to }: DataSetOfAgreement) => `${dataSet.id} ${from} ${to}`;
  return all.filter((one, at) => all.findIndex((other) => key(other) === key(one)) === at);
}

// What it may go under again. Its screening is not among it: another sharing is screened anew.
function valuesOf({ terms }: Agreement, share: Agreement['terms']['shares'][number]): Record<string, Value> {
  const { frequency, standingApproval, dataSet } = share;
  const period = terms.retention.find((rule) => rule.dataSet === dataSet)?.period;
  const rests = (on: string) =>
    terms.conditions.some((one) => one.dataSet === dataSet && one.condition.startsWith(on));
  return {
    frequency,
    'standing-approval': standingApproval,
    ...(period === undefined ? {} : { period }),
    ...(rests('gdpr-9-') || rests('sch8-') ? {} : { special: 'none' }),
    ...(rests('gdpr-10') ? {} : { offences: 'none' }),
  };
}

/** Known data sets that fit a template: those that go between its parties, in a direction in which it shares. */
export function fitting(
  { flows }: Template,
  parties: Readonly<Record<string, Partial<Party>>>,
  dataSets: readonly DataSetOfAgreement[],
): KnownDataSet[] {
  return dataSets.flatMap(({ dataSet, values, from, to }) => {
    const flow = flows.find(
      (one) => parties[one.from]?.organisation === from && parties[one.to]?.organisation === to,
    );
    return flow ? [{ dataSet, values, from: flow.from }] : [];
  });
}
