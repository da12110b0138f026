import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readJsonLines } from './jsonl.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jsonl-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(content: string | Buffer, listed: string[] = []) {
  const path = join(folder, 'input');
  await writeFile(path, content);
  return readJsonLines(path, folder, listed, () => {});
}

const lines = async () => (await readFile(join(folder, 'input-table'), 'utf8')).split('\n').slice(1, -1);

it('has a column for every name that a line has, and numbers with the digits they are written with', async () => {
  const { table } = await read(
    '\ufeff{"id":12345678901234567890,"cost":1.10,"open":true}\r\n{"cost":1E5,"note":"a, \\"b\\"\\n","open":null}\n{}\n{"__proto__":"x"}',
  );
  expect(table).toMatchObject({
    header: ['id', 'cost', 'open', 'note', '__proto__'],
    rows: 4,
    firstRow: 1,
    encoding: 'utf-8',
  });
  expect((await lines()).join('\n')).toBe(
    '12345678901234567890,1.10,true,,\n,1E5,,"a, ""b""\n",\n,,,,\n,,,,x',
  );
});

it('has blanks for nested values that the terms do not list, and refuses those they do', async () => {
  const content = '{"a":1}\n{"a":2,"b":{"c":[1]}}\n{"a":[3]}\n';
  expect((await read('{"a":1,"b":{"c":[1]}}\n', ['a'])).table?.nested).toEqual(['b']);
  expect(await lines()).toEqual(['1,']);
  expect((await read(content, ['a', 'b'])).problem).toMatchObject({ check: 'nested', field: 'a', rows: [3] });
});

describe('a damaged file is told apart, by check and row, where line 1 is row 1', () => {
  it.each([
    ['empty', '', [1]],
    ['empty', '{}\n{}\n', [1]],
    ['not-an-object', '{"a":1}\n[1]\n"x"\nnull\n\n{"a":1\n{"a":1}x\n{"a":2}\n', [2, 3, 4, 5, 6, 7]],
    ['not-an-object', '{"a":1}\n{"a":"Amina","\\u0061":"x"}\n', [2]],
    ['not-an-object', `{"a":1}\n{"a":${'['.repeat(400_000)}${']'.repeat(400_000)}}\n`, [2]],
    ['not-an-object', `{"a":1}\n{"a":"${'\\"'.repeat(400_000)}\n`, [2]],
    ['not-utf-8', Buffer.from('{"a":1}\n{"a":"Zoë"}\n', 'latin1'), [2]],
    ['nul-byte', '{"a":1}\n{"a":"\\u0000"}\n', [2]],
    ['half-character', '{"a":1}\n{"a":"\\ud834"}\n', [2]],
    ['row-too-long', `{"a":1}\n{"a":"${'x'.repeat(1_000_000)}"}\n{"a":1}\n`, [2]],
    ['row-too-long', `{"a":1}\n{"a":"${'"'.repeat(3_000_000)}`, [2]],
    ['too-many-columns', `{${Array.from({ length: 10_001 }, (_, at) => `"${at}":1`)}}\n`, [1]],
  ] as const)('%s, case %#', async (check, content, rows) => {
    const { problem } = await read(content);
    expect(problem).toMatchObject({ check, rows });
    expect(JSON.stringify(problem)).not.toContain('Amina');
  });
});
