import type { Attribute } from './classes.ts';

/**
 * What is wrong with the lines of a hierarchy, or null: every line has the same levels, every leaf stands once, and what is
 * alike at one level is alike at all above. The search relies on the last: a coarser level never tells more apart.
 */
export function faultOfHierarchy(lines: readonly (readonly string[])[]): string | null {
  const [first] = lines;
  if (!first) return 'The hierarchy has no lines. Write one for each value: the value, then its groups.';
  const seen = new Set<string>();
  const above = first.map(() => new Map<string, string>());
  for (const [at, line] of lines.entries()) {
    if (line.length !== first.length) {
      return `Line ${at + 1} of the hierarchy has ${line.length} levels, and line 1 has ${first.length}.`;
    }
    if (seen.has(line[0] as string))
      return `Line ${at + 1} of the hierarchy repeats a value of a line before.`;
    seen.add(line[0] as string);
    for (const [level, group] of line.slice(0, -1).entries()) {
      const next = line[level + 1] as string;
      const known = above[level]?.get(group) ?? next;
      if (known !== next) {
        return `Line ${at + 1} of the hierarchy puts a group of level ${level} into two groups of level ${level + 1}.`;
      }
      above[level]?.set(group, next);
    }
  }
  return null;
}

/** A hierarchy in numbers: leaves and groups are counted from 0 in the order of the lines. */
export function attributeOf(lines: readonly (readonly string[])[], weight: number): Attribute {
  const levels = (lines[0] ?? []).map((_, level) => {
    const numbers = new Map<string, number>();
    const group = Int32Array.from(lines, (line) => {
      const name = line[level] as string;
      const number = numbers.get(name) ?? numbers.size;
      numbers.set(name, number);
      return number;
    });
    const covers = new Int32Array(numbers.size);
    for (const number of group) covers[number] = (covers[number] as number) + 1;
    return { group, covers };
  });
  return { levels, leaves: lines.length, weight };
}
