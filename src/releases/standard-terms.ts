import type { Agreement } from '../agreements/index.ts';
import { failureInWords } from '../pipeline/index.ts';
import { showDay, showInstant, showPeriod } from '../platform/pure/dates.ts';
import type { Manifest } from './manifest.ts';

/** The terms that go with every release (R58, R112), in words, from the agreement that it is made under. */
export function standardTerms(agreement: Agreement, about: Omit<Manifest, 'files'>): string {
  const { terms } = agreement;
  const purpose = terms.purposes.find((one) => one.id === about.purpose)?.says ?? about.purpose;
  const sender = about.from.keys.name;
  const recipient = about.to.keys.name;
  const numbered = [
    `Use. Use this data only for this purpose: ${purpose}`,
    'Access. Give it only to people who need it for that purpose, are vetted as the agreement says and are trained. Keep it where only they can reach it.',
    `Marking. Treat it as ${about.marking}, whatever the file itself says.`,
    onward(agreement, sender),
    about.retention
      ? `Keeping. Keep it for no longer than ${showPeriod(about.retention.period)} after you collect it. Then destroy it and certify that you have. The agreed way: ${about.retention.method}.`
      : 'Keeping. Keep it no longer than the purpose needs. Then destroy it and certify that you have.',
    `Incidents. Tell ${sender} of any actual or possible breach as soon as you know, and within ${terms.incidents.tellPartnerWithinHours} hours. Work with them to put it right.`,
    'Requests. If anyone asks you for this data (a person about themselves, or anyone under the Freedom of Information Act 2000), tell the sender before you answer. The law decides what you must release.',
    'People. Do not try to find out who anyone in this data is (Data Protection Act 2018 s.171).',
    ...qualityTerm(about),
    ...limitsTerm(about),
    'Accuracy. Tell the sender of anything that looks wrong. They tell you of corrections.',
  ];
  return [
    `Standard terms of release ${about.release.reference}`,
    '',
    `From:       ${sender}`,
    `To:         ${recipient}`,
    `Sent:       ${showInstant(about.release.sentAt)}`,
    `Agreement:  ${about.agreement.reference} version ${about.agreement.version}, ${agreement.title}`,
    `In force:   ${showDay(agreement.startsOn)} to ${showDay(agreement.endsOn)}`,
    `Data:       ${about.data.map((file) => `${file.name}, ${file.rows} rows`).join('; ')}`,
    '',
    'By collecting this release you accept these terms. They repeat the agreement and do not change it.',
    '',
    ...numbered.map((term, at) => `${at + 1}. ${term}`),
    '',
  ].join('\n');
}

// Whoever is sent data that is not all it should be is told so before they use it [R97, R99].
function qualityTerm({ quality = [] }: Pick<Manifest, 'quality'>): string[] {
  const failing = quality.filter(({ failed }) => failed > 0);
  if (failing.length === 0) return [];
  const told = failing.map(({ says, failed }) => failureInWords({ says, failed, rows: [] }));
  return [`Quality. Do not use it where this matters: ${told.join('. ')}.`];
}

// Limits on handling and analysis are stated on the disclosure [R112].
function limitsTerm(about: Pick<Manifest, 'caveats' | 'quality'>): string[] {
  const limits = limitsOf(about);
  return limits.length === 0 ? [] : [`Limits. Know before you use it: ${limits.join(' ')}`];
}

/** What to know before the data is used, but for the checks that fail, the last of the caveats: those are told by themselves. */
export function limitsOf({ caveats = [], quality = [] }: Pick<Manifest, 'caveats' | 'quality'>): string[] {
  const failing = quality.filter(({ failed }) => failed > 0).length;
  return caveats.slice(0, caveats.length - failing);
}

function onward(agreement: Agreement, sender: string): string {
  const { onward: on, outsideUk } = agreement.terms;
  const others =
    on.rule === 'never'
      ? 'Do not pass it on.'
      : `Do not pass it on without ${sender} agreeing in writing first.`;
  const abroad =
    outsideUk.rule === 'never'
      ? 'It must not leave the United Kingdom.'
      : `It must not leave the United Kingdom without ${sender} agreeing in writing first.`;
  return `Onward. ${others} To publish it, or figures that show who somebody is, is to pass it on. ${abroad}`;
}
