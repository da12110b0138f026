import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStructure } from './structure.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'structure-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function structureOf(content: string | Buffer, delimiter = ',') {
  const path = join(folder, 'file.csv');
  await writeFile(path, content);
  return readStructure(createReadStream(path), delimiter);
}

describe('a sound file', () => {
  it.each([
    ['LF', 'a,b\n1,2\n3,4\n'],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n'],
    ['no line end at the end', 'a,b\n1,2\n3,'],
    ['a byte order mark', '\uFEFFa,b\n1,2\n3,4\n'],
    ['a byte order mark before a quoted name', '\uFEFF"a",b\n1,2\n3,4\n'],
    ['quoted line ends, delimiters and quotes', '"a","b"\n"1\r\n,""x""",""\n"\r","\n"\n'],
    ['characters of one to four bytes', 'a,b\né,€\n𝄞,x\n'],
  ])('with %s', async (_, content) => {
    expect(await structureOf(content)).toEqual({ header: ['a', 'b'], rows: 2, problem: null });
  });

  it('may have names with delimiters and quotes', async () => {
    expect((await structureOf('"a;""b""";cd\n1;2\n', ';')).header).toEqual(['a;"b"', 'cd']);
  });

  it('may have one column, where an empty line is a blank', async () => {
    expect(await structureOf('a\n1\n\n""\n')).toEqual({ header: ['a'], rows: 3, problem: null });
  });

  it('is read alike wherever a chunk of the file ends', async () => {
    const rows = 20_000;
    const content = `a,b\r\n${'é𝄞,"€""\r\n"\r\n'.repeat(rows)}`;
    expect(await structureOf(content)).toEqual({ header: ['a', 'b'], rows, problem: null });
    expect(await structureOf(`a,b\r\nx,y\r\n${'é𝄞,"€""\r\n"\r\n'.repeat(rows)}`)).toMatchObject({
      problem: null,
    });
  });
});

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

it('any text is found to be the same, sound or not, read at once, in pieces and byte by byte', async () => {
  const sound = fc.constantFrom(
    '1,2',
    ',',
    '"",""',
    '"a,\n""b""",x',
    'é,€',
    '"\r\n",2',
    `${'x'.repeat(70)},2`,
  );
  const other = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', 'é'), maxLength: 12 });
  const line = fc.oneof({ weight: 12, arbitrary: sound }, { weight: 1, arbitrary: other });
  const lines = fc.array(line, { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(lines, fc.constantFrom('\n', '\r\n'), fc.boolean(), async (rows, end, last) => {
      const bytes = Buffer.from(`a,b${end}${rows.join(end)}${last ? end : ''}`);
      // Byte by byte no row is ever whole in a piece: the reader looks at each byte.
      const expected = await readStructure(pieces(bytes, 1), ',');
      for (const size of [2, 63, 64, 65, 200, bytes.length])
        expect(await readStructure(pieces(bytes, size), ',')).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
});

it('any table that is written soundly is read as what it is, wherever its chunks end', async () => {
  const value = fc.oneof(
    fc.constantFrom('', 'x', 'é€𝄞', '"', ',', '\n', '\r\n', 'a "quoted" word', 'x'.repeat(300)),
    fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
  );
  const table = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 30 });
  const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom('\n', '\r\n'), fc.nat(3), async (rows, end, shift) => {
      const lines = rows.map((row) => `${row.map(quoted).join(',')}${end}`).join('');
      const times = Math.ceil(600_000 / lines.length / 3) % 400 || 1; // most files are longer than a chunk, not all
      const content = `a,b${'b'.repeat(shift)}${end}${lines.repeat(times)}`;
      expect(await structureOf(content)).toMatchObject({ rows: rows.length * times, problem: null });
    }),
    { numRuns: 100 },
  );
});

describe('a damaged file is told apart, by check and row', () => {
  it.each([
    ['empty', '', []],
    ['empty', '\uFEFF', []],
    ['no-rows', 'a,b', []],
    ['no-rows', 'a,b\r\n', []],
    ['not-utf-8', Buffer.from('a,b\nx,y\nMünchen,1\n', 'latin1'), [3]],
    ['not-utf-8', Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le'), [1]],
    ['not-utf-8', Buffer.concat([Buffer.from('a,b\n1,2\n3,'), Buffer.of(0xe2, 0x82)]), [3]],
    ['not-utf-8', Buffer.concat([Buffer.from('a,b\n'), Buffer.of(0xc0, 0x80), Buffer.from(',x\n')]), [2]],
    [
      'not-utf-8',
      Buffer.concat([Buffer.from('a,b\n'), Buffer.of(0xed, 0xa0, 0x80), Buffer.from(',x\n')]),
      [2],
    ],
    ['nul-byte', 'a,b\n1,2\n\0,4\n', [3]],
    ['ragged', 'a,b\n1,2\n3\n4,5,6\n7,8\n', [3, 4]],
    ['ragged', 'a,b\n1,2\n\n3,4\n', [3]],
    ['unclosed-quote', 'a,b\n1,2\n"3,4\n5,6\n', [3]],
    ['unclosed-quote', `a,b\n1,"${'x\n'.repeat(600_000)}`, [2]],
    ['misplaced-quote', 'a,b\n1,5" pipe\n', [2]],
    ['misplaced-quote', 'a,b\n "1",2\n', [2]],
    ['misplaced-quote', 'a,b\n"1"2,3\n', [2]],
    ['line-endings', 'a,b\r\n1,2\n3,4\r\n', [2]],
    ['line-endings', 'a,b\r1,2\r', [1]],
    ['line-break-in-heading', '"a\r\nb",c\n1,2\n', [1]],
    ['row-too-long', `a,b\n1,2\n${'x'.repeat(1_000_001)},1\n`, [3]],
  ] as const)('%s, case %#', async (check, content, rows) => {
    const { problem } = await structureOf(content);
    expect(problem?.check).toBe(check);
    if (rows.length > 0) expect(problem?.rows).toEqual(rows);
  });

  it('names ten rows at the most', async () => {
    const { problem } = await structureOf(`a,b\n${'1\n'.repeat(50)}`);
    expect(problem?.rows).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('says what to do without repeating a value', async () => {
    const { problem } = await structureOf('name,b\nAmina "X" Yusuf,1\n');
    expect(problem?.says).toContain('row 2');
    expect(JSON.stringify(problem)).not.toContain('Amina');
  });
});
