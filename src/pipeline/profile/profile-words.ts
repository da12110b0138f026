import { inOneLine } from '../../platform/pure/words.ts';
import type {
  FoundIdentifier,
  IdentifierKind,
  Profile,
  ProfiledColumn,
  ProfileType,
} from './profile-report.ts';

/** An identifier of each kind, in words. */
export const kindInWords: Record<IdentifierKind, string> = {
  email: 'email address',
  phone: 'phone number',
  postcode: 'postcode',
  'ni-number': 'National Insurance number',
  'nhs-number': 'NHS number',
  'vehicle-registration': 'vehicle registration',
  'pnc-id': 'PNC id',
  'crime-reference': 'crime reference',
  'payment-card': 'payment card',
  'ip-address': 'IP address',
  'date-of-birth': 'date of birth',
  name: 'name',
};

const types: Partial<Record<ProfileType, string>> = {
  string: 'text',
  'uk-date': 'date (day/month/year)',
  nested: 'lists or objects: not looked into',
};
const delimiters: Record<string, string> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' };

const number = (n: number | string) =>
  typeof n === 'number' ? n.toLocaleString('en-GB', { maximumFractionDigits: 6 }) : n;

/** A profile as a page of text: first the columns that point at people, then every column. */
export function profileText(file: string, { rows, format, columns }: Profile): string {
  const about = columns
    .filter(({ identifiers }) => identifiers.length > 0)
    .sort((a, b) => weight(b) - weight(a));
  const pointing =
    about.length === 0
      ? ['No column points at people, by what can be found in this way.']
      : [
          'Columns that point at people',
          ...table([
            ['Column', 'Found', 'Rows'],
            ...about.flatMap(({ name, identifiers }) =>
              identifiers.map((one, at) => [
                at === 0 ? name : '',
                foundInWords(one),
                shareInWords(one.rows, rows),
              ]),
            ),
          ]),
        ];
  return [
    `${file}: ${number(rows)} rows, ${columns.length} columns${formInWords(format)}.`,
    '',
    ...pointing,
    '',
    'All columns',
    ...table([
      ['Column', 'Type', 'Blank', 'Different', 'Range'],
      ...columns.map((column) => [
        column.name,
        types[column.type] ?? column.type,
        number(column.blanks),
        number(column.distinct),
        rangeInWords(column),
      ]),
    ]),
    '',
    `Looked for: ${inOneLine(Object.values(kindInWords))}. What is not found may still be there, above all in free text.`,
  ].join('\n');
}

function formInWords(format: Profile['format']): string {
  if (format?.type !== 'csv') return '';
  return `, separated by ${delimiters[format.delimiter ?? ','] ?? 'a sign of their own'}`;
}

// What is sure, and in many rows, first.
function weight({ identifiers }: ProfiledColumn): number {
  const most = (sure: boolean) =>
    Math.max(0, ...identifiers.filter((one) => one.sure === sure).map((one) => one.rows));
  return most(true) * 1e12 + most(false);
}

function foundInWords({ kind, count, rows, sure, lookedAt }: FoundIdentifier): string {
  const several = count === rows ? '' : ` (${number(count)})`;
  const some = lookedAt === undefined ? '' : `, in ${number(lookedAt)} values looked at`;
  return `${sure ? '' : 'perhaps '}${kindInWords[kind]}${several}${some}`;
}

function shareInWords(some: number, all: number): string {
  const percent = (some / all) * 100;
  return `${number(some)} (${percent < 1 ? 'under 1' : Math.floor(percent)}%)`;
}

function rangeInWords({ range }: ProfiledColumn): string {
  if (!range) return '';
  if ('least' in range) return `${number(range.least)} to ${number(range.greatest)}`;
  const { shortest, longest } = range;
  return shortest === longest
    ? `${number(longest)} characters`
    : `${number(shortest)} to ${number(longest)} characters`;
}

const widest = 60;

// Columns of text, in line. A longer heading is cut off: what it is about stands in its row.
function table(rows: readonly (readonly string[])[]): string[] {
  const cut = rows.map((row) =>
    row.map((cell) => (cell.length > widest ? `${cell.slice(0, widest - 1)}…` : cell)),
  );
  const widths = (cut[0] ?? []).map((_, at) => Math.max(...cut.map((row) => row[at]?.length ?? 0)));
  return cut.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd());
}
