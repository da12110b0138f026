import type { Json } from '../../platform/pure/canonical-json.ts';
import { addPeriod, daysBetween } from '../../platform/pure/dates.ts';
import { isBlank } from '../blanks.ts';
import type { Part, PartKind } from './parts.ts';

/** What it means that a value went up, and that it went down. */
type Ways = { up: string; down: string };

const sooner: Ways = { up: 'The partner is told later.', down: 'The partner is told sooner.' };

const protects = 'It protects people more.';
const protectsLess = 'It protects people less.';

const measured: Partial<Record<PartKind, Record<string, Ways>>> = {
  agreement: {
    startsOn: { up: 'It starts later.', down: 'It starts sooner.' },
    endsOn: { up: 'It runs for longer.', down: 'It ends sooner.' },
    marking: { up: 'It is handled more strictly.', down: 'It is handled less strictly.' },
  },
  dataset: {
    k: {
      up: `Small groups are held back that left before. ${protects}`,
      down: `Smaller groups leave. ${protectsLess}`,
    },
    l: { up: protects, down: protectsLess },
    suppressionLimit: {
      up: 'More rows may be held back before nothing leaves.',
      down: 'Fewer rows may be held back before nothing leaves.',
    },
    personalData: {
      up: 'It is now treated as personal data.',
      down: 'It is no longer treated as personal data.',
    },
  },
  column: { use: { up: 'More of this column leaves.', down: 'Less of this column leaves.' } },
  shares: {
    standingApproval: {
      up: 'It goes without a person deciding each time.',
      down: 'A person decides each time.',
    },
    frequency: { up: 'It goes more often.', down: 'It goes less often.' },
  },
  retention: { period: { up: 'It is kept for longer.', down: 'It is destroyed sooner.' } },
  incidents: { tellPartnerWithinHours: sooner },
  corrections: { tellPartnerWithinWorkingDays: sooner },
  rights: { tellPartnerWithinWorkingDays: sooner },
  foi: {
    tellPartnerWithinWorkingDays: sooner,
    partnerAnswersWithinWorkingDays: {
      up: 'The partner has longer to answer.',
      down: 'The partner has less time to answer.',
    },
  },
  requests: { noticeWorkingDays: { up: 'Whoever asks waits longer.', down: 'Whoever asks waits less.' } },
  onward: {
    rule: { up: 'It may now be passed on, with consent.', down: 'It may no longer be passed on at all.' },
  },
  outsideUk: {
    rule: {
      up: 'It may now leave the United Kingdom, with consent.',
      down: 'It may no longer leave the United Kingdom at all.',
    },
  },
  review: {
    firstAfter: { up: 'The first review is later.', down: 'The first review is sooner.' },
    every: { up: 'It is reviewed less often.', down: 'It is reviewed more often.' },
  },
  termination: {
    noticeDays: { up: 'A party that leaves says so longer before.', down: 'A party can leave faster.' },
  },
};

// From the least to the most, where words have an order.
const orders: string[][] = [
  ['never', 'written-consent'],
  ['on-request', 'yearly', 'quarterly', 'monthly', 'weekly'],
  ['OFFICIAL', 'OFFICIAL-SENSITIVE'],
];

/** What it means that a value of a part changed, where that is plain; null where a person has to judge. */
export function meaningOf(
  kind: PartKind,
  name: string,
  was: Json | undefined,
  now: Json | undefined,
): string | null {
  const ways = measured[kind]?.[name];
  if (!ways) return null;
  const [before, after] = [measureOf(name, was), measureOf(name, now)];
  if (before === null || after === null || before === after) return null;
  return after > before ? ways.up : ways.down;
}

/** What it means that a part came or went, where that is plain. */
export function meaningOfPart({ kind, values }: Part, change: 'added' | 'removed'): string | null {
  const came = change === 'added';
  switch (kind) {
    case 'party':
      return came ? 'One more body is bound by it.' : 'One body fewer is bound by it.';
    case 'purposes':
      return came ? 'The data may be used for one more purpose.' : 'The data may no longer be used for this.';
    case 'dataset':
      return came ? 'Data is agreed that was not before.' : 'This data is no longer agreed.';
    case 'column':
      if (values['use'] === 'drop') return null;
      return came ? 'One more column leaves.' : 'This column no longer leaves.';
    case 'shares':
      return came ? 'Data goes that did not go before.' : 'This no longer goes.';
    default:
      return null;
  }
}

// On a scale of its own, so that more is more; null where it is on none.
function measureOf(name: string, value: Json | undefined): number | null {
  if (isBlank(value)) return null;
  if (name === 'k' || name === 'l') return value === undefined ? 1 : Number(value);
  if (name === 'suppressionLimit') return Number(value ?? 0);
  if (name === 'use') return value === 'keep' ? 2 : value === 'drop' ? 0 : 1;
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return null;
  if (/^P\d/.test(value)) return daysBetween('2026-01-01', addPeriod('2026-01-01', value));
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return daysBetween('2026-01-01', value);
  const order = orders.find((words) => words.includes(value));
  return order ? order.indexOf(value) : null;
}
