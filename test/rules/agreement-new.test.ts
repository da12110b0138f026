import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { aCommandLine, type CommandLine } from '../support/command.ts';

// `chirograph agreement templates` and `agreement new` as somebody types them: no database, no account.

vi.setConfig({ testTimeout: 60_000 });

let line: CommandLine;
beforeAll(() => {
  line = aCommandLine();
});
afterAll(() => line.close());

const at = (name: string) => join(line.folder, name);
const between = [
  ...['--party', 'police=westmarch-police', '--party', 'commissioner=westmarch-opcc'],
  ...['--from', 'examples/isa-2026-001.yaml'],
];

test('the templates are listed, with what each is for and whom it is between', async () => {
  const answer = await line.run('agreement', 'templates', '--json');
  const { templates } = JSON.parse(answer.out);
  expect(templates.map(({ id }: { id: string }) => id)).toEqual([
    'dsa',
    'isa',
    'mou',
    'opcc-police',
    'council-police',
    'wales',
  ]);
  expect(templates[3].parties).toEqual(['police', 'commissioner']);
});

test('what a signed agreement says is not asked again, and what is left is said with its line', async () => {
  const answer = await line.run(
    'agreement',
    'new',
    '--template',
    'opcc-police',
    ...between,
    '--out',
    at('a.yaml'),
    '--json',
  );
  expect(answer.exit).toBe(0);
  const { blanks } = JSON.parse(answer.out);
  const text = readFileSync(at('a.yaml'), 'utf8');
  expect(text).toContain('email: dpo@westmarch-opcc.example');
  expect(text).toContain('id: street-crime');
  const [first] = blanks;
  expect(first).toMatchObject({ path: 'reference' });
  expect(text.split('\n')[first.line - 1]).toContain('[say a reference in capitals');
  const checked = await line.run('agreement', 'check', at('a.yaml'), '--json');
  expect(checked.exit).toBe(11);
  expect(JSON.parse(checked.out).problems).toEqual(blanks);
});

test('with a file of the rest it is a whole agreement', async () => {
  const screened = {
    ...{ subjects: 'people who were stopped and searched', offences: 'Outcome', special: 'none' },
    ...{ 'screened-on': '2026-12-01', screening: 'dpia-done', 'screening-reference': 'DPIA-2026-044' },
  };
  const fill = {
    values: {
      ...{ reference: 'ISA-2027-001', owner: 'Head of Information Governance' },
      ...{ 'starts-on': '2027-01-04', 'ends-on': '2030-01-03', objectives: 'that searches are fair' },
      ...{ 'police.policy': 'APD-07', 'commissioner.policy': 'APD-02', equality: 'EIA-2026-031' },
      ...{ 'notice-day': '2026-11-02', notice: 'to update both' },
    },
    dataSets: { 'stop-and-search': screened, 'street-crime': screened },
  };
  writeFileSync(at('fill.yaml'), JSON.stringify(fill));
  const made = await line.run(
    ...['agreement', 'new', '--template', 'opcc-police', ...between],
    ...['--fill', at('fill.yaml'), '--out', at('whole.yaml'), '--json'],
  );
  expect(JSON.parse(made.out).blanks).toEqual([]);
  const checked = await line.run('agreement', 'check', at('whole.yaml'), '--json');
  expect(JSON.parse(checked.out)).toMatchObject({ ok: true, problems: [] });
});

test('its words, written out, lack nothing that lint asks for', async () => {
  expect((await line.run('agreement', 'write', at('whole.yaml'), '--out', at('whole.md'))).exit).toBe(0);
  const { components, outdated, logic } = JSON.parse(
    (await line.run('agreement', 'lint', at('whole.md'), '--json')).out,
  );
  expect(
    components.filter(({ status }: { status: string }) => !['present', 'not-applicable'].includes(status)),
  ).toEqual([]);
  expect([outdated, logic]).toEqual([[], []]);
});

test.each([
  [['--template', 'treaty'], 4, 'There is no template treaty'],
  [['--template', 'dsa', '--party', 'police=westmarch-police'], 2, 'Places: provider and recipient'],
  [['--template', 'dsa', '--from', 'no-such.yaml'], 4, 'There is no file no-such.yaml'],
  [['--template', 'dsa', '--fill', 'examples/isa-2026-001.yaml'], 2, 'does not fit'],
])('%j is refused in words', async (flags, exit, says) => {
  const answer = await line.run('agreement', 'new', ...flags, '--out', at('never.yaml'));
  expect(answer.exit).toBe(exit);
  expect(answer.err).toContain(says);
});

test('a file that is there is not written over', async () => {
  writeFileSync(at('mine.yaml'), 'mine');
  const answer = await line.run('agreement', 'new', '--template', 'isa', '--out', at('mine.yaml'));
  expect(answer.exit).toBe(5);
  expect(readFileSync(at('mine.yaml'), 'utf8')).toBe('mine');
});
