import { type Role, roles } from '../../organisations/rules.ts';
import type { Json } from '../../platform/pure/canonical-json.ts';
import { showDay, showPeriod } from '../../platform/pure/dates.ts';
import { isBlank } from '../blanks.ts';
import { citation } from '../citation.ts';
import type { Law } from '../law.ts';
import { type Level, levelInWords } from '../levels.ts';

const labels: Record<string, string> = {
  reference: 'Reference',
  version: 'Version',
  type: 'Type',
  title: 'Title',
  owner: 'Looked after by',
  startsOn: 'Starts on',
  endsOn: 'Ends on',
  marking: 'Marking',
  legalName: 'Name',
  status: 'Status',
  address: 'Address',
  registration: 'Registration',
  role: 'Role',
  spoc: 'Single point of contact',
  dpo: 'Data protection officer',
  maySign: 'May sign',
  says: 'What it says',
  standingApproval: 'Approved in advance',
  frequency: 'How often',
  screenedOn: 'Screened on',
  outcome: 'Outcome',
  period: 'Kept for',
  method: 'Then',
  tellPartnerWithinHours: 'Tell the partner within, in hours',
  noticeWorkingDays: 'Notice, in working days',
  tellPartnerWithinWorkingDays: 'Tell the partner within, in working days',
  partnerAnswersWithinWorkingDays: 'The partner answers within, in working days',
  rule: 'Rule',
  firstAfter: 'First review after',
  every: 'Then reviewed every',
  noticeDays: 'Notice, in days',
  personalData: 'Personal data',
  k: 'Least size of a group (k)',
  l: 'Different sensitive values in a group (l)',
  suppressionLimit: 'Rows that may be held back',
  use: 'What leaves',
  hierarchy: 'Groups of values',
  clause: 'Clause that says it',
  basis: 'Lawful basis',
  condition: 'Condition',
  gateway: 'Power',
  law: 'Law',
  section: 'Section',
  format: 'Form of the file',
};

/** What a value is called: `How often`. What has no name of its own is called as the document has it. */
export function labelOf(name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? name) : name;
}

const words: Record<string, string> = {
  identifier: 'points at one person or thing',
  'quasi-identifier': 'with others, could single somebody out',
  sensitive: 'sensitive',
  other: 'identifies nobody by itself',
  controller: 'controller',
  'joint-controller': 'joint controller',
  processor: 'processor',
  'written-consent': 'only with written consent',
  'on-request': 'when asked',
  keep: 'as it is',
  drop: 'left out',
  pseudonymise: 'as a code',
  generalise: 'in groups of values',
  'dpia-not-needed': 'no DPIA is needed',
  'dpia-needed': 'a DPIA is needed, and is not done yet',
  'dpia-done': 'a DPIA was needed, and is done',
};

/** A value in words: `1 year`, `5 January 2026`, `yes`, `Article 6(1)(e) of the UK GDPR`. */
export function inWords(name: string, value: Json, law: Law): string {
  if (isBlank(value)) return String(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (name === 'suppressionLimit' && typeof value === 'number') return `${Math.round(value * 1e6) / 1e4}%`;
  if (name === 'hierarchy' && Array.isArray(value))
    return `${value.length} values, as the document lists them`;
  if (Array.isArray(value) && name === 'maySign') return value.map((role) => roles[role as Role]).join(', ');
  if (name === 'use' && typeof value === 'object' && value !== null && 'to' in value)
    return `less exact: ${levelInWords(value['to'] as Level)}`;
  if (name === 'format' && typeof value === 'object' && value !== null && 'type' in value)
    return Object.entries(value)
      .map(([key, one]) => (key === 'type' ? String(one) : `${key} “${one}”`))
      .join(', ');
  if (typeof value !== 'string') return JSON.stringify(value);
  const provision = (
    { gateway: law.gateways, basis: law.lawfulBases, condition: law.conditions } as Record<
      string,
      Law['gateways']
    >
  )[name]?.get(value);
  if (provision) return citation(provision);
  if (['period', 'firstAfter', 'every'].includes(name)) return showPeriod(value);
  if (['startsOn', 'endsOn', 'screenedOn'].includes(name)) return showDay(value);
  return ['rule', 'frequency', 'use', 'outcome', 'role'].includes(name) && Object.hasOwn(words, value)
    ? (words[value] ?? value)
    : value;
}
