import { expect, test } from 'vitest';
import { faults, readProofs, readRequirements, report } from '../../scripts/trace.ts';

const markdown = `# Requirements

| Id | Requirement | Source | State |
| --- | --- | --- | --- |
| R1 | Somebody answers for it | OPCC 5.1 | done |
| R2 | Somebody signs it | OPCC 5.2 | partly (footing) |
| R3 | Somebody reviews it | OPCC 5.3 | planned (later) |
`;

const requirements = readRequirements(markdown);

// A mark written whole in this file would be read as a proof by the trace itself.
const mark = (...ids: string[]) => `[${ids.join(', ')}]`;

test('reads the rows of the table and nothing else', () => {
  expect(requirements).toEqual([
    { id: 'R1', says: 'Somebody answers for it', state: 'done' },
    { id: 'R2', says: 'Somebody signs it', state: 'partly (footing)' },
    { id: 'R3', says: 'Somebody reviews it', state: 'planned (later)' },
  ]);
});

test.each([
  ['a test', `test('answers ${mark('R1')}', () => {})`, ['R1']],
  ['one with several requirements', `it("answers ${mark('R1', 'R2')}", () => {})`, ['R1', 'R2']],
  ['a group', `describe(\n  'answering ${mark('R1')}',\n  () => {})`, ['R1']],
  ['a table of cases', `test.each([['a']])('answers %s ${mark('R1')}', () => {})`, ['R1']],
  ['one run at the same time as others', `test.concurrent('answers ${mark('R1')}', () => {})`, ['R1']],
  ['a name with a quote in it', `test('it\\'s answered ${mark('R1')}', () => {})`, ['R1']],
])('reads the marks of %s', (_, source, ids) => {
  expect(readProofs('a.test.ts', source).flatMap((proof) => proof.requirements)).toEqual(ids);
});

test.each([
  ['a test that is skipped', `test.skip('answers ${mark('R1')}', () => {})`],
  ['a test still to be written', `test.todo('answers ${mark('R1')}')`],
  ['a comment', `// answers ${mark('R1')}`],
  ['a text that is no name', `const says = 'answers ${mark('R1')}';`],
  ['a test without a mark', `test('answers', () => {})`],
])('takes no proof from %s', (_, source) => {
  expect(readProofs('a.test.ts', source)).toEqual([]);
});

test('finds what is marked done and not proved, and what is proved and not known', () => {
  const proofs = readProofs('a.test.ts', `test('signs ${mark('R2')}', f); test('flies ${mark('R999')}', f);`);
  expect(faults(requirements, proofs)).toEqual([
    'R1 is marked done, and no test proves it. Add a test named [R1], or change its state.',
    'a.test.ts: “flies [R999]” names R999, which is not in docs/requirements.md.',
  ]);
});

test('finds nothing where each that is done has a test', () => {
  expect(faults(requirements, readProofs('a.test.ts', `test('answers ${mark('R1')}', f)`))).toEqual([]);
});

test('reports each requirement with its state and the tests that prove it', () => {
  const text = report(requirements, readProofs('a.test.ts', `test('answers ${mark('R1')}', f)`));
  expect(text).toContain('Somebody answers for it\n        a.test.ts: answers [R1]\nR2 ');
  expect(text).toContain('3 requirements: 1 done, 1 partly, 1 planned.');
});
