import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join, relative } from 'node:path';
import { parse } from 'acorn';
import { full } from 'acorn-walk';
import { checkSync } from 'recheck';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readLintLaw } from '../../src/agreements/lint/lint-law.ts';
import { phrasePattern } from '../../src/agreements/lint/phrases.ts';

// A regular expression that takes for ever on some text lets whoever sends that text stop the service (ReDoS). Every one
// in the program is put to a checker that searches for such a text; one that cannot be read here is refused. The
// verify page's script is left out: it is made of files that are here, and stops nobody but who gave it the text.

// Those of the law come from its files, and are looked at below; those of an organisation's own rules are made of its words there.
const made = ['src/agreements/lint/lint-law.ts:', 'src/agreements/lint/phrases.ts:'];

const root = join(import.meta.dirname, '../..');

const files = ['src', 'bin'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|js)$/.test(name) && !/\.(test|fixture)\.ts$|assets\/verify\.js$/.test(name))
    .map((name) => join(root, folder, name)),
);

type Found = { where: string; source: string; flags: string };

const ours = files.flatMap((file) => {
  const text = stripTypeScriptTypes(readFileSync(file, 'utf8'));
  const found: Found[] = [];
  const tree = parse(text, {
    ecmaVersion: 'latest',
    sourceType: 'module',
    locations: true,
    allowHashBang: true,
  });
  full(tree, (node) => {
    const where = `${relative(root, file)}:${node.loc?.start.line}`;
    if (node.type === 'Literal' && 'regex' in node) {
      const { pattern, flags } = node.regex as { pattern: string; flags: string };
      found.push({ where, source: pattern, flags });
    }
    if (made.some((file) => where.startsWith(file))) return;
    if (
      (node.type === 'NewExpression' || node.type === 'CallExpression') &&
      'callee' in node &&
      (node.callee as { name?: string }).name === 'RegExp'
    ) {
      found.push({ where, source: '', flags: 'made while the program runs: write it out' });
    }
  });
  return found;
});

// The ones that Zod brings and that our schemas use on what people send.
const { email, uuid } = z.regexes;
const zods = Object.entries({ email, uuid: uuid() }).map(([name, { source, flags }]) => ({
  where: `zod ${name}`,
  source,
  flags,
}));

const all = [...new Map([...ours, ...zods].map((one) => [`/${one.source}/${one.flags}`, one])).values()];

test('there are regular expressions to check', () => {
  expect(all.length).toBeGreaterThan(40);
});

test.each(all.map((one) => [`/${one.source}/${one.flags}`, one] as const))(
  '%s takes no more time than its text is long',
  { timeout: 60_000 },
  (_, { where, source, flags }) => {
    const checked = checkSync(source, flags, { timeout: 30_000 });
    const attack = checked.status === 'vulnerable' ? ` with ${checked.attack.pattern}` : '';
    expect(`${checked.status}${attack}, ${where}`).toBe(`safe, ${where}`);
  },
);

// What agreements are linted by is looked for in one sentence at a time, of at most 2,000 signs. There it may take longer than the text
// is long, but never many times longer with each sign: that takes a group that is repeated without a near bound.
const { components, nothing, history, outdated } = readLintLaw();
const lawful = [
  ...[...nothing, ...history].map((pattern) => ({ id: 'sentence', pattern })),
  ...components.flatMap(({ id, when = [], none = [], topic = [], elements }) =>
    [
      ...when,
      ...none,
      ...topic,
      ...elements.flatMap(({ any = [], beneath = [], not = [] }) => [...any, ...beneath, ...not]),
    ].map((pattern) => ({ id, pattern })),
  ),
  ...outdated.flatMap(({ id, any, not, unless }) =>
    [...any, ...not, ...unless].map((pattern) => ({ id, pattern })),
  ),
];

test('nothing that agreements are linted by repeats a group more than five times, or refers back', () => {
  const own = ['speak* up', 'retain* ... for ... (as £10*)'].map(phrasePattern);
  const growing = [...lawful, ...own.map((pattern) => ({ id: 'own', pattern }))].filter(
    ({ pattern: { source } }) => {
      const groups = source.replaceAll(/\\./g, 'x').matchAll(/\)(?:[*+]|\{(\d+)(?:(,)(\d*))?\})/g);
      const most = [...groups].map(({ 1: exactly, 2: range, 3: to }) =>
        Number(range === undefined ? (exactly ?? Number.POSITIVE_INFINITY) : to || Number.POSITIVE_INFINITY),
      );
      return most.some((times) => times > 5) || /\\[1-9]|\\k</.test(source);
    },
  );
  expect(lawful.length).toBeGreaterThan(500);
  expect(growing.map(({ id, pattern }) => `${id} ${pattern.source}`)).toEqual([]);
});
