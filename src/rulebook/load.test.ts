import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadRulebook } from './index.ts';
import { citationName } from './rule.ts';
import { copyOfRulebook, rulebookFolder } from './testing.fixture.ts';
import { wordsOfAgreement, wordsOfApproval, wordsOfData } from './words.ts';

const rulebook = loadRulebook(rulebookFolder);

/** Loads a copy of the rulebook in which one text of one file was replaced by another. */
function loadWith(file: string, text: string, replacement: string): () => void {
  const path = join(copyOfRulebook(), file);
  const before = readFileSync(path, 'utf8');
  expect(before).toContain(text);
  writeFileSync(path, before.replace(text, replacement));
  return () => loadRulebook(join(path, '..'));
}

test.each([
  [
    'a misspelt attribute',
    'agreement-in-force.cedar',
    'context.agreement.startsOn',
    'context.agreement.startOn',
    /`agreement.startOn`.*did you mean/,
  ],
  [
    'a misspelt entity of a closed list',
    'dpia-screened.cedar',
    '"dpia-done"',
    '"dpia-don"',
    /not declared as a valid eid/,
  ],
  [
    'a misspelt entity type',
    'dpia-screened.cedar',
    'ScreeningOutcome::"dpia-done"',
    'Outcome::"dpia-done"',
    /Outcome/,
  ],
  ['a misspelt action', 'columns-present.cedar', 'Action::"release"', 'Action::"relese"', /relese/],
  [
    'a rule that can never apply',
    'columns-present.cedar',
    'when { context.data.readable }',
    'when { false }',
    /impossible/,
  ],
  ['Cedar that does not parse', 'columns-present.cedar', 'unless {', 'unles {', /columns-present.cedar: /],
  [
    'a file not named by its rule',
    'columns-present.cedar',
    '@id("columns-present")',
    '@id("columns")',
    /@id must be/,
  ],
  ['an unknown annotation', 'columns-present.cedar', '@fix(', '@fixed(', /fixed/],
  ['an unknown severity', 'columns-present.cedar', '("must")', '("may")', /severity/],
  ['a date that is none', 'columns-present.cedar', '2018-05-25', '2018-02-30', /from/],
  [
    'an unknown word in a sentence',
    'columns-present.cedar',
    '{data.missing}',
    '{data.mising}',
    /\{data.mising\}/,
  ],
  [
    'a stray brace in a sentence',
    'columns-present.cedar',
    '{data.missing}',
    '{data.missing',
    /a brace is left over/,
  ],
  [
    'a word about data in a rule that decides requests',
    'data-set-agreed.cedar',
    '{purpose}',
    '{data.k}',
    /\{data.k\}/,
  ],
  [
    'an unknown citation',
    'columns-present.cedar',
    'section 38',
    'section 38A',
    /"Data Protection Act 2018 section 38A"/,
  ],
  [
    'a rule older than everything it cites',
    'columns-present.cedar',
    'UK GDPR Article 5(1)(d) | Data Protection Act 2018 section 38 | Dorset OPCC data sharing policy section 3.4',
    'UK GDPR Article 8A',
    /no citation is in force/,
  ],
  ['a second permit', 'columns-present.cedar', 'forbid (', 'permit (', /a rule is "forbid ... unless"/],
  [
    'a permit with a condition',
    'permit.cedar',
    'resource);',
    'resource) when { context.today > 0 };',
    /permit everything/,
  ],
])('refuses %s', (_, file, text, replacement, message) => {
  expect(loadWith(file, text, replacement)).toThrow(message);
});

test('names every file that is wrong, not only the first', () => {
  const folder = copyOfRulebook();
  for (const file of ['column-types.cedar', 'columns-present.cedar']) {
    writeFileSync(join(folder, file), readFileSync(join(folder, file), 'utf8').replace('@title', '@tittle'));
  }
  expect(() => loadRulebook(folder)).toThrow(/column-types.cedar: .*columns-present.cedar: /s);
});

test('its hash can be computed with a shell, and changes with any byte', () => {
  const folder = copyOfRulebook();
  const command = 'ls *.cedar *.cedarschema *.yaml | LC_ALL=C sort | xargs sha256sum | sha256sum';
  const [hash] = execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' }).split(' ');
  expect(rulebook.hash).toBe(`sha256:${hash}`);
  appendFileSync(join(folder, 'permit.cedar'), '\n');
  expect(loadRulebook(folder).hash).not.toBe(rulebook.hash);
});

test('every citation has a rule that cites it, and stands once', () => {
  const listed = parse(readFileSync(join(rulebookFolder, 'citations.yaml'), 'utf8'))
    .map(citationName)
    .sort();
  const cited = new Set(rulebook.rules.flatMap((rule) => rule.cite.map(citationName)));
  expect(listed).toEqual([...cited].sort());
});

test('the README of the rulebook lists every word that a sentence may use', () => {
  const readme = readFileSync(join(rulebookFolder, 'README.md'), 'utf8');
  const listed = [...readme.matchAll(/^\| `\{([^}]+)\}`/gm)].map(([, word]) => word);
  expect(listed.sort()).toEqual([...wordsOfAgreement, ...wordsOfData, ...wordsOfApproval].sort());
});
