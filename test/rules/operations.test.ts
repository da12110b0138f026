import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/platform/config.ts';

// docs/operations.md is followed at two in the morning: it has every setting, and every reason not to start.

const root = join(import.meta.dirname, '../..');
const manual = readFileSync(join(root, 'docs/operations.md'), 'utf8');

/** The first column of the table under a heading, as its code spans. */
function named(heading: string): string[][] {
  const section = manual.split(`${heading}\n`)[1]?.split(/\n#+ /)[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => [...(line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, words = '']) => words));
}

describe('the settings', () => {
  test('in the table are those that the program reads, and no others', () => {
    const read = new Set<string>();
    const env = new Proxy<Record<string, string | undefined>>(
      {},
      {
        get: (_, name) => {
          read.add(String(name));
          return undefined;
        },
      },
    );
    readConfig(env, '/');
    expect(named('## Settings').flat().sort()).toEqual([...read].sort());
  });

  test('have examples that the program takes', () => {
    const rows = manual.split('## Settings\n')[1]?.split('\n#')[0]?.split('\n') ?? [];
    const examples = rows
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .map((cells): [string, string] => [(cells[1] ?? '').replaceAll('`', ''), cells[4] ?? '']);
    expect(readConfig(Object.fromEntries(examples), '/')).not.toHaveProperty('faults');
  });
});

describe('the reasons not to start', () => {
  const entries = named('### What it says when it does not start').map((parts) =>
    parts.map((part) => part.trim()),
  );
  const sources = [
    ...thrownIn('platform', /new CannotStart\(|faults\.push\(|const exampleNeeds = /g),
    ...thrownIn('platform/postgres', /new Error\(/g),
    ...thrownIn('platform', /throw new Error\(/g, 'postgres.ts'),
    ...thrownIn('main', /new CannotStart\(/g),
  ];

  test('are found in the source', () => {
    expect(sources.length).toBeGreaterThan(25);
  });

  test.each(sources)('are in the manual: %s', (text) => {
    const said = text.replace(/^\$\{name\}/, 'CHIROGRAPH_STOP_SECONDS');
    // A word or two would match anything.
    const parts = entries.flat().filter((part) => part.length > 13 || part.endsWith('is "'));
    expect(parts.filter((part) => said.includes(part))).not.toEqual([]);
  });

  test.each(entries.flat())('are quoted as they are said: %s', (part) => {
    const seconds = ['DRAIN', 'STOP'].map((which) => `CHIROGRAPH_${which}_SECONDS is "`);
    const said = [...sources, ...seconds, ...thrownIn('platform', /const words: /g)].join('\n');
    expect(said).toContain(part);
  });
});

/** The sentences of what is thrown in a folder, as its source has them: every text of five words and more in the statement. */
function thrownIn(folder: string, marker: RegExp, only?: string): string[] {
  const path = join(root, 'src', folder);
  const ours = readdirSync(path).filter((name) => /(?<!\.test|\.fixture)\.ts$/.test(name));
  const files = ours.filter((name) => only === undefined || name === only);
  return files.flatMap((name) => {
    const source = readFileSync(join(path, name), 'utf8');
    return [...source.matchAll(marker)].flatMap(({ index }) => {
      const statement = source.slice(index).split(/;\n/)[0] ?? '';
      // Not what goes on after a +.
      const texts = [...statement.matchAll(/(?<!\+\s+)(?:'((?:[^'\\]|\\.)*)'|`([^`]*)`)/g)].map(
        ([, one, other]) => one ?? other ?? '',
      );
      return texts.filter((text) => text.split(' ').length > 4 && !text.startsWith('startPostgres:'));
    });
  });
}
