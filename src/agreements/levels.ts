import type { Terms } from './terms.ts';

/** How exact a field is that is made less exact. */
export type Level = Exclude<Terms['datasets'][number]['fields'][number]['use'], string>['to'];

const levels: Record<Level, string> = {
  day: 'day',
  month: 'month',
  quarter: 'quarter',
  year: 'year',
  'age-band-5': 'age band of 5 years',
  'age-band-10': 'age band of 10 years',
  'postcode-district': 'postcode district',
  'postcode-sector': 'postcode sector',
};

/** What leaves of a field that is made less exact, in words: `month`, `age band of 5 years`. */
export function levelInWords(level: Level): string {
  return levels[level];
}
