import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { always, hostile, parseCsv, whereNeeded } from '../../test/support/hostile-texts.ts';
import { dataSetOf, field, pseudonymKey, release } from '../../test/support/pipeline.ts';
import type { DataSet } from './data-set.ts';

// A process or an engine for each run: slow on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 30_000 });

const hmac = (value: string, of = pseudonymKey) =>
  createHmac('sha256', of).update(value, 'utf8').digest('hex');

describe('what is written', () => {
  it('is what an independent reader finds in the file, in its order, quoted only where needed', async () => {
    const table = fc.array(fc.array(hostile, { minLength: 3, maxLength: 3 }), {
      minLength: 1,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom(always, whereNeeded), async (rows, quote) => {
        const input = ['a,b,c', ...rows.map((row) => row.map(quote).join(','))].join('\n');
        const { text } = await release(`${input}\n`, dataSetOf(field('c'), field('a'), field('b')));
        const expected = [['c', 'a', 'b'], ...rows.map(([a, b, c]) => [c, a, b] as string[])];
        expect(parseCsv(text ?? '')).toEqual(expected);
        expect(text).toBe(expected.map((row) => `${row.map(whereNeeded).join(',')}\n`).join(''));
      }),
      { numRuns: 40 },
    );
  });

  it('has the headings of the terms, whatever is in them', async () => {
    const names = fc.uniqueArray(
      hostile.filter((name) => name !== '' && !/[\r\n]/.test(name)),
      { minLength: 2, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(names, async (headings) => {
        const input = `${headings.map(always).join(',')}\n${headings.map((_, at) => at).join(',')}\n`;
        const reversed = headings.toReversed();
        const { report, text } = await release(input, dataSetOf(...reversed.map((name) => field(name))));
        expect(report.header).toEqual(headings);
        expect(parseCsv(text ?? '')).toEqual([reversed, headings.map((_, at) => `${at}`).reverse()]);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps columns apart whose names differ only in case', async () => {
    const { text } = await release('ID,id,Id\n1,2,3\n', dataSetOf(field('id'), field('ID')));
    expect(text).toBe('id,ID\n2,1\n');
  });

  it('leaves a blank blank, and marks it where the row would be an empty line', async () => {
    const two = await release('\uFEFF"a";b\r\n"";x\r\n;\r\n', {
      ...dataSetOf(field('a'), field('b')),
      format: { type: 'csv', delimiter: ';' },
    });
    expect(two.text).toBe('a,b\n,x\n,\n');
    expect((await release('a,b\n,x\ny,\n', dataSetOf(field('a')))).text).toBe('a\n""\ny\n');
  });

  it('reports the bytes and their hash, and only then an output', async () => {
    const { report } = await release('a\né\n', dataSetOf(field('a')));
    expect(report.output).toMatchObject({
      bytes: 5,
      rows: 1,
      // printf 'a\n\303\251\n' | sha256sum
      sha256: '3b8e79201784bc682391208841e1a8828ef127e472db56268550ec614ae629b8',
    });
  });

  it('keeps the order of many rows through pseudonyms and held back groups', async () => {
    const rows = Array.from({ length: 30_000 }, (_, at) => [
      `${at}`,
      `p${at % 7_001}`,
      at % 101 === 0 ? 'rare' : 'often',
    ]);
    const { report, text } = await release(
      `n,person,group\n${rows.map((row) => row.join(',')).join('\n')}\n`,
      {
        ...dataSetOf(
          field('n', { type: 'integer' }),
          field('person', { use: 'pseudonymise' }),
          field('group', { role: 'quasi-identifier' }),
        ),
        protection: { k: 1_000, suppressionLimit: 0.5 },
      },
    );
    const expected = rows
      .filter(([, , group]) => group === 'often')
      .map(([n, person = '']) => [n, hmac(person), 'often']);
    expect(parseCsv(text ?? '').slice(1)).toEqual(expected);
    expect(report.rows).toEqual({
      in: 30_000,
      out: expected.length,
      heldBack: 30_000 - expected.length,
      outside: 0,
    });
  });
});

describe('a file without a header', () => {
  it('has row 1 for its first row, and a preview of its first six', async () => {
    const dataSet: DataSet = { ...dataSetOf(field('n', { type: 'integer' })), format: { type: 'jsonl' } };
    const lines = (of: (at: number) => unknown) =>
      Array.from({ length: 9 }, (_, at) => `${JSON.stringify({ n: of(at + 1) })}\n`).join('');
    const sound = await release(
      lines((at) => at),
      dataSet,
    );
    expect(sound.text).toBe('n\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');
    expect(sound.report.preview.map(({ after }) => after)).toEqual(
      ['1', '2', '3', '4', '5', '6'].map((n) => [n]),
    );
    const wrong = await release(
      lines((at) => (at % 4 === 0 ? 'x' : at)),
      dataSet,
    );
    expect(wrong.report.wrongTypes).toEqual([{ field: 'n', type: 'integer', failed: 2, rows: [4, 8] }]);
  });
});
