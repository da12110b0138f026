import type { Day } from '../../platform/pure/dates.ts';

/** A day, or only a month, that stands in a sentence, and where in it. A month is its first day. */
export type FoundDay = { day: Day; exact: boolean; at: number };

const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
/** The number of a month by its name, or how that begins, from 1. */
export function monthNamed(name: string): number {
  return months.findIndex((one) => one.startsWith(name.toLowerCase().slice(0, 3))) + 1;
}

const inWords =
  /\b(?:(\d{1,2}) ?(?:st|nd|rd|th)? (?:day )?(?:of )?)?(Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?,? (\d{4}|\d\d(?= ?(?:$|[|,.;)])))\b/gi;
const inNumbers = /\b(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})\b/g;
const iso = /\b(\d{4})-(\d\d)-(\d\d)\b/g;

/** Every day that a text names, as it is written here: 9th May 2024, 01/08/2024, 2024-05-09; and months, May 2024. */
export function daysIn(text: string): FoundDay[] {
  const words = [...text.matchAll(inWords)].map(({ 1: day, 2: month = '', 3: year = '', index }) => {
    const number = monthNamed(month);
    if (day === undefined && year.length === 2) return null; // “Nov 13” is a day or a year
    return found(fullYear(year), number, day === undefined ? null : Number(day), index);
  });
  const numbers = [...text.matchAll(inNumbers)].map(({ 1: day, 2: month, 3: year = '', index }) =>
    found(fullYear(year), Number(month), Number(day), index),
  );
  const isos = [...text.matchAll(iso)].map(({ 1: year, 2: month, 3: day, index }) =>
    found(Number(year), Number(month), Number(day), index),
  );
  return [...words, ...numbers, ...isos]
    .filter((day) => day !== null)
    .sort((one, other) => one.at - other.at);
}

const fullYear = (year: string) => Number(year.length === 2 ? `20${year}` : year);

function found(year: number, month: number, day: number | null, at: number): FoundDay | null {
  const date = new Date(Date.UTC(year, month - 1, day ?? 1));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== (day ?? 1)) return null;
  return { day: date.toISOString().slice(0, 10) as Day, exact: day !== null, at };
}
