import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Problem } from '../platform/pure/read-document.ts';
import type { Agreement } from './document.ts';

/**
 * One provision that an agreement can rest on. `status` says how far its text was verified and
 * `verifiedAsOf` the date of the text that was read; `inForceFrom` is null while it is not in force.
 */
export type Provision = {
  id: string;
  title: string;
  law: string;
  section: string;
  source: string;
  status: string;
  verifiedAsOf: string | null;
  inForceFrom: string | null;
  until: string | null;
};

/** The law as data, by id: see law/README.md. */
export type Law = {
  gateways: Map<string, Provision>;
  lawfulBases: Map<string, Provision>;
  conditions: Map<string, Provision>;
};

/** Reads law/*.yaml as shipped with this version. */
export function readLaw(): Law {
  return {
    gateways: provisions('gateways.yaml'),
    lawfulBases: provisions('lawful-bases.yaml'),
    conditions: provisions('conditions.yaml'),
  };
}

function provisions(file: string): Map<string, Provision> {
  const text = readFileSync(new URL(`../../law/${file}`, import.meta.url), 'utf8');
  const { items } = parse(text) as { items: Provision[] };
  return new Map(items.map((item) => [item.id, item]));
}

/**
 * What an agreement lacks in law: a gateway, lawful basis or condition that is not known or was not in
 * force on its first day, and shares without a power, a lawful basis on each side, a retention period or,
 * for personal data, a DPIA screening. Empty when all is well.
 */
export function checkLaw(agreement: Agreement, law: Law): Problem[] {
  return [...citationProblems(agreement, law), ...gaps(agreement)];
}

function citationProblems({ startsOn, terms }: Agreement, law: Law): Problem[] {
  const check = (path: string, file: string, provision: Provision | undefined, id: string): Problem[] => {
    if (!provision) return [{ path, says: `“${id}” is not in law/${file}. Use an id from that file.` }];
    const { inForceFrom: from, until } = provision;
    const inForce = from !== null && from <= startsOn && (until === null || startsOn < until);
    const dates =
      from === null ? 'it is not known to be in force' : `from ${from}${until ? ` until ${until}` : ''}`;
    return inForce
      ? []
      : [{ path, says: `${provision.law} ${provision.section}: not in force on ${startsOn} (${dates}).` }];
  };
  return [
    ...terms.powers.flatMap((power, at) => {
      const path = `terms.powers[${at}]`;
      const gateway = law.gateways.get(power.gateway);
      const same = !gateway || (gateway.law === power.law && gateway.section === power.section);
      return [
        ...check(`${path}.gateway`, 'gateways.yaml', gateway, power.gateway),
        ...(same
          ? []
          : [{ path, says: `${power.gateway} is ${gateway.law} ${gateway.section}. Make the two agree.` }]),
      ];
    }),
    ...terms.lawfulBases.flatMap(({ basis }, at) =>
      check(`terms.lawfulBases[${at}].basis`, 'lawful-bases.yaml', law.lawfulBases.get(basis), basis),
    ),
    ...terms.conditions.flatMap(({ condition }, at) =>
      check(`terms.conditions[${at}].condition`, 'conditions.yaml', law.conditions.get(condition), condition),
    ),
  ];
}

function gaps({ terms }: Agreement): Problem[] {
  const hasBasis = (party: string) => terms.lawfulBases.some((basis) => basis.party === party);
  const found = terms.shares.flatMap((share, at) => {
    const path = `terms.shares[${at}]`;
    const personal = terms.datasets.some(({ id, personalData }) => id === share.dataSet && personalData);
    const rows: [boolean, string][] = [
      [
        terms.powers.some(({ from, to }) => from === share.from && to === share.to),
        `No power lets ${share.from} share with ${share.to}. Add one to terms.powers.`,
      ],
      [!personal || hasBasis(share.from), `${share.from} has no lawful basis. Add one to terms.lawfulBases.`],
      [!personal || hasBasis(share.to), `${share.to} has no lawful basis. Add one to terms.lawfulBases.`],
      [
        !personal || terms.dpia.some(({ dataSet }) => dataSet === share.dataSet),
        `${share.dataSet} is personal data with no DPIA screening. Screen it and add the result to terms.dpia.`,
      ],
      [
        terms.retention.some(({ dataSet }) => dataSet === share.dataSet),
        `${share.dataSet} has no retention period. Add one to terms.retention.`,
      ],
    ];
    return rows.filter(([present]) => !present).map(([, says]) => ({ path, says }));
  });
  return found;
}
