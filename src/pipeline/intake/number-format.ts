// A spreadsheet keeps a day as a number, and only its number format says that it is one (ECMA-376 Part 1, 18.8.30).

/** What a number with a format is shown as; null for a number. */
export type Moment = 'date' | 'time' | 'date and time' | null;

const dayMs = 86_400_000;
const lastDay = 2_958_465; // 31 December 9999

const builtIn: readonly [number, number, Moment][] = [
  [14, 17, 'date'],
  [18, 21, 'time'],
  [22, 22, 'date and time'],
  [27, 31, 'date'],
  [32, 35, 'time'],
  [36, 36, 'date'],
  [45, 47, 'time'],
  [50, 54, 'date'],
  [55, 56, 'time'],
  [57, 58, 'date'],
];

/** The moment that a format shows: one that every spreadsheet knows by its number, or one that is written out. */
export function momentOf(id: number, code: string | undefined): Moment {
  if (code === undefined) return builtIn.find(([from, to]) => id >= from && id <= to)?.[2] ?? null;
  // Letters in quotation marks, after a backslash and in brackets are no part of it, but for hours that are added up: [h].
  const bare = code.replace(/"[^"]*"|\\.|[_*]./g, '').split(';')[0] ?? '';
  if (/\[(h+|m+|s+)\]/i.test(bare)) return 'time';
  const letters = bare.replace(/\[[^[\]]*\]|AM\/PM|A\/P|General/gi, '').toLowerCase();
  const time = /[hs]/.test(letters);
  const date = /[dy]/.test(letters) || (letters.includes('m') && !time);
  if (date) return time ? 'date and time' : 'date';
  return time ? 'time' : null;
}

/**
 * A number of days as ISO 8601: 2024-01-31, 10:30:00, or 2024-01-31T10:30:00 without an offset, for a spreadsheet knows none. Null where it is
 * no day of its calendar.
 */
export function momentText(days: number, moment: Exclude<Moment, null>, since1904: boolean): string | null {
  const ms = Math.round((days + (since1904 && moment !== 'time' ? 1462 : 0)) * dayMs);
  const day = Math.floor(ms / dayMs);
  if (!(ms >= 0 && day <= lastDay)) return null;
  if (moment === 'time') return timeText(ms);
  // Spreadsheets hold that 1900 had a 29 February: days before it are one nearer.
  if (day === 0 || day === 60) return null;
  const date = new Date(Date.UTC(1899, 11, day < 60 ? 31 : 30) + day * dayMs).toISOString().slice(0, 10);
  return moment === 'date' ? date : `${date}T${timeText(ms % dayMs)}`;
}

function timeText(ms: number): string {
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
  const fraction = ms % 1000 === 0 ? '' : `.${String(ms % 1000).padStart(3, '0')}`;
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}${fraction}`;
}

/** A number as the shortest digits that are it, without an exponent; null for what is no number. */
export function plainNumber(text: string): string | null {
  if (!/^[-+]?(\d+(\.\d*)?|\.\d+)(E[-+]?\d+)?$/i.test(text)) return null;
  const shortest = String(Number(text));
  const [, sign = '', first = '', rest = '', exponent = ''] =
    /^(-?)(\d)(?:\.(\d+))?e([-+]\d+)$/.exec(shortest) ?? [];
  if (exponent === '') return Number.isFinite(Number(text)) ? shortest : null;
  const digits = first + rest;
  const places = Number(exponent);
  return places > 0 ? sign + digits.padEnd(places + 1, '0') : `${sign}0.${'0'.repeat(-places - 1)}${digits}`;
}
