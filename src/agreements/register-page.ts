import { finderOf, type Partnered } from '../organisations/index.ts';
import { paths } from '../paths.ts';
import { type Day, showDay, showPeriod } from '../platform/pure/dates.ts';
import { inOneLine } from '../platform/pure/words.ts';
import type { Law } from './law.ts';
import type { Register, RegisterEntry } from './rules.ts';
import type { Registered } from './store.ts';

/** The register on a day: agreements in force, without what is nobody's business (contacts, addresses). */
export function registerOf(inForce: readonly Registered[], law: Law, today: Day): Register {
  return { chirograph: 'register/1', asOf: today, agreements: inForce.map((one) => entryOf(one, law)) };
}

/** A page of the register: from its start or further on, and where the next page is, if there is one. */
export type RegisterShown = { register: Register; start: boolean; next: string | null; body: string | null };

/** The register as a page; `bodies` is the one it is kept to, and those found by what somebody typed. */
export function registerPage({ register, start, next, body }: RegisterShown, bodies: Partnered) {
  const count = register.agreements.length;
  const day = showDay(register.asOf);
  const agreements = `${count} ${count === 1 ? 'agreement' : 'agreements'} in force on ${day}`;
  const which = start
    ? `The first ${agreements}`
    : `${next === null ? 'The last' : 'The next'} ${agreements}`;
  return {
    says: start && next === null ? agreements : `${which}, by reference`,
    start: start ? null : paths.register(body === null ? {} : { with: body }),
    next,
    ...finderOf(bodies, paths.register),
    agreements: register.agreements.map((one) => ({
      id: one.reference,
      title: one.title,
      purposes: one.purposes,
      digest: one.digest,
      facts: [
        ['Between', one.parties.map((party) => party.legalName).join('; ')],
        ['The law', one.law.join('; ')],
        ['In force', `${showDay(one.startsOn)} to ${showDay(one.endsOn)}`],
        ['Reference', `${one.reference}, version ${one.version}`],
      ],
      dataSets: one.dataSets.map((dataSet) => ({
        title: dataSet.title,
        says: `${dataSet.personalData ? 'Personal data' : 'No personal data'}. ${kept(dataSet.keptFor)}`,
        fields: inOneLine(dataSet.fields),
      })),
    })),
  };
}

function entryOf({ agreement, digest }: Registered, law: Law): RegisterEntry {
  const { terms } = agreement;
  const powers = terms.powers.map((power) => `${power.law} ${power.section}`);
  const bases = terms.lawfulBases.flatMap(({ basis }) => {
    const found = law.lawfulBases.get(basis);
    return found ? [`${found.law} ${found.section}`] : [];
  });
  return {
    reference: agreement.reference,
    version: agreement.version,
    type: agreement.type,
    title: agreement.title,
    parties: agreement.parties.map(({ organisation, legalName, role }) => ({
      organisation,
      legalName,
      role,
    })),
    purposes: terms.purposes.map((purpose) => purpose.says),
    dataSets: terms.datasets.map(({ id, title, personalData, fields }) => ({
      id,
      title,
      personalData,
      fields: fields.filter((field) => field.use !== 'drop').map((field) => field.name),
      keptFor: terms.retention.find((one) => one.dataSet === id)?.period ?? null,
    })),
    law: [...new Set([...powers, ...bases])],
    startsOn: agreement.startsOn,
    endsOn: agreement.endsOn,
    digest,
  };
}

function kept(period: string | null): string {
  return period === null
    ? 'Kept no longer than needed'
    : `Kept for ${showPeriod(period)}, then destroyed and certified`;
}
