import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCommandLine, type CommandLine } from '../support/command.ts';
import { zipOf } from '../support/zip.ts';

// Every command there is, found by its own help, given what it does not expect: it says what is wrong, in words and with a
// code of its own, and leaves nothing.

const strings = [
  "'; drop table releases; --",
  '../../../../etc/passwd',
  '<script>alert(1)</script>',
  '$(touch chirograph-was-here)',
  '`id`',
  'a'.repeat(20_000),
  '\u202egnp.exe',
  'ISA-2026-001\nSet-Cookie: x',
  '\x1b[2J\x1b]0;owned\x07',
  '-',
  '--',
  '%s%s%s%n',
  '{{ 7919 * 7919 }}',
  'ﾠ',
  '٣٢١',
  '-1',
];

// What prints a colour, clears a screen or renames a window, if it is let through.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

let line: CommandLine;
let commands: { words: string[]; flags: { name: string; takes: string }[]; things: string[] }[] = [];

/** What a command takes, read from the first line of its help: `chirograph share (--as ORG) [--json] <PATH>...`. */
async function findCommands(words: string[] = []): Promise<typeof commands> {
  const { out } = await line.run(...words, '--help');
  const inner = [...out.matchAll(/^ {2}(\S+) {2,}\S/gm)].map(([, name = '']) => name);
  const listed = out.includes('\nCOMMANDS\n') ? out.slice(out.indexOf('\nCOMMANDS\n')) : '';
  const below = inner.filter((name) => listed.includes(`\n  ${name} `));
  if (below.length > 0)
    return (await Promise.all(below.map((name) => findCommands([...words, name])))).flat();
  const usage = out.split('\n')[1] ?? '';
  const flags = [...usage.matchAll(/[([]--([a-z-]+) ([A-Z][A-Z0-9-]*)/g)].map(
    ([, name = '', takes = '']) => ({ name, takes }),
  );
  const things = [...usage.matchAll(/<([A-Z-]+)>/g)].map(([, name = '']) => name);
  return [{ words, flags, things }];
}

beforeAll(async () => {
  line = aCommandLine();
  expect((await line.run('example')).exit).toBe(0);
  commands = await findCommands();
}, 120_000);
afterAll(() => line?.close());

test('the commands are found', () => {
  const names = commands.map(({ words }) => words.join(' '));
  expect(names).toEqual(
    expect.arrayContaining([
      'share',
      'verify',
      'agreement check',
      'ledger export',
      'people erase',
      'data profile',
      'data protect',
      'terms schema',
    ]),
  );
});

describe.each([0, 1, 2, 3])('given strings that break programs (%i)', (round) => {
  test('every command refuses in words', { timeout: 300_000 }, async () => {
    const folder = join(line.folder, `round-${round}`);
    mkdirSync(folder);
    const before = readdirSync(line.dataFolder).sort();
    for (const [at, { words, flags, things }] of commands.entries()) {
      // What serves until it is stopped is not for this.
      if (flags.some((flag) => flag.name === 'port')) continue;
      const string = strings[(at * 4 + round) % strings.length] ?? '';
      const file = join(folder, `file-${at}`);
      writeFileSync(file, string);
      const value = ({ name, takes }: { name: string; takes: string }) => {
        if (name === 'as' && round % 2 === 1) return 'westmarch-police';
        if (['out', 'to'].includes(name) && /FILE|DIR|FOLDER/.test(takes)) return join(folder, `out-${at}`);
        return /FILE|PATH/.test(takes) ? file : string;
      };
      const given = [...flags, ...things.map((thing) => ({ name: thing, takes: thing }))].map(value);
      if (!given.some((one) => one === string || one === file)) continue;
      const args = [...words, ...given.map((one, nth) => (flags[nth] ? `--${flags[nth].name}=${one}` : one))];
      const answer = await line.run(...args);
      const where = `chirograph ${args.join(' ').slice(0, 200)}\n${answer.out}${answer.err}`;
      expect([2, 3, 4, 5, 10, 11, 12], where).toContain(answer.exit);
      expect(answer.err + answer.out, where).not.toMatch(/^\s+at .*:\d+:\d+/m);
      expect(controls.test((answer.err + answer.out).replaceAll('\n', '')), where).toBe(false);
      expect(existsSync(join(folder, `out-${at}`)), where).toBe(false);
    }
    expect(readdirSync(line.dataFolder).sort()).toEqual(before);
    expect(existsSync('chirograph-was-here')).toBe(false);
  });
});

const person = 'Amina Yusuf';
const hostile: [string, string | Buffer][] = [
  ['csv', ''],
  ['csv', 'person\n'],
  ['csv', `person\n"${person}\n`],
  ['csv', `person\n${person},x\n`],
  ['csv', `person,person\n${person},x\n`],
  ['csv', `name\n${person}\n`],
  ['csv', Buffer.from(`person\n${person}\x81\n`, 'latin1')],
  ['csv', `person\n${person}\0\n`],
  ['jsonl', `{"person":["${person}"]}\n`],
  ['jsonl', `{"person":"${person}"`],
  ['xlsx', `PK\x03\x04${person}`],
  ['xlsx', zipOf([{ name: '../../person', bytes: person }])],
  ['parquet', `PAR1${person}PAR1`],
];

test('data protect refuses what is no sound file in words that repeat nothing of it', {
  timeout: 120_000,
}, async () => {
  const [file, terms, out] = ['hostile', 'terms.yaml', 'out.csv'].map((name) => join(line.folder, name)) as [
    string,
    string,
    string,
  ];
  for (const [at, [type, content]] of hostile.entries()) {
    writeFileSync(file, content);
    writeFileSync(
      terms,
      `chirograph: terms/1\ndatasets:\n- id: people\n  format: { type: ${type} }\n  fields:\n  - { name: person, type: string, role: identifier, use: keep }\n`,
    );
    const answer = await line.run(
      'data',
      'protect',
      file,
      `--terms=${terms}`,
      '--dataset=people',
      `--out=${out}`,
      '--json',
    );
    const where = `case ${at}: ${answer.out}${answer.err}`;
    expect(answer.exit, where).toBe(11);
    const { quality, output } = JSON.parse(answer.out);
    expect(output, where).toBeNull();
    expect(quality[0], where).toMatchObject({ check: expect.any(String), rows: expect.any(Array) });
    expect(answer.out + answer.err).not.toContain('Amina');
    expect(existsSync(out), where).toBe(false);
  }
});
