import type { Day } from '../../platform/pure/dates.ts';
import { inOneLine } from '../../platform/pure/words.ts';
import type { Row } from './row.ts';
import type { Survey } from './survey.ts';

/** A table for spreadsheets: what each column is, and its values as text; null for none. */
export type Table = {
  columns: { name: string; type: 'string' | 'integer' | 'date' }[];
  rows: (string | null)[][];
};

type Column = Table['columns'][number] & { of: (row: Row) => string | number | null };

const text = (name: string, of: Column['of']): Column => ({ name, type: 'string', of });
const number = (name: string, of: (row: Row) => number | null): Column => ({ name, type: 'integer', of });
const day = (name: string, of: (row: Row) => Day | null): Column => ({ name, type: 'date', of });

const columns: readonly Column[] = [
  text('File', ({ file }) => file),
  text('Title', ({ title }) => title),
  text('Parties', ({ parties }) => inOneLine(parties)),
  number('Grave things to do', ({ grave }) => grave),
  text('Repealed law cited', ({ repealed }) => inOneLine(repealed.map(({ act }) => act))),
  day('Repealed since', ({ repealed }) => repealed[0]?.since ?? null),
  day('Review due since', ({ overdue }) => overdue?.since ?? null),
  number('Days overdue', ({ overdue }) => overdue?.days ?? null),
  day('Next review', ({ nextReview }) => nextReview),
  day('Last review', ({ lastReview }) => lastReview),
  day('Starts on', ({ startsOn }) => startsOn),
  day('First signed', ({ signedOn }) => signedOn[0] ?? null),
  day('Last signed', ({ signedOn }) => signedOn.at(-1) ?? null),
  text('Signed after it started', ({ signedAfterStart }) => (signedAfterStart ? 'yes' : null)),
  number('Parts there', ({ present }) => present),
  number('Parts there in part', ({ weak }) => weak),
  number('Parts missing', ({ missing }) => missing),
  number('Missing that must be there', ({ missingMust }) => missingMust.length),
  text('Which', ({ missingMust }) => missingMust.map(({ title }) => title).join('; ')),
  number('Out of date: errors', ({ outdated }) => outdated.error),
  number('Out of date: warnings', ({ outdated }) => outdated.warning),
  number('Out of date: notes', ({ outdated }) => outdated.info),
  number('Does not fit', ({ faults }) => faults),
  number('Changes not accepted', ({ unsettled }) => unsettled.changes),
  number('Comments not answered', ({ unsettled }) => unsettled.comments),
  number('Pages that are pictures', ({ unsettled }) => unsettled.pictures),
];

/** A survey as a table: a row for each agreement, then one for each file that was not read, with why. */
export function tableOf({ agreements, notRead, copies }: Survey): Table {
  const said = [
    ...notRead,
    ...copies.map(({ file, of }) => ({ file, says: `The same file as ${of}, which was read.` })),
  ];
  const blank = columns.slice(1).map(() => null);
  return {
    columns: [
      ...columns.map(({ name, type }) => ({ name, type })),
      { name: 'Not read, and why', type: 'string' },
    ],
    rows: [
      ...agreements.map(({ row }) => [...columns.map(({ of }) => cell(of(row))), null]),
      ...said.map(({ file, says }) => [file, ...blank, says]),
    ],
  };
}

const cell = (value: string | number | null) => (value === null || value === '' ? null : String(value));

// By its first sign, of either width, or by the first after what is not seen: as of every file for people.
// biome-ignore lint/suspicious/noControlCharactersInRegex: a spreadsheet passes over them
const formula = /^(?:[\t\r\n]|[\u0001-\u0020\u00a0\ufeff]*[-=+@＝＋－＠])/;

/**
 * A table as CSV for people [RFC 4180]: every text in quotation marks, an apostrophe before what a spreadsheet would run [OWASP, CSV
 * injection], and the mark by which spreadsheets know UTF-8 in front.
 */
export function csvOf({ columns: head, rows }: Table): string {
  const quoted = (value: string) => `"${formula.test(value) ? "'" : ''}${value.replaceAll('"', '""')}"`;
  const lines = rows.map((row) =>
    row.map((value, at) => (value === null ? '' : head[at]?.type === 'string' ? quoted(value) : value)),
  );
  return `\ufeff${[head.map(({ name }) => quoted(name)), ...lines].map((line) => `${line.join(',')}\r\n`).join('')}`;
}
