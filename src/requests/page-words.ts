import type { Agreement, Brief } from '../agreements/index.ts';
import { type Day, daysBetween, type Instant, londonDay, showDay } from '../platform/pure/dates.ts';

type DataSet = Agreement['terms']['datasets'][number];

/** A data set of an agreement; null where the agreement has no such one, or cannot be seen. */
export function dataSetOf(agreement: Agreement | null, id: string): DataSet | null {
  return agreement?.terms.datasets.find((one) => one.id === id) ?? null;
}

/** What a data set is called. */
export function titleOf(agreement: Brief | null, dataSet: string): string {
  return agreement?.terms.datasets.find((one) => one.id === dataSet)?.title ?? dataSet;
}

/** A purpose as its agreement words it. */
export function purposeOf(agreement: Brief | null, purpose: string): string {
  return agreement?.terms.purposes.find((one) => one.id === purpose)?.says ?? purpose;
}

/** The time there is until a day: `26 days left`, `due today`, `2 days late`. Soon is three days or fewer. */
export function timeLeft(due: Day, now: Instant): { left: string; soon: boolean } {
  const days = daysBetween(londonDay(now), due);
  if (days === 0) return { left: 'due today', soon: true };
  return { left: days > 0 ? `${count(days, 'day')} left` : `${count(-days, 'day')} late`, soon: days <= 3 };
}

// Making a format costs more than using it a hundred times, and a list has fifty days.
const weekday = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'short' });

/** A day as a list of work shows it: `Fri 18 December` in the year of now, and `18 December 2027` in another. */
export function shortDay(day: Day, now: Instant): string {
  if (day.slice(0, 4) !== londonDay(now).slice(0, 4)) return showDay(day);
  return `${weekday.format(new Date(day))} ${showDay(day).replace(/ \d{4}$/, '')}`;
}

/** `1 row`, `301 rows`, `4,217 rows`. */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en-GB')} ${noun}${n === 1 ? '' : 's'}`;
}
