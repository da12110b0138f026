import fc from 'fast-check';

// Texts that break what reads or writes them, and CSV by hand: independent of what is tested.

/** An independent reader: commas, quotes, LF; blank and "" alike. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let value = '';
  let quoted = false;
  const endValue = () => {
    rows[rows.length - 1]?.push(value);
    value = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quoted) {
      if (character !== '"') value += character;
      else if (text[at + 1] === '"') {
        value += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',') endValue();
    else if (character === '\n') {
      endValue();
      rows.push([]);
    } else value += character;
  }
  rows.pop();
  return rows;
}

/** A value of CSV in quotation marks. */
export const always = (value: string) => `"${value.replaceAll('"', '""')}"`;

/** A value of CSV in quotation marks if it must be. */
export const whereNeeded = (value: string) => (/[",\r\n]/.test(value) ? always(value) : value);

// Not NUL, which the file check refuses, and no half surrogates, which are not UTF-8.
const anyText = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
const naughty = fc.constantFrom(
  ...[
    '=1+1',
    '+44 20',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '#N/A',
    '#x',
    'NULL',
    'null',
    'nan',
    'true',
    '""',
    '"',
    "'",
    "';--",
  ],
  ...[
    '"; drop table input; --',
    ' leading',
    'trailing ',
    ',',
    ';',
    '\n',
    '\r',
    '\r\n',
    '\\',
    '\\N',
    '\\"',
    '\uFFFE',
    '\uFEFFx',
  ],
  ...[
    'Ω≈ç√',
    '田中さん',
    'مرحبا',
    '🏳️‍🌈',
    'Z͑ͫ̓a',
    '\u202Eabc',
    'İ',
    'ß',
    '1e309',
    '0x10',
    '../../etc/passwd',
    '{{x}}',
  ],
);
/** Any text that may stand in a file. */
export const hostile = fc.oneof(naughty, anyText);
