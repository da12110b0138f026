// Rows fall into classes: those alike in every quasi-identifier as it would leave. Here they are counted, again and again,
// for one choice of levels after another, so everything is numbers in typed arrays.

/** One level of a hierarchy: the group that each leaf falls into (both numbered from 0), and how many leaves each covers. */
type HierarchyLevel = { group: Int32Array; covers: Int32Array };

/** A field that is generalised: the levels of its hierarchy, leaves first, each made of whole groups of the one before. */
export type Attribute = { levels: readonly HierarchyLevel[]; leaves: number; weight: number };

/**
 * The rows of a table, those that are alike in all of this counted together: per attribute the leaf, `fixed` for everything
 * else that tells classes apart, and the value of each sensitive field, of which a class must have at least `l`.
 */
export type Cells = {
  leaves: readonly Int32Array[];
  fixed: Int32Array;
  sensitive: readonly { values: Int32Array; l: number }[];
  sizes: Int32Array;
};

/** Cells from the columns of an answer: `size`, `rest`, and those that begin with `leaf_` and `value_`, in their order. */
export function cellsOf(columns: Record<string, Int32Array>, l: number): Cells {
  const those = (start: string) =>
    Object.entries(columns).flatMap(([name, values]) => (name.startsWith(start) ? [values] : []));
  const { size, rest } = columns;
  if (!size || !rest) throw new Error('The cells have no sizes.');
  return {
    leaves: those('leaf_'),
    fixed: rest,
    sensitive: those('value_').map((values) => ({ values, l })),
    sizes: size,
  };
}

/** The classes of a choice of levels: for each, one of its cells and its rows; and the rows in classes that are not good. */
export type Counted = {
  cell: Int32Array;
  rows: Int32Array;
  heldBack: number;
  heldBackClasses: readonly number[];
};

/** Counts the classes of choices of levels. */
export type Counter = (levels: readonly number[], from: Counted | null) => Counted;

/**
 * A counter over these cells. A class is good with at least `k` rows, and `l` values in each sensitive field. What was
 * counted at levels that are nowhere higher can be counted on from, which is quicker: never where values must be counted.
 */
export function classCounter(attributes: readonly Attribute[], cells: Cells, k: number): Counter {
  const every = Int32Array.from(cells.sizes.keys());
  const number = classNumberer(cells.sizes.length);
  const fixedCodes = cells.fixed.reduce((most, code) => Math.max(most, code), 0) + 1;
  const sides = side(attributes, cells);
  const rolls = cells.sensitive.length === 0;

  return (levels, from) => {
    const { cell: given, rows: givenRows } = rolls && from ? from : { cell: every, rows: cells.sizes };
    const { classOf, classes } = number(
      keyWords(attributes, sides, cells.fixed, fixedCodes, levels, given),
      given.length,
    );
    const cell = new Int32Array(classes);
    const rows = new Int32Array(classes);
    let met = 0;
    for (let at = 0; at < given.length; at += 1) {
      const its = classOf[at] as number;
      if (its === met) {
        cell[its] = given[at] as number;
        met += 1;
      }
      rows[its] = (rows[its] as number) + (givenRows[at] as number);
    }
    const poor = rolls ? null : poorClasses(cells, classOf, classes);
    const heldBackClasses: number[] = [];
    let heldBack = 0;
    for (let one = 0; one < classes; one += 1) {
      if ((rows[one] as number) >= k && poor?.[one] !== 1) continue;
      heldBack += rows[one] as number;
      heldBackClasses.push(one);
    }
    return { cell, rows, heldBack, heldBackClasses };
  };
}

/** Keys as words of 32 bits: as many attributes share a word as fit into it, so a key is exact and mostly a single word. */
type Keys = { words: readonly Int32Array[]; codes: number };

/** Numbers the classes of at most so many keys, from 0 in the order in which they are met. What it gives is good until it is asked again. */
function classNumberer(most: number) {
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, most) * 2));
  const table = new Int32Array(2 * size); // of each slot: the number of a class, from 1, and its key or where that stands
  const classOf = new Int32Array(most);

  // Where there are no more keys than slots a key is its slot, and nothing is compared.
  function byKey(keys: Int32Array, count: number, codes: number): number {
    table.fill(0, 0, codes);
    let classes = 0;
    for (let at = 0; at < count; at += 1) {
      const key = keys[at] as number;
      let found = table[key] as number;
      if (found === 0) {
        classes += 1;
        found = classes;
        table[key] = found;
      }
      classOf[at] = found - 1;
    }
    return classes;
  }

  function byWord(keys: Int32Array, count: number): number {
    const mask = slots(count);
    let classes = 0;
    for (let at = 0; at < count; at += 1) {
      const key = keys[at] as number;
      let slot = scattered(key) & mask;
      while (table[2 * slot] !== 0 && table[2 * slot + 1] !== key) slot = (slot + 1) & mask;
      if (table[2 * slot] === 0) {
        classes += 1;
        table[2 * slot] = classes;
        table[2 * slot + 1] = key;
      }
      classOf[at] = (table[2 * slot] as number) - 1;
    }
    return classes;
  }

  function byWords(words: Keys['words'], count: number): number {
    const mask = slots(count);
    let classes = 0;
    for (let at = 0; at < count; at += 1) {
      let hash = 0;
      for (const word of words) hash = scattered(hash ^ (word[at] as number));
      let slot = hash & mask;
      while (table[2 * slot] !== 0 && !alike(words, table[2 * slot + 1] as number, at))
        slot = (slot + 1) & mask;
      if (table[2 * slot] === 0) {
        classes += 1;
        table[2 * slot] = classes;
        table[2 * slot + 1] = at;
      }
      classOf[at] = (table[2 * slot] as number) - 1;
    }
    return classes;
  }

  // An empty table of twice the keys at least, never more than was made; what a slot is found by.
  function slots(keys: number): number {
    const mask = Math.min(size, 2 ** Math.ceil(Math.log2(Math.max(2, keys) * 2))) - 1;
    table.fill(0, 0, 2 * (mask + 1));
    return mask;
  }

  return ({ words, codes }: Keys, count: number): { classOf: Int32Array; classes: number } => {
    const [word, ...others] = words;
    if (!word || others.length > 0) return { classOf, classes: byWords(words, count) };
    const classes = codes <= table.length ? byKey(word, count, codes) : byWord(word, count);
    return { classOf, classes };
  };
}

/** The leaves of each cell one after another, each numbered after all leaves of the attributes before its own. */
function side(attributes: readonly Attribute[], cells: Cells): { flat: Int32Array; starts: number[] } {
  const starts = attributes.map((_, at) =>
    attributes.slice(0, at).reduce((sum, { leaves }) => sum + leaves, 0),
  );
  const flat = new Int32Array(cells.sizes.length * attributes.length);
  for (const [which, leaves] of cells.leaves.entries()) {
    for (let cell = 0; cell < leaves.length; cell += 1) {
      flat[cell * attributes.length + which] = (starts[which] as number) + (leaves[cell] as number);
    }
  }
  return { flat, starts };
}

function keyWords(
  attributes: readonly Attribute[],
  { flat, starts }: ReturnType<typeof side>,
  fixed: Int32Array,
  fixedCodes: number,
  levels: readonly number[],
  given: Int32Array,
): Keys {
  const parts = new Int32Array(
    (starts[starts.length - 1] ?? 0) + (attributes[attributes.length - 1]?.leaves ?? 0),
  );
  const breaks = [0];
  let factor = fixedCodes;
  for (const [which, { levels: all }] of attributes.entries()) {
    const { group, covers } = all[levels[which] as number] as HierarchyLevel;
    if (factor * covers.length > 2 ** 32) {
      breaks.push(which);
      factor = 1;
    }
    const start = starts[which] as number;
    for (let leaf = 0; leaf < group.length; leaf += 1) parts[start + leaf] = (group[leaf] as number) * factor;
    factor *= covers.length;
  }
  const words = breaks.map((first, word) => {
    const end = breaks[word + 1] ?? attributes.length;
    const keys = new Int32Array(given.length);
    for (let at = 0; at < given.length; at += 1) {
      const cell = given[at] as number;
      const base = cell * attributes.length;
      let key = word === 0 ? (fixed[cell] as number) : 0;
      for (let one = base + first; one < base + end; one += 1)
        key = (key + (parts[flat[one] as number] as number)) | 0;
      keys[at] = key;
    }
    return keys;
  });
  return { words, codes: factor };
}

function scattered(key: number): number {
  const hash = Math.imul(key, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

function alike(words: readonly Int32Array[], one: number, other: number): boolean {
  for (let word = 0; word < words.length; word += 1) {
    const keys = words[word] as Int32Array;
    if (keys[one] !== keys[other]) return false;
  }
  return true;
}

/** Marks with 1 the classes that have fewer than `l` values in a sensitive field. */
function poorClasses(cells: Cells, classOf: Int32Array, classes: number): Uint8Array {
  const poor = new Uint8Array(classes);
  for (const { values, l } of cells.sensitive) {
    const different = new Int32Array(classes);
    const most = values.reduce((high, value) => Math.max(high, value), 0) + 1;
    const seen = new Set<number>();
    for (let at = 0; at < classOf.length; at += 1) {
      const pair = (classOf[at] as number) * most + (values[at] as number);
      if (seen.has(pair)) continue;
      seen.add(pair);
      different[classOf[at] as number] = (different[classOf[at] as number] as number) + 1;
    }
    for (let one = 0; one < classes; one += 1) if ((different[one] as number) < l) poor[one] = 1;
  }
  return poor;
}
