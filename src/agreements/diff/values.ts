import { type Role, roles } from '../../organisations/rules.ts';
import type { Json } from '../../platform/pure/canonical-json.ts';
import { showDay, showPeriod } from '../../platform/pure/dates.ts';

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
};

/** What a value is called: `How often`. What has no name of its own is called as the document has it. */
export function labelOf(name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? name) : name;
}

const words: Record<string, string> = {
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

/** A value in words: `1 year`, `5 January 2026`, `yes`. */
export function inWords(name: string, value: Json): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (name === 'suppressionLimit' && typeof value === 'number') return `${Math.round(value * 1e6) / 1e4}%`;
  if (name === 'hierarchy' && Array.isArray(value))
    return `${value.length} values, as the document lists them`;
  if (Array.isArray(value) && name === 'maySign') return value.map((role) => roles[role as Role]).join(', ');
  if (name === 'use' && typeof value === 'object' && value !== null && 'to' in value)
    return `less exact: ${String(value['to']).replaceAll('-', ' ')}`;
  if (typeof value !== 'string') return JSON.stringify(value);
  if (['period', 'firstAfter', 'every'].includes(name)) return showPeriod(value);
  if (['startsOn', 'endsOn', 'screenedOn'].includes(name)) return showDay(value);
  return ['rule', 'frequency', 'use', 'outcome'].includes(name) && Object.hasOwn(words, value)
    ? (words[value] ?? value)
    : value;
}
