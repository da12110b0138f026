import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Encoding } from '../data-set.ts';
import { readCsv } from './csv.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csv-'));
});
afterEach(() => rm(folder, { recursive: true }));

let heard: number[];
async function read(content: Buffer, encoding?: Encoding, delimiter?: string) {
  const path = join(folder, 'input');
  await writeFile(path, content);
  heard = [];
  const format = { type: 'csv', ...(encoding && { encoding }), ...(delimiter && { delimiter }) } as const;
  return readCsv(path, folder, format, (bytes) => heard.push(bytes));
}

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const bigEndian = (text: string) => utf16(text).swap16();
const bytes = (...parts: (string | number)[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.of(part))),
  );
const inUtf8 = () => readFile(join(folder, 'input-utf-8'), 'utf8');

describe('the encoding of a file', () => {
  it('is UTF-8 where nothing says otherwise, and the comma its delimiter', async () => {
    const { table } = await read(Buffer.from('name,cost\nZoë,£3\n'));
    expect(table).toMatchObject({ header: ['name', 'cost'], rows: 1, encoding: 'utf-8', firstRow: 2 });
  });

  it.each([
    ['little', utf16],
    ['big', bigEndian],
  ])('is UTF-16, the %s end first, where its byte order mark says so', async (_, encoded) => {
    const text = `name;cost\r\n${'Zoë 𝄞;£3\r\n'.repeat(100_000)}`;
    const { table } = await read(encoded(text), undefined, ';');
    expect(table).toMatchObject({ header: ['name', 'cost'], rows: 100_000, encoding: 'utf-16' });
    expect(await inUtf8()).toBe(text);
  });

  it('is Windows-1252 where all of it is plausible in it, and nothing in UTF-8', async () => {
    const { table } = await read(
      bytes('n\xe9e,cost\nO', 0x92, 'Brien ', 0x96, ' Zo\xeb,', 0x80, '3 or \xa33\n'),
    );
    expect(table).toMatchObject({ header: ['née', 'cost'], rows: 1, encoding: 'windows-1252' });
    expect(await inUtf8()).toBe('née,cost\nO’Brien – Zoë,€3 or £3\n');
  });

  it('is what the terms say', async () => {
    const { table } = await read(bytes('name,b\n', 0x9e, 'ana,1\n'), 'windows-1252');
    expect(table?.encoding).toBe('windows-1252');
    expect(await inUtf8()).toBe('name,b\nžana,1\n');
  });

  it.each([
    ['UTF-8 that is damaged', Buffer.concat([Buffer.from('a,b\nZoë,1\nx,2\n'), bytes('\xe9,1\n')]), [4]],
    ['UTF-8 that is cut off', Buffer.concat([Buffer.from('a,b\nZoë,1\nx,2'), bytes(0xc3)]), [3]],
    ['a pound sign of DOS', bytes('a,b\nx,', 0x9c, '3\n'), [2]],
    ['a byte that no sign has', bytes('a,b\nx,1\nx,', 0x81, '\n'), [3]],
    ['0xff', bytes('a,b\nx,1\nx,', 0xff, '\n'), [3]],
  ])('is not guessed: %s', async (_, content, rows) => {
    expect((await read(content)).problem).toMatchObject({ check: 'not-utf-8', rows });
    expect((await read(content)).problem?.says).toContain('encoding: windows-1252');
  });

  it.each([
    ['half a sign of UTF-16', Buffer.concat([utf16('a,b\n1,2\n3,4\ud834\n')]), undefined, [3]],
    ['half a sign at its end', Buffer.concat([utf16('a,b\n1,2\n3,4'), Buffer.of(0x41)]), undefined, [3]],
    ['a byte that Windows-1252 leaves free', bytes('a,b\n1,2\n', 0x81, ',4\n'), 'windows-1252', [3]],
    ['no byte order mark', Buffer.from('a,b\n1,2\n', 'utf16le'), 'utf-16', [1]],
    ['the mark of another', Buffer.from('\ufeffa,b\n1,2\n'), 'windows-1252', [1]],
    ['the mark of another', utf16('a,b\n1,2\n'), 'utf-8', [1]],
  ] as const)('is refused where it does not hold: %s', async (_, content, encoding, rows) => {
    expect((await read(content, encoding)).problem).toMatchObject({ check: 'wrong-encoding', rows });
  });

  it('is UTF-32, which is not read: every other sign is a zero byte', async () => {
    expect((await read(Buffer.from('\ufeff\0a\0,\0b\0\n\0', 'utf16le'))).problem?.check).toBe('nul-byte');
  });
});

it('is refused as any other file once it is UTF-8', async () => {
  expect((await read(utf16('a,b\n1\n'))).problem).toMatchObject({ check: 'ragged', rows: [2] });
  await rm(join(folder, 'input-utf-8'));
  expect((await read(utf16(''))).problem?.check).toBe('empty');
});

it('whoever watches hears how far the file is read, and the bytes are those of the file', async () => {
  const row = `${'x'.repeat(99)}\n`;
  await read(Buffer.from(`a\n${row.repeat(21_000)}`));
  expect(heard.slice(0, 2)).toEqual([1 << 20, 2 << 20]);
  expect(heard.at(-1)).toBe(2_100_002);
  await read(utf16('a,b\n1,2\n'));
  expect(heard).toEqual([18]);
});
