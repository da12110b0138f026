import { readXml } from '../../platform/xml.ts';
import type { Archive } from '../../platform/zip.ts';
import { attribute, levelOf, type Numbered } from './word-styles.ts';

type Level = { start: number; format: string; text: string };
type List = { levels: Map<number, Level> };

const plain: Level = { start: 1, format: 'decimal', text: '' };

/**
 * Reads how a Word file numbers its paragraphs. What it gives counts: asked of one paragraph after the other, it tells the number that Word
 * shows before each, such as “4.2” or “(a)”; `•` for an item without a number.
 */
export async function readNumbering(
  archive: Archive,
  part: string | undefined,
): Promise<(of: Numbered) => string> {
  const lists = new Map<string, List>();
  const uses = new Map<string, { list: string; starts: Map<number, number> }>();
  let list: List | null = null;
  let level: Level | null = null;
  let use: { list: string; starts: Map<number, number> } | null = null;
  let overridden = 0;
  if (part !== undefined)
    await readXml(archive.read(part), {
      open(name, attributes) {
        const value = attribute(attributes, 'val');
        if (name === 'abstractNum') {
          list = { levels: new Map() };
          lists.set(attribute(attributes, 'abstractNumId') ?? '', list);
        } else if (name === 'num') {
          use = { list: '', starts: new Map() };
          uses.set(attribute(attributes, 'numId') ?? '', use);
        } else if (name === 'lvl' && list) {
          level = { ...plain };
          list.levels.set(levelOf(attribute(attributes, 'ilvl')) ?? 0, level);
        } else if (name === 'lvlOverride') overridden = levelOf(attribute(attributes, 'ilvl')) ?? 0;
        else if (name === 'startOverride' && use) use.starts.set(overridden, numberOf(value));
        else if (name === 'abstractNumId' && use) use.list = value ?? '';
        else if (!level) return;
        else if (name === 'start') level.start = numberOf(value);
        else if (name === 'numFmt') level.format = value ?? 'decimal';
        else if (name === 'lvlText') level.text = (value ?? '').slice(0, 40);
      },
      close(name) {
        if (name === 'abstractNum') list = null;
        if (name === 'num') use = null;
        if (name === 'lvl') level = null;
      },
    });

  const counts = new Map<string, number[]>();
  const begun = new Set<string>();
  return ({ list: id, level: depth }) => {
    const used = uses.get(id);
    const levels = used && lists.get(used.list)?.levels;
    if (!levels) return '•';
    const of = (at: number) => levels.get(at) ?? plain;
    const count = counts.get(used.list) ?? [];
    counts.set(used.list, count);
    const start = used.starts.get(depth);
    if (start !== undefined && !begun.has(`${id} ${depth}`)) count[depth] = start - 1;
    begun.add(`${id} ${depth}`);
    count[depth] = (count[depth] ?? of(depth).start - 1) + 1;
    count.length = depth + 1;
    const { text, format } = of(depth);
    if (format === 'bullet') return '•';
    if (format === 'none') return '';
    return text.replaceAll(/%([1-9])/g, (_, digit: string) => {
      const at = Number(digit) - 1;
      return written(count[at] ?? of(at).start, of(at).format);
    });
  };
}

const numberOf = (value: string | undefined) => (/^\d{1,4}$/.test(value ?? '') ? Number(value) : 1);

function written(number: number, format: string): string {
  switch (format) {
    case 'lowerLetter':
      return letters(number);
    case 'upperLetter':
      return letters(number).toUpperCase();
    case 'lowerRoman':
      return roman(number);
    case 'upperRoman':
      return roman(number).toUpperCase();
    default:
      return String(number);
  }
}

// After z comes aa, then bb.
function letters(number: number): string {
  if (number < 1) return '';
  return String.fromCharCode(97 + ((number - 1) % 26)).repeat(Math.min(Math.ceil(number / 26), 10));
}

const romans = [
  ['x', 10],
  ['ix', 9],
  ['v', 5],
  ['iv', 4],
  ['i', 1],
] as const;

function roman(number: number): string {
  let rest = Math.min(number, 100);
  let text = '';
  for (const [sign, worth] of romans) {
    for (; rest >= worth; rest -= worth) text += sign;
  }
  return text;
}
