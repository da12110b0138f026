import { showDay, showPeriod } from '../../platform/pure/dates.ts';
import { counted } from '../../platform/pure/words.ts';
import type { Blank, Value } from './template.ts';

// Blanks are filled by their names, once, and nothing else happens: there are no conditions and no sums in a template.

/** What stands for a blank: as a term of the agreement has it, and as its words have it. */
export type Filled = { value: unknown; words: string };

export type FilledBlanks = ReadonlyMap<string, Filled>;

const name = /<([A-Za-z][a-z0-9.-]{0,60})>/g;
const onlyName = /^<([a-z][a-z0-9.-]{0,60})>$/;

/** Words with their blanks filled in. <First.called> is <first.called> at the start of a sentence. */
export function fillWords(text: string, filled: FilledBlanks): string {
  return text.replaceAll(name, (_, blank: string) => {
    const small = blank.charAt(0).toLowerCase() + blank.slice(1);
    const { words } = of(small, filled);
    return small === blank ? words : words.charAt(0).toUpperCase() + words.slice(1);
  });
}

/** Terms with their blanks filled in. A value stands as it is, a number as a number; under `clause` is a clause's name. */
export function fillTerms(node: unknown, filled: FilledBlanks): unknown {
  if (Array.isArray(node)) return node.map((one) => fillTerms(one, filled));
  if (typeof node === 'object' && node !== null) {
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [
        key,
        key === 'clause' ? of(`clause.${String(value)}`, filled).value : fillTerms(value, filled),
      ]),
    );
  }
  if (typeof node !== 'string') return node;
  const [, only] = onlyName.exec(node) ?? [];
  return only === undefined ? node : of(only, filled).value;
}

function of(blank: string, filled: FilledBlanks): Filled {
  const found = filled.get(blank);
  if (!found) throw new Error(`A template asks for <${blank}>, and nothing has that name.`);
  return found;
}

/** A known value of a blank, with the words that say it: days and periods as people write them, counts with what is counted. */
export function filledWith(given: Value, { unit, reads, usually }: Blank): Filled {
  const text = String(given);
  const value = inKind(given, unit !== undefined, typeof usually === 'boolean');
  const read = reads?.[text];
  if (read !== undefined) return { value, words: read };
  if (unit && typeof value === 'number') return { value, words: counted(value, ...unit) };
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)))
    return { value, words: showDay(text) };
  if (/^P\d/.test(text)) return { value, words: showPeriod(text) };
  return { value, words: text };
}

// What was typed into a page is text, whatever it is of.
function inKind(given: Value, isCount: boolean, isYesOrNo: boolean): Value {
  if (isCount && typeof given === 'string' && /^\d{1,5}$/.test(given)) return Number(given);
  if (isYesOrNo && (given === 'true' || given === 'false')) return given === 'true';
  return given;
}
