import { relationsOf } from '../../platform/office.ts';
import { Unreadable } from '../../platform/unreadable.ts';
import { readXml } from '../../platform/xml.ts';
import type { Archive } from '../../platform/zip.ts';
import { type Moment, momentOf } from './number-format.ts';

/** What a sheet's cells refer to. */
export type Workbook = {
  /** The part of the sheet that is asked for. */
  sheet: string;
  since1904: boolean;
  /** Of each style of a cell, what its numbers are shown as. */
  moments: Moment[];
  /** The text with a number. */
  text: (number: number) => string | undefined;
};

const maxTexts = 4_000_000;
const maxTextBytes = 64_000_000;
const maxStyles = 70_000;

/**
 * Reads a workbook up to its sheets: the one with a name, or the first that is not hidden. Throws `Unreadable` where there is none, where it is damaged,
 * and where it has more text than fits into memory.
 */
export async function readWorkbook(archive: Archive, named: string | undefined): Promise<Workbook> {
  const [root] = (await relationsOf(archive, '')).filter(
    ({ type, outside }) => type === 'officeDocument' && !outside,
  );
  if (!root) throw new Unreadable('damaged');
  const relations = (await relationsOf(archive, root.part)).filter(({ outside }) => !outside);
  const { sheets, since1904 } = await sheetsOf(archive, root.part);
  const partOf = (id: string) => relations.find((one) => one.id === id && one.type === 'worksheet')?.part;
  const found = sheets.find(({ name, hidden, id }) =>
    named === undefined ? !hidden && partOf(id) !== undefined : name === named,
  );
  const sheet = found && partOf(found.id);
  if (sheet === undefined) throw new Unreadable('no-sheet');
  const part = (type: string) => relations.find((one) => one.type === type)?.part;
  return {
    sheet,
    since1904,
    moments: await momentsOf(archive, part('styles')),
    text: await textsOf(archive, part('sharedStrings')),
  };
}

async function sheetsOf(archive: Archive, part: string) {
  const sheets: { name: string; hidden: boolean; id: string }[] = [];
  let since1904 = false;
  await readXml(archive.read(part), {
    open(tag, attributes) {
      if (tag === 'workbookPr') since1904 = isTrue(attributes['date1904']);
      if (tag !== 'sheet') return;
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';
      const { name = '', state = 'visible' } = attributes;
      sheets.push({ name, hidden: state !== 'visible', id });
    },
  });
  return { sheets, since1904 };
}

/** Of each style of a cell, in order, what its numbers are shown as. */
async function momentsOf(archive: Archive, part: string | undefined): Promise<Moment[]> {
  const codes = new Map<number, string>();
  const moments: Moment[] = [];
  let inCells = false;
  if (part === undefined) return moments;
  await readXml(archive.read(part), {
    open(name, { numFmtId, formatCode }) {
      const id = Number(numFmtId ?? 0);
      if (name === 'numFmt' && formatCode !== undefined) codes.set(id, formatCode);
      if (name === 'cellXfs') inCells = true;
      if (name === 'xf' && inCells) moments.push(momentOf(id, codes.get(id)));
      if (codes.size > maxStyles || moments.length > maxStyles) throw new Unreadable('too-large');
    },
    close(name) {
      if (name === 'cellXfs') inCells = false;
    },
  });
  return moments;
}

/** The texts that cells share. They lie one after the other outside of JavaScript's memory, which is small. */
async function textsOf(archive: Archive, part: string | undefined): Promise<Workbook['text']> {
  let bytes = Buffer.alloc(1 << 20);
  let ends = new Uint32Array(1 << 16);
  let count = 0;
  let length = 0;
  const item = textOfItem();
  if (part !== undefined)
    await readXml(archive.read(part), {
      open: item.open,
      text: item.text,
      close(name) {
        item.close(name);
        if (name !== 'si') return;
        const text = Buffer.from(item.take());
        if (count >= maxTexts || length + text.length > maxTextBytes) throw new Unreadable('too-large');
        if (length + text.length > bytes.length)
          bytes = Buffer.concat([bytes], Math.max(bytes.length * 2, length + text.length));
        if (count === ends.length) {
          const longer = new Uint32Array(count * 2);
          longer.set(ends);
          ends = longer;
        }
        text.copy(bytes, length);
        length += text.length;
        ends[count] = length;
        count += 1;
      },
    });
  return (number) =>
    number >= 0 && number < count
      ? bytes.toString('utf8', number === 0 ? 0 : ends[number - 1], ends[number])
      : undefined;
}

/** Gathers the text of an item: that of its runs, without what says how to pronounce it. */
export function textOfItem() {
  let parts: string[] = [];
  let inText = false;
  let spoken = 0;
  return {
    open(name: string): void {
      if (name === 'rPh') spoken += 1;
      if (name === 't') inText = true;
    },
    text(text: string): void {
      if (inText && spoken === 0) parts.push(text);
    },
    close(name: string): void {
      if (name === 'rPh') spoken -= 1;
      if (name === 't') inText = false;
    },
    take(): string {
      const text = parts.join('');
      parts = [];
      return text;
    },
  };
}

/** A yes of XML. */
export const isTrue = (text: string | undefined) => text === '1' || text === 'true';
