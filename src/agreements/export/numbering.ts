import type { Block, Item } from './blocks.ts';

/** Where a numbered block stands in Word's own numbering: in which list, at which level from 0. A list of items is one of its own. */
export type Numbered = { list: number; level: number };

/** A list of Word: what each level starts with, and starts with again under the next number above it. */
export type List = { starts: number[] };

const deepest = 9; // levels: Word has no more

/**
 * Has Word number the clauses as the agreement does. Word counts by itself, so a list goes on for as long as it would count
 * what stands there, and another begins where a number was left out. Ids that are no numbers (4A) are null: plain text.
 */
export function numberedByWord(blocks: readonly Block[]): { lists: List[]; of: (Numbered | null)[] } {
  const lists: List[] = [];
  // The numbers of the last clause, with how many levels above it no clause of this list has had.
  let last: { numbers: number[]; implied: number } = { numbers: [], implied: 0 };
  const of = blocks.map((block, at): Numbered | null => {
    if (block.kind === 'items') return isCounted(block.items) ? { list: at, level: 0 } : null;
    const id = 'number' in block ? block.number : null;
    const numbers = id === null ? null : numbersOf(id);
    if (!numbers) return null;
    const level = numbers.length - 1;
    const list = lists.at(-1);
    if (
      list &&
      level >= last.implied &&
      followedBy(last.numbers, list.starts, level).join() === numbers.join()
    ) {
      last = { numbers, implied: last.implied };
    } else {
      lists.push({ starts: numbers });
      last = { numbers, implied: level };
    }
    return { list: lists.length - 1, level };
  });
  return { lists, of };
}

/** Whether Word can count a list as it stands: bullets, or (a), (b), (c) from the first on. */
export function isCounted(items: readonly Pick<Item, 'label'>[]): boolean {
  return items.every(({ label }) => label === '•') || items.every(({ label }, at) => label === letterOf(at));
}

const letterOf = (at: number) => `(${String.fromCharCode(97 + at)})`;

/** The number that Word would give next at a level. */
function followedBy(last: readonly number[], starts: readonly number[], level: number): number[] {
  const above = Array.from({ length: level }, (_, at) => last[at] ?? starts[at] ?? 1);
  const before = last[level];
  return [...above, before === undefined ? (starts[level] ?? 1) : before + 1];
}

function numbersOf(id: string): number[] | null {
  const parts = id.split('.');
  return parts.length <= deepest && parts.every((part) => /^[1-9]\d{0,3}$/.test(part))
    ? parts.map(Number)
    : null;
}
