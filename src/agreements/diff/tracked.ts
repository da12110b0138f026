import { diffArrays } from 'diff';
import type { Block, Cell, Piece, Written } from '../export/blocks.ts';
import { diffWords } from './words.ts';

/** A document to print as it became out of another: every text in pieces, of which some were added and some taken out. */
export function trackedDocument(was: Written, now: Written): Tracked {
  return {
    ...now,
    titleInPieces: diffWords(was.title, now.title),
    facts: rowsOf(was.facts, now.facts),
    blocks: paired(was.blocks, now.blocks, isAlike).flatMap(([old, young]) => blockOf(old, young)),
  };
}

/** A document with what changed in it, its title too. What stands on every page is as it is now. */
export type Tracked = Written<Piece[]> & { titleInPieces: Piece[] };

type Pair<Part> = [Part | null, Part | null];

/**
 * Parts of two lists, side by side in their order. Those that stand between two that are alike and are of one kind are
 * taken for each other; the rest came or went.
 */
function paired<Part>(
  was: readonly Part[],
  now: readonly Part[],
  alike: (one: Part, other: Part) => boolean,
): Pair<Part>[] {
  const pairs: Pair<Part>[] = [];
  let [before, after] = [0, 0];
  const found = diffArrays([...was], [...now], { comparator: alike, maxEditLength: 5000 });
  if (!found)
    return [...was.map((one): Pair<Part> => [one, null]), ...now.map((one): Pair<Part> => [null, one])];
  for (const { count, added, removed } of found) {
    for (let at = 0; at < count; at += 1) {
      const old = added ? null : (was[before++] ?? null);
      const young = removed ? null : (now[after++] ?? null);
      pairs.push([old, young]);
    }
  }
  return pairs;
}

// A heading is known by its words, a table by what it is of; a paragraph has to have half of its words in common.
function isAlike(one: Block, other: Block): boolean {
  if (one.kind === 'heading' && other.kind === 'heading')
    return one.level === other.level && one.text === other.text;
  if (one.kind === 'table' && other.kind === 'table') return one.caption === other.caption;
  if (one.kind === 'signature' && other.kind === 'signature') return one.party === other.party;
  if (one.kind === 'paragraph' && other.kind === 'paragraph') return haveMuchInCommon(one.text, other.text);
  if (one.kind === 'items' && other.kind === 'items')
    return haveMuchInCommon(wordsOfItems(one.items), wordsOfItems(other.items));
  return false;
}

const wordsOfItems = (items: readonly { text: string }[]) => items.map(({ text }) => text).join(' ');

function haveMuchInCommon(one: string, other: string): boolean {
  if (one === other) return true;
  const [words, others] = [new Set(one.split(/\s+/)), new Set(other.split(/\s+/))];
  const common = [...words].filter((word) => others.has(word)).length;
  return 2 * common >= Math.max(words.size, others.size);
}

function blockOf(was: Block | null, now: Block | null): Block<Piece[]>[] {
  const one = now ?? was;
  if (one === null) return [];
  switch (one.kind) {
    case 'heading':
    case 'paragraph': {
      const [old, young] = [was, now] as Pair<typeof one>;
      const number = diffWords(old?.number ?? '', young?.number ?? '');
      return [
        {
          ...one,
          number: number.length === 0 ? null : number,
          text: diffWords(old?.text ?? '', young?.text ?? ''),
        },
      ];
    }
    case 'items': {
      const [old, young] = [was, now] as Pair<typeof one>;
      const pairs = paired(old?.items ?? [], young?.items ?? [], (a, b) => haveMuchInCommon(a.text, b.text));
      const items = pairs.map(([before, after]) => ({
        label: (after ?? before)?.label ?? '',
        text: diffWords(before?.text ?? '', after?.text ?? ''),
      }));
      return [{ ...one, items }];
    }
    case 'table': {
      const [old, young] = [was, now] as Pair<typeof one>;
      return [{ ...one, rows: rowsOf(old?.rows ?? [], young?.rows ?? []) }];
    }
    case 'signature': {
      const [old, young] = [was, now] as Pair<typeof one>;
      const rows = one.rows.map((_, at) => {
        const [before, after] = [old?.rows[at], young?.rows[at]];
        return {
          name: diffWords(before?.name ?? '', after?.name ?? ''),
          says: diffWords(before?.says ?? '', after?.says ?? ''),
        };
      });
      return [{ ...one, party: diffWords(old?.party ?? '', young?.party ?? ''), rows }];
    }
  }
}

/** The rows of a table: a row is known by its first cell. */
function rowsOf(was: readonly Cell[][], now: readonly Cell[][]): Cell<Piece[]>[][] {
  return paired(was, now, ([one], [other]) => one?.text === other?.text).map(([old, young]) =>
    (young ?? old ?? []).map((_, at) => cellOf(old?.[at], young?.[at])),
  );
}

function cellOf(was: Cell | undefined, now: Cell | undefined): Cell<Piece[]> {
  const note = diffWords(was?.note ?? '', now?.note ?? '');
  const text = diffWords(was?.text ?? '', now?.text ?? '');
  return note.length === 0 ? { text } : { text, note };
}
