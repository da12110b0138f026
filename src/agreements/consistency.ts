import type { Problem } from '../platform/pure/read-document.ts';
import type { Agreement } from './document.ts';

/**
 * Where the parts of an agreement do not agree with one another: a term whose clause, party, purpose or
 * data set does not exist, one id used twice, dates out of order. Empty when all is well.
 */
export function inconsistencies(agreement: Agreement): Problem[] {
  return [...repeats(agreement), ...danglingReferences(agreement), ...clashes(agreement)];
}

function repeats({ parties, clauses, terms }: Agreement): Problem[] {
  const twice = (path: string, ids: string[]) =>
    ids.flatMap((id, at) =>
      ids.indexOf(id) < at
        ? [{ path: `${path}[${at}]`, says: `“${id}” is used twice. Give each its own.` }]
        : [],
    );
  return [
    ...twice(
      'parties',
      parties.map((party) => party.organisation),
    ),
    ...twice(
      'clauses',
      clauses.map((clause) => clause.id),
    ),
    ...twice(
      'terms.purposes',
      terms.purposes.map((purpose) => purpose.id),
    ),
    ...twice(
      'terms.datasets',
      terms.datasets.map((dataSet) => dataSet.id),
    ),
    ...terms.datasets.flatMap(({ fields }, at) =>
      twice(
        `terms.datasets[${at}].fields`,
        fields.map((field) => field.name),
      ),
    ),
    ...twice(
      'terms.dpia',
      terms.dpia.map((screening) => screening.dataSet),
    ),
    ...twice(
      'terms.retention',
      terms.retention.map((rule) => rule.dataSet),
    ),
  ];
}

function danglingReferences({ parties, clauses, terms }: Agreement): Problem[] {
  const organisations = parties.map((party) => party.organisation);
  const dataSets = terms.datasets.map((dataSet) => dataSet.id);
  const known: Record<string, { what: string; ids: string[] }> = {
    clause: { what: 'clause', ids: clauses.map((clause) => clause.id) },
    party: { what: 'party', ids: organisations },
    from: { what: 'party', ids: organisations },
    to: { what: 'party', ids: organisations },
    purpose: { what: 'purpose', ids: terms.purposes.map((purpose) => purpose.id) },
    dataSet: { what: 'data set', ids: dataSets },
  };
  return namedValues(terms, 'terms').flatMap(({ path, key, value }) => {
    const target = known[key];
    if (!target || target.ids.includes(value)) return [];
    return [{ path, says: `There is no ${target.what} “${value}”. There are: ${target.ids.join(', ')}.` }];
  });
}

// Every text in the terms with the key it stands under. Fields are left out: their { to: month } is a level.
function namedValues(node: unknown, path: string): { path: string; key: string; value: string }[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    if (key === 'fields') return [];
    const at = Array.isArray(node) ? `${path}[${key}]` : `${path}.${key}`;
    return typeof value === 'string' ? [{ path: at, key, value }] : namedValues(value, at);
  });
}

function clashes({ startsOn, endsOn, terms }: Agreement): Problem[] {
  const toItself = [...terms.shares.entries()].filter(([, share]) => share.from === share.to);
  return [
    ...(endsOn < startsOn
      ? [
          {
            path: 'endsOn',
            says: `The end, ${endsOn}, is before the start, ${startsOn}. Change one of them.`,
          },
        ]
      : []),
    ...toItself.map(([at, share]) => ({
      path: `terms.shares[${at}].to`,
      says: `“${share.to}” would share with itself. Name another party.`,
    })),
  ];
}
