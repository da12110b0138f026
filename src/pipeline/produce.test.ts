import { describe, expect, it, vi } from 'vitest';
import { dataSetOf, field, release } from '../../test/support/pipeline.ts';

// A process or an engine for each run: slow on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 30_000 });

describe('a file that is not the one in the terms', () => {
  it('lacks columns: they are named and nothing leaves', async () => {
    const { report } = await release('a,x\n1,2\n', dataSetOf(field('a'), field('b')));
    expect(report).toMatchObject({ missing: ['b'], dropped: ['x'], problem: null, output: null });
  });

  it('uses a name twice', async () => {
    const { report } = await release('a,x,a\n1,2,3\n', dataSetOf(field('a')));
    expect(report).toMatchObject({ problem: { check: 'duplicate-column', rows: [1] }, output: null });
  });

  it('has no header: its first row is about a person, and is not repeated', async () => {
    const { report } = await release(
      'Amina Yusuf,34\nDan Okafor,41\n',
      dataSetOf(field('name'), field('age')),
    );
    expect(report).toMatchObject({
      header: [],
      dropped: [],
      missing: ['name', 'age'],
      problem: { check: 'no-header' },
    });
    expect(JSON.stringify(report)).not.toContain('Amina');
  });

  it('is not sound: the check is named and nothing leaves', async () => {
    const { report } = await release('a,b\n1,2\n3\n', dataSetOf(field('a')));
    expect(report).toMatchObject({
      problem: { check: 'ragged', rows: [3] },
      output: null,
      rows: { in: 0, out: 0 },
    });
  });
});

describe('what a spreadsheet would run', () => {
  it('is told of texts that leave as they are held, and of nothing else', async () => {
    const fields = [
      field('note'),
      field('phone'),
      field('change', { type: 'number' }),
      field('code', { use: 'pseudonymise' }),
      field('gone', { use: 'drop' }),
    ];
    const rows = ['=1+1,+44 20 7946 0000,-1.5,=A1,@SUM', 'a=b,020,2,-x,\t', '"\r=x",-,-3,x,x'];
    const { report } = await release(
      `note,phone,change,code,gone\n${rows.join('\n')}\n`,
      dataSetOf(...fields),
    );
    expect(report.output).not.toBeNull();
    expect(report.formulas).toEqual([
      { field: 'note', values: 2, rows: [2, 4] },
      { field: 'phone', values: 2, rows: [2, 4] },
    ]);
  });
});
