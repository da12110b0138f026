import type { Json } from '../../platform/pure/canonical-json.ts';
import type { Agreement } from '../document.ts';
import type { Terms } from '../terms.ts';

/**
 * A part of an agreement that is compared as one: a party, a data set, a column, a rule. `id` is the same in both
 * agreements for the same part; `about` says what it is in words.
 */
export type Part = {
  id: string;
  kind: PartKind;
  about: string;
  clause: string | null;
  values: Record<string, Json>;
};

/** What a part is a part of. */
export type PartKind = 'agreement' | 'party' | 'column' | Exclude<keyof Terms, 'datasets'> | 'dataset';

type Names = {
  party: (slug: string) => string;
  dataSet: (id: string) => string;
  purpose: (id: string) => string;
};

/** Everything of an agreement but its clauses, in parts. Nothing is left out: what is compared is what is here. */
export function partsOf(agreement: Agreement): Part[] {
  const { chirograph: _, clauses: __, parties, terms, ...itself } = agreement;
  const names = namesIn(agreement);
  const { datasets, ...rest } = terms;
  const parts: Part[] = [
    partOf('agreement', '', 'This agreement', itself),
    ...parties.map(({ organisation, contacts, ...party }) =>
      partOf('party', organisation, party.legalName, {
        ...party,
        spoc: `${contacts.spoc.title}, ${contacts.spoc.email}`,
        dpo: `${contacts.dpo.title}, ${contacts.dpo.email}`,
      }),
    ),
    ...datasets.flatMap(({ id, fields, protection, ...dataSet }) => [
      partOf('dataset', id, `Data set: ${dataSet.title}`, { ...dataSet, ...protection }),
      ...fields.map(({ name, ...field }) =>
        partOf('column', `${id} ${name}`, `${dataSet.title}: ${name}`, field),
      ),
    ]),
    ...(Object.keys(rest) as (keyof typeof rest)[]).flatMap((kind) => partsUnder(kind, rest, names)),
  ];
  return numbered(parts);
}

function partOf(kind: PartKind, id: string, about: string, all: object): Part {
  const { clause = null, ...values } = all as Record<string, Json> & { clause?: string };
  return { id: `${kind} ${id}`, kind, about, clause, values };
}

function partsUnder(
  kind: Exclude<keyof Terms, 'datasets'>,
  terms: Omit<Terms, 'datasets'>,
  names: Names,
): Part[] {
  const fromTo = ({ from, to }: { from: string; to: string }) => `${names.party(from)} to ${names.party(to)}`;
  switch (kind) {
    case 'purposes':
      return terms.purposes.map(({ id, ...one }) => partOf(kind, id, `Purpose: ${one.says}`, one));
    case 'powers':
      return terms.powers.map(({ gateway, from, to, ...one }) =>
        partOf(kind, `${gateway} ${from} ${to}`, `Power to share, ${fromTo({ from, to })}`, {
          gateway,
          ...one,
        }),
      );
    case 'lawfulBases':
      return terms.lawfulBases.map(({ party, basis, ...one }) =>
        partOf(kind, `${party} ${basis}`, `Lawful basis of ${names.party(party)}`, { basis, ...one }),
      );
    case 'conditions':
      return terms.conditions.map(({ party, condition, dataSet, ...one }) => {
        const about = `Condition for ${names.dataSet(dataSet)}, ${names.party(party)}`;
        return partOf(kind, `${party} ${condition} ${dataSet}`, about, { condition, ...one });
      });
    case 'shares':
      return terms.shares.map(({ dataSet, purpose, from, to, ...one }) => {
        const about = `${names.dataSet(dataSet)}, ${fromTo({ from, to })}: ${names.purpose(purpose)}`;
        return partOf(kind, `${dataSet} ${purpose} ${from} ${to}`, about, one);
      });
    case 'dpia':
      return terms.dpia.map(({ dataSet, ...one }) =>
        partOf(kind, dataSet, `Data protection impact assessment of ${names.dataSet(dataSet)}`, one),
      );
    case 'retention':
      return terms.retention.map(({ dataSet, ...one }) =>
        partOf(kind, dataSet, `How long ${names.dataSet(dataSet)} is kept`, one),
      );
    default:
      return [partOf(kind, '', single[kind], terms[kind])];
  }
}

const single = {
  incidents: 'Something goes wrong with the data',
  requests: 'Somebody asks for data',
  corrections: 'The data is found to be wrong',
  rights: 'A person uses their rights',
  foi: 'A freedom of information request comes',
  onward: 'Somebody else wants the data',
  outsideUk: 'The data would leave the United Kingdom',
  review: 'Time passes',
  termination: 'A party wants to leave',
} as const;

function namesIn({ parties, terms }: Agreement): Names {
  return {
    party: (slug) => parties.find((one) => one.organisation === slug)?.legalName ?? slug,
    dataSet: (id) => terms.datasets.find((one) => one.id === id)?.title ?? id,
    purpose: (id) => terms.purposes.find((one) => one.id === id)?.says ?? id,
  };
}

// Two powers by one gateway are two parts.
function numbered(parts: readonly Part[]): Part[] {
  const seen = new Map<string, number>();
  return parts.map((part) => {
    const times = (seen.get(part.id) ?? 0) + 1;
    seen.set(part.id, times);
    return times === 1 ? part : { ...part, id: `${part.id} ${times}` };
  });
}
