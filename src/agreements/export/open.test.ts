import { readFileSync } from 'node:fs';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseDraft } from '../document.ts';
import { readLaw } from '../law.ts';
import { unsigned, writeForm } from './forms.ts';

// A lawyer works on an agreement before it is whole: what is left blank is written, and seen.

vi.setConfig({ testTimeout: 120_000 });

const law = readLaw();
const example = parse(readFileSync(new URL('../../../examples/isa-2026-001.yaml', import.meta.url), 'utf8'));
const blank = '[say what is so]';

type Path = (string | number)[];

function placesIn(node: unknown, path: Path = []): Path[] {
  if (typeof node !== 'object' || node === null) return [path];
  return [path, ...Object.entries(node).flatMap(([key, value]) => placesIn(value, [...path, key]))];
}

function leftBlankAt(path: Path, of = example): string {
  const document = structuredClone(of);
  const [last, ...above] = path.toReversed();
  const parent = above.toReversed().reduce((node, key) => node[key], document);
  parent[last ?? ''] = blank;
  return stringify(document);
}

test('a blank in any place of an agreement is written as it stands, or refused with its place', async () => {
  const places = placesIn(example).filter((path) => path.length > 0 && path[0] !== 'clauses');
  let written = 0;
  for (const path of places) {
    const read = parseDraft(leftBlankAt(path));
    if (!read.ok) {
      expect(read.problems.length).toBeGreaterThan(0);
      continue;
    }
    written += 1;
    for (const form of ['docx', 'md'] as const) {
      expect(await writeForm(form, read.agreement, law, unsigned(read.agreement, 1))).toBeDefined();
    }
  }
  expect(written).toBeGreaterThan(150);
});

test('nothing is guessed for what is left blank', async () => {
  const places: Path[] = [
    ['reference'],
    ['marking'],
    ['terms', 'outsideUk', 'rule'],
    ['terms', 'shares', 0, 'standingApproval'],
    ['terms', 'datasets', 1, 'fields', 1, 'use'],
  ];
  const document = places.reduce((text, path) => leftBlankAt(path, parse(text)), stringify(example));
  const read = parseDraft(document);
  const { agreement } = read.ok ? read : expect.fail('not read');
  const file = unzipSync(await writeForm('docx', agreement, law, unsigned(agreement, 1)));
  const textOf = (part: string) =>
    strFromU8(file[part] ?? new Uint8Array())
      .replace(/<w:tab\/>|<\/w:p>/g, '\n')
      .replace(/<[^>]*>/g, '');
  expect(textOf('word/header1.xml')).toContain('No reference yet, version 1\nNOT MARKED YET\nDraft');
  const text = textOf('word/document.xml');
  expect(text).toContain(`The data would leave the United Kingdom\n${blank}\n`);
  expect(text).toContain(`every month. ${blank}.`);
  expect(text).toContain(`Month\n${blank}\n`);
});

test('what is left blank is marked yellow, wherever it stands', async () => {
  const read = parseDraft(leftBlankAt(['terms', 'retention', 0, 'period']));
  const { agreement } = read.ok ? read : expect.fail('not read');
  const file = unzipSync(await writeForm('docx', agreement, law, unsigned(agreement, 1)));
  const xml = strFromU8(file['word/document.xml'] ?? new Uint8Array());
  expect(xml).toMatch(/<w:highlight w:val="yellow"\/>(?:<[^>]*>)*\[say what is so\]</);
  expect(xml.match(/w:highlight w:val/g)).toHaveLength(1);
  expect(xml).toContain('It is a draft, and nobody can sign it yet.');
});
