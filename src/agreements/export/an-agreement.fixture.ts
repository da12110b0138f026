import { readFileSync } from 'node:fs';
import { type Agreement, parseAgreement } from '../document.ts';

const text = readFileSync(new URL('../../../examples/isa-2026-001.yaml', import.meta.url), 'utf8');

/** The agreement of the example. */
export function theExample(): Agreement {
  const parsed = parseAgreement(text);
  if (!parsed.ok) throw new Error('The example is no agreement');
  return parsed.agreement;
}

/** The example with a text in every place where whoever writes an agreement may say anything. */
export function sayingEverywhere(said: string): Agreement {
  const agreement = theExample();
  const [clause, ...rest] = agreement.clauses;
  return {
    ...agreement,
    title: said,
    owner: said,
    parties: agreement.parties.map((party) => ({
      ...party,
      legalName: said,
      status: said,
      address: said,
      registration: said,
    })),
    clauses: [...(clause ? [{ ...clause, heading: said, text: said }] : []), ...rest],
    terms: {
      ...agreement.terms,
      purposes: agreement.terms.purposes.map((purpose) => ({ ...purpose, says: said })),
      datasets: agreement.terms.datasets.map((dataSet) => ({ ...dataSet, title: said })),
      retention: agreement.terms.retention.map((one) => ({ ...one, method: said })),
    },
  };
}

/** The example with each of these texts as a clause of its own after its own. */
export function withClauses(texts: readonly string[]): Agreement {
  const agreement = theExample();
  const more = texts.map((text, at) => ({ id: `${at + 11}`, heading: text, text }));
  return { ...agreement, clauses: [...agreement.clauses, ...more] };
}

/** Texts that break what reads or writes them (the Big List of Naughty Strings), and a few that break Word and PDF. */
export const naughty: string[] = [
  ...(
    JSON.parse(
      readFileSync(new URL('../../../test/vectors/naughty-strings/blns.json', import.meta.url), 'utf8'),
    ) as string[]
  )
    .map((one) => one.trim())
    .filter((one) => one !== ''),
  'x'.repeat(5000),
  `\u0000\u0001\u001b\uFFFE\uFFFF and \u202Ebackwards`,
  'هذه اتفاقية between שני צדדים',
  '👩‍👩‍👧‍👦 🏴󠁧󠁢󠁷󠁬󠁳󠁿 ﷽ Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞',
];
