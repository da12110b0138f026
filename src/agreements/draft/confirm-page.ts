import { z } from 'zod';
import { type Day, showDay, showPeriod } from '../../platform/pure/dates.ts';
import type { Law } from '../law.ts';
import type { ReadAgreement } from './draft-agreement.ts';
import type { Suggestion } from './find-terms.ts';
import { inWords } from './write-read.ts';

const Text = z.string().max(30_000);
const Place = z.strictObject({
  line: z.int(),
  page: z.int().exactOptional(),
  part: z.enum(['header', 'footer', 'footnote', 'text box']).exactOptional(),
});
const ReadBack = z.strictObject({
  title: Text,
  clauses: z
    .array(z.strictObject({ id: Text, heading: Text.nullable(), text: Text, line: z.int() }))
    .max(2_000),
  suggestions: z
    .array(
      z.strictObject({
        name: z.string().max(100),
        value: z.union([Text, z.number()]),
        confidence: z.enum(['sure', 'likely', 'unsure']),
        place: Place,
        clause: Text.nullable(),
        quote: Text,
      }),
    )
    .max(1_000),
});

/** What was read, as it comes back with the form on which a person confirmed it; null where it is not that. */
export function readBack(text: string): ReadAgreement | null {
  try {
    return ReadBack.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** What was read, for a person to confirm each. */
export function confirmPage(read: ReadAgreement, file: string, law: Law) {
  return {
    file,
    title: read.title,
    clauses: read.clauses.length,
    read: JSON.stringify(read),
    suggestions: read.suggestions.map((one) => ({
      name: one.name,
      called: calledOf(one.name),
      value: shown(one, law),
      from: inWords(one, file),
      unsure: one.confidence === 'unsure',
    })),
  };
}

const called: Record<string, string> = {
  title: 'Title',
  reference: 'Reference',
  owner: 'Owner of the document',
  startsOn: 'First day',
  endsOn: 'Last day',
  marking: 'Marking',
  role: 'What the parties are to the data',
  'retention.period': 'Kept for',
  'retention.method': 'How it is destroyed',
  'incidents.tellPartnerWithinHours': 'Hours in which the partner is told of a breach',
  'requests.noticeWorkingDays': 'Working days of notice for a request',
  'corrections.tellPartnerWithinWorkingDays': 'Working days in which the partner is told of a correction',
  'rights.tellPartnerWithinWorkingDays': 'Working days in which the partner is told of a rights request',
  'foi.tellPartnerWithinWorkingDays':
    'Working days in which the partner is told of a freedom of information request',
  'onward.rule': 'Passing it on',
  'outsideUk.rule': 'Outside the United Kingdom',
  'review.firstAfter': 'First review after',
  'review.every': 'Reviewed every',
  'termination.noticeDays': 'Days of notice to end it',
};
const listed: Record<string, string> = {
  parties: 'Party',
  registrations: 'Registration with the Information Commissioner of party',
  spoc: 'Single point of contact of party',
  dpo: 'Data protection officer of party',
  purposes: 'Purpose',
  powers: 'Power',
  lawfulBases: 'Lawful basis',
  conditions: 'Condition',
  fields: 'Data item',
};

function calledOf(name: string): string {
  const [, list = '', at = ''] = /^(\w+)\[(\d+)\]$/.exec(name) ?? [];
  return called[name] ?? (listed[list] === undefined ? name : `${listed[list]} ${Number(at) + 1}`);
}

function shown({ name, value }: Suggestion, { gateways, lawfulBases, conditions }: Law): string {
  const text = String(value);
  const provision = gateways.get(text) ?? lawfulBases.get(text) ?? conditions.get(text);
  if (provision) return `${provision.law}, ${provision.section}: ${provision.title}`;
  if (/^P\d+[YMD]$/.test(text)) return showPeriod(text);
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return showDay(text as Day);
  if (name.endsWith('.rule')) return text === 'never' ? 'Never' : 'Only with written consent';
  return text;
}
