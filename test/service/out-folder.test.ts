import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCommandLine, type CommandLine } from '../support/command.ts';

// Where a command writes: it is looked at before anything is sent, and a refusal leaves nothing there.

let line: CommandLine;
beforeAll(async () => {
  line = aCommandLine();
  expect(await line.run('example')).toMatchObject({ exit: 0 });
});
afterAll(() => line.close());

const collect = (out: string) => line.run('collect', 'REL-1999-0001', '--as', 'westmarch-opcc', '--out', out);

test.each(['/proc/none/out', '/proc/none', '/sys/none/a/b', '/dev/null/out'])(
  'a place that cannot be, %s, is refused at once',
  async (out) => {
    const { exit, err } = await collect(out);
    expect({ exit, err }).toEqual({
      exit: 5,
      err: expect.stringMatching(/cannot be made|is there already/),
    });
  },
);

test('a refusal leaves none of the folders that it would have needed', async () => {
  expect(await collect(join(line.folder, 'a/b/c'))).toMatchObject({ exit: 4 });
  expect(existsSync(join(line.folder, 'a'))).toBe(false);
});

test('and leaves those that were there, an empty one too', async () => {
  const there = join(line.folder, 'there/empty');
  mkdirSync(there, { recursive: true });
  expect(await collect(there)).toMatchObject({ exit: 4 });
  expect(readdirSync(join(line.folder, 'there'))).toEqual(['empty']);
  writeFileSync(join(there, 'file'), '');
  expect(await collect(there)).toMatchObject({ exit: 5 });
  expect(readdirSync(there)).toEqual(['file']);
});

test('a data folder that cannot be is refused at once', async () => {
  const { exit, err } = await line.runWith({ CHIROGRAPH_DATA: '/proc/none/data' }, 'example');
  expect({ exit, err }).toEqual({ exit: 1, err: expect.stringContaining('Set CHIROGRAPH_DATA to a folder') });
});
