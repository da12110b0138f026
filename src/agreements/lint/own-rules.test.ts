import { describe, expect, it, test } from 'vitest';
import type { Day } from '../../platform/pure/dates.ts';
import { readText } from '../read/read-text.ts';
import { lint } from './lint.ts';
import { readLintLaw } from './lint-law.ts';
import { withOwnRules } from './own-rules.ts';
import { phraseFault, phrasePattern } from './phrases.ts';

const law = readLintLaw();
const component = (id: string, any: string) => `
- id: ${id}
  title: Speaking up
  importance: must
  source: our template
  instead: Say to whom staff turn.
  elements:
  - { id: who, says: whom staff tell, any: [${any}] }`;
const wording = (id: string) =>
  `\n- { id: ${id}, title: our old name, severity: warning, any: ['Eastmoor Constabulary'], instead: Eastmoor Police, source: ours }`;
const rules = (components: string, outdated = '') =>
  `schema: rules/1\ncomponents:${components || ' []'}\noutdated:${outdated || ' []'}\n`;

test('an organisation’s own rules are looked for beside the law, and told by their ids', () => {
  const read = withOwnRules(law, rules(component('OWN1', "'staff ... speak* up'"), wording('OWN2')));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const text = 'Staff of Eastmoor Constabulary may at any time be speaking up.';
  const found = lint(readText(text), read.law, '2026-11-22' as Day);
  expect(found.components).toHaveLength(45);
  expect(found.components.at(-1)).toMatchObject({ id: 'OWN1', status: 'present', evidence: [{ line: 1 }] });
  expect(found.outdated.map(({ id, text: said }) => `${id} ${said}`)).toEqual(['OWN2 Eastmoor Constabulary']);
});

describe('rules are refused, with the place and what to do', () => {
  it.each([
    ['an id of the law', rules(component('C01', 'trust')), 'components[0].id'],
    ['the same id twice', rules(component('OWN1', 'trust') + component('OWN1', 'trust')), 'components[1].id'],
    ['an id that is no id', rules(component('own', 'trust')), 'components[0].id'],
    ['no words', rules(component('OWN1', "'*'")), 'components[0].elements[0].any[0]'],
    ['many gaps', rules(component('OWN1', "'aa ... bb ... cc ... dd'")), 'components[0].elements[0].any[0]'],
    ['a field that is not asked', `${rules('')}more: 1\n`, 'document'],
    ['another kind of file', 'schema: components/1\n', 'schema'],
    ['what is no YAML', 'a: [', 'line 1'],
  ])('%s', (_, text, path) => {
    const read = withOwnRules(law, text);
    expect(read.ok ? [] : read.problems.map((problem) => problem.path)).toContain(path);
  });
});

test.each([
  ['retain*', 'It is retained.', true],
  ['retain', 'It is retained.', false],
  ['kept ... years', 'It is kept, in a locked place, for six years.', true],
  ['kept ... years', `It is kept ${'and '.repeat(40)}years.`, false],
  ['fee of £10', 'A fee of  £10 is asked.', true],
  ['(.*)+', 'anything', false],
  ['a+b?', 'It says a+b? here.', true],
  ['cyngor', 'Cyngor Ynys Môn', true],
  ['Môn', 'Môning', false],
])('the phrase %j in %j: %s', (phrase, text, found) => {
  expect(text.search(phrasePattern(phrase)) >= 0).toBe(found);
});

test.each(['... kept', '*', 'a*b', 'aa ... bb ... cc ... dd', 'x'.repeat(201), '!', ''])(
  'the phrase %j is refused',
  (phrase) => {
    expect(phraseFault(phrase)).toEqual(expect.any(String));
  },
);
