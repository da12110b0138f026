import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join, relative } from 'node:path';
import { parse } from 'acorn';
import { full } from 'acorn-walk';
import { checkSync } from 'recheck';
import { expect, test } from 'vitest';
import { z } from 'zod';

// A regular expression that takes for ever on some text lets whoever sends that text stop the service (ReDoS). Every one
// in the program is put to a checker that searches for such a text; one that cannot be read here is refused. The
// verify page's script is left out: it is made of files that are here, and stops nobody but who gave it the text.

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
