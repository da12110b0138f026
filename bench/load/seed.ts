import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { integratePending } from '../../src/ledger/index.ts';
import { readConfig } from '../../src/platform/config.ts';
import { openInstance } from '../../src/platform/instance.ts';
import { startPostgres } from '../../src/platform/postgres.ts';
import { queueActs, type SeededAct } from './acts.ts';
import { makeAgreements } from './agreements.ts';
import { type Body, makeBodies } from './bodies.ts';
import { chanceOf } from './chance.ts';
import { makeReleases } from './releases.ts';
import { makeTemplate } from './template.ts';

// Fills a new data folder with two years of true work of forty bodies: node bench/load/seed.ts FOLDER [SHARE]
// SHARE of the whole, which is 10,000 agreements, 100,000 releases and the million entries that they make.
const [folder, share = '1'] = process.argv.slice(2);
if (folder === undefined) throw new Error('Say which folder to fill: node bench/load/seed.ts FOLDER [SHARE]');
const dataFolder = resolve(folder);
if (existsSync(dataFolder)) throw new Error(`${dataFolder} is there already. Give the name of a new folder.`);

const day = 86_400_000;
const scale = Number(share);
const now = Date.now();
const chance = chanceOf(20261122);
const started = performance.now();
const say = (line: string) =>
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);

mkdirSync(dataFolder, { mode: 0o700 });
const postgres = await startPostgres({ dataFolder, lifetime: 'command' });
const config = readConfig({ CHIROGRAPH_DATA: dataFolder, CHIROGRAPH_MODE: 'live' }, '/');
if ('faults' in config) throw new Error(config.faults.join('\n'));
const instance = await openInstance(config, 'creating command');
const database = new pg.Client(postgres.connection('postgres', 'chirograph'));
await database.connect();
try {
  // What is lost when the machine stops is seeded again.
  await database.query('set synchronous_commit = off');
  const since = now - 2 * 365 * day;
  const bodies = await makeBodies(instance, 40, chance, since);
  await integratePending(instance);
  const acts: SeededAct[] = [];
  const pairs = pairsOf(bodies, Math.round(10_000 * scale));
  const agreements = await makeAgreements(database, pairs, chance, { since, now }, acts);
  say(`${agreements.length} agreements`);
  const encrypted = join(dataFolder, 'encrypted');
  mkdirSync(encrypted, { mode: 0o700 });
  const [first] = agreements;
  if (!first) throw new Error('There is no agreement');
  const template = await makeTemplate(instance, database, first, bodies, encrypted);
  const making = {
    instance,
    database,
    agreements: agreements.filter((one) => one.signed),
    template,
    chance,
    now,
    acts,
    report: (done: number) => done % 10_000 === 0 && say(`${done} requests`),
  };
  const made = await makeReleases(making, Math.round(100_000 * scale));
  say(`${made.releases} releases of ${made.requests} requests`);
  const entries = await queueActs(
    database,
    acts,
    chance,
    (done) => done % 50_000 === 0 && say(`${done} acts`),
  );
  say(`${entries} entries wait`);
  await integratePending(instance);
  say('They are in the logs');
  await database.query('set synchronous_commit = on');
  await database.query('vacuum (analyze)');
  await database.query('checkpoint');
  const about = { entries, agreements: agreements.length, ...made, seededAt: new Date(now).toISOString() };
  writeFileSync(join(dataFolder, 'seeded.json'), `${JSON.stringify(about, null, 2)}\n`);
  say(JSON.stringify(about));
} finally {
  await database.end();
  await instance.close();
  await postgres.stop();
}

/** Who agrees with whom: of five agreements four are with the first body, and few bodies have most of the rest. */
function pairsOf(bodies: readonly Body[], count: number): { from: Body; to: Body }[] {
  const pick = (limit: number) => Math.floor(limit * chance.next() ** 2);
  return Array.from({ length: count }, (_, at) => {
    const heavy = at === 0 || chance.below(5) < 4;
    const one = heavy ? 0 : 1 + pick(bodies.length - 1);
    const partners = bodies.filter((_body, place) => place !== one && place > 0);
    const other = at === 0 ? partners[0] : partners[pick(partners.length)];
    const [a, b] = [bodies[one], other];
    if (!a || !b) throw new Error('Too few bodies');
    return at === 0 || chance.below(5) < 3 ? { from: a, to: b } : { from: b, to: a };
  });
}
