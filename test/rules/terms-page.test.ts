import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { protectFile } from '../../src/pipeline/protect-file.ts';
import { readTerms, termsJsonSchema } from '../../src/pipeline/terms-file.ts';

// docs/terms.md: its examples are terms, do what it says, and leave out nothing that terms can say.

const page = await readFile(new URL('../../docs/terms.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, of, text = '']) =>
    of === language ? [text] : [],
  );

test('every example is a file of terms', async () => {
  const examples = blocks('yaml');
  expect(examples).toHaveLength(2);
  for (const example of examples) expect(await readTerms(example, '/nowhere')).toMatchObject({ ok: true });
});

test('of the first file that leaves which stands under it', async () => {
  const read = await readTerms(blocks('yaml')[0] ?? '', '/nowhere');
  const [dataSet] = read.ok ? read.dataSets : [];
  const [held = '', leaves = ''] = blocks('csv');
  if (!dataSet) throw new Error('There is no data set.');
  const folder = await mkdtemp(join(tmpdir(), 'terms-page-'));
  try {
    const [input, out] = [join(folder, 'in.csv'), join(folder, 'out.csv')];
    await writeFile(input, held);
    const job = {
      input,
      dataSet,
      pseudonymKey: Buffer.alloc(32),
      out,
      form: 'csv',
      today: '2026-11-22',
      last: null,
      recipients: [],
    } as const;
    const report = await protectFile(job, new AbortController().signal);
    expect(report).toMatchObject({ rows: { in: 5, heldBack: 1 }, dropped: ['Notes'] });
    expect(await readFile(out, 'utf8')).toBe(leaves);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('every key and every word of the schema is on the page', () => {
  const words = new Set<string>();
  const walk = (schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'examples') continue;
      if (key === 'properties') for (const name of Object.keys(value)) words.add(name);
      if (key === 'enum') for (const word of value) words.add(String(word));
      if (key === 'const' && typeof value === 'string') words.add(value);
      walk(value);
    }
  };
  walk(termsJsonSchema());
  expect(words.size).toBeGreaterThan(60);
  const said = new Set(page.match(/[A-Za-z0-9/-]+/g));
  expect([...words].filter((word) => !said.has(word))).toEqual([]);
});
