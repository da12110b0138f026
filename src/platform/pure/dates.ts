/** A moment, in UTC, ISO 8601 with milliseconds: `2026-11-22T10:00:00.000Z`. */
export type Instant = string;

/** A calendar day of Europe/London, `YYYY-MM-DD`: the law runs on these. */
export type Day = string;

const londonParts = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Europe/London',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

const shownDay = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});

const shownTime = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  hour: 'numeric',
  minute: '2-digit',
  hour12: true,
});

/** The moment a `Date` stands for. */
export function instantOf(date: Date): Instant {
  return date.toISOString();
}

/** The day it is in London at a moment. */
export function londonDay(at: Instant): Day {
  return londonParts.format(new Date(at));
}

/** A day as people write it: `22 November 2026`. */
export function showDay(day: Day): string {
  return shownDay.format(new Date(`${day}T00:00:00.000Z`));
}

/** A moment as people write it, in London time: `22 November 2026 at 10:04am`. */
export function showInstant(at: Instant): string {
  return `${showDay(londonDay(at))} at ${showTime(at)}`;
}

/** The time of a moment in London: `10:04am`. */
export function showTime(at: Instant): string {
  return shownTime.format(new Date(at)).replace(/\s/g, '');
}

/** A day some whole days, months or years later. A month with no such day ends on its last. */
export function addToDay(day: Day, by: { days?: number; months?: number; years?: number }): Day {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const months = (by.years ?? 0) * 12 + (by.months ?? 0);
  const lastOfMonth = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  const moved = new Date(Date.UTC(year, month - 1 + months, Math.min(date, lastOfMonth)));
  moved.setUTCDate(moved.getUTCDate() + (by.days ?? 0));
  return moved.toISOString().slice(0, 10);
}

/** A day one ISO 8601 period (`P1Y`, `P6M`, `P30D`, `P1Y6M`) later; throws on any other text. */
export function addPeriod(day: Day, period: string): Day {
  return moved(day, period, 1);
}

/** A day one ISO 8601 period earlier; throws as `addPeriod` does. */
export function periodBefore(day: Day, period: string): Day {
  return moved(day, period, -1);
}

function moved(day: Day, period: string, by: 1 | -1): Day {
  const parts = /^P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?$/.exec(period);
  if (!parts) throw new Error(`Not a period of years, months or days: ${period}`);
  const [, years = '0', months = '0', days = '0'] = parts;
  return addToDay(day, { years: by * Number(years), months: by * Number(months), days: by * Number(days) });
}

/** How many days one day is after another; negative where it is before. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** An ISO 8601 period in words: `P1Y6M` is “1 year and 6 months”. */
export function showPeriod(period: string): string {
  const units: Record<string, string> = { Y: 'year', M: 'month', D: 'day' };
  const parts = [...period.matchAll(/(\d{1,9})([YMD])/g)].map(
    ([, number, unit]) => `${number} ${units[unit ?? '']}${number === '1' ? '' : 's'}`,
  );
  return parts.join(' and ');
}
