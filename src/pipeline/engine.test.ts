import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Engine, openEngine } from './engine.ts';

let folder: string;
let engine: Engine;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "engine's-")));
  engine = await openEngine(folder);
});
afterAll(async () => {
  engine.close();
  await rm(folder, { recursive: true });
});

it('reads and writes in its folder', async () => {
  await writeFile(join(folder, 'a.csv'), 'a\n1\n');
  const path = join(folder, 'a.csv').replaceAll("'", "''");
  expect(await engine.rows(`select * from read_csv('${path}')`)).toEqual([{ a: 1 }]);
});

it.each([
  `select * from read_text('/etc/hostname')`,
  `select * from read_csv('/proc/self/environ')`,
  `select * from glob('/*')`,
  `select * from read_csv('http://127.0.0.1:9/x.csv')`,
  `copy (select 1) to '/tmp/escaped.csv'`,
  `attach '/tmp/escaped.db'`,
  `install httpfs`,
  `load httpfs`,
  `set enable_external_access = true`,
  `set allowed_directories = ['/']`,
  `set memory_limit = '64GB'`,
  `reset lock_configuration`,
])('refuses %s', async (sql) => {
  await expect(engine.rows(sql)).rejects.toThrow();
});

it('refuses to leave its folder by ..', async () => {
  const path = join(folder, 'a.csv').replaceAll("'", "''");
  await expect(engine.rows(`select * from read_text('${path}/../../../etc/hostname')`)).rejects.toThrow();
});
