import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withClient } from '../../src/platform/postgres/connection.ts';
import { startPostgres } from '../../src/platform/postgres.ts';
import { type Answer, aCommandLine, type CommandLine } from '../support/command.ts';
import { files } from '../support/example.ts';

// One story, told in order, as whoever keeps the service does it: a release, a backup, a release more, the disk is lost and
// with it every later backup. The old backup is put back beside the checkpoints, and the two logs are followed by others.

const police = 'westmarch-police';
const commissioner = 'westmarch-opcc';

let line: CommandLine;
const at = (name: string) => join(line.folder, name);
const afterwards = (...args: string[]) => line.runWith({ CHIROGRAPH_DATA: at('after') }, ...args);

function json<T = Record<string, unknown>>(answer: Answer, exit = 0): T {
  expect(answer.exit, answer.err + answer.out).toBe(exit);
  return JSON.parse(answer.out);
}
const share = (out: string) => [
  ...['share', '--as', police, '--agreement', 'ISA-2026-001', '--dataset', 'stop-and-search'],
  ...['--to', commissioner, '--purpose', 'hold-to-account', '--input', files.stopAndSearch],
  ...['--out', at(out), '--json'],
];
type Audited = { logs: { origin: string }[]; tables: { rows: number; before: number }[]; findings: object[] };

beforeAll(async () => {
  line = aCommandLine();
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  writeFileSync(at('identity'), `${identity}\n`);
  json(await line.run('example', '--json'));
  json(await line.run(...share('kept')));
  const keep = ['--recipient', recipient, '--json'];
  json(await line.run('backup', '--to', at('backup.age'), ...keep));
  json(await line.run('keys', 'backup', '--to', at('keys.age'), ...keep));
  json(await line.run(...share('lost')));
  cpSync(join(line.dataFolder, 'checkpoints'), at('after/checkpoints'), { recursive: true });
  const restoring = ['restore', at('backup.age'), '--identity', at('identity'), '--keys', at('keys.age')];
  expect(await afterwards(...restoring)).toMatchObject({ exit: 5 });
});
afterAll(() => line.close());

describe('a ledger that goes on after an old backup', () => {
  test('is audited as stopped until it is continued', async () => {
    const { findings } = json<Audited>(await afterwards('ledger', 'audit', '--json'), 12);
    expect(findings).toMatchObject([{ table: 'checkpoints' }, { table: 'checkpoints' }]);
    for (const slug of [police, commissioner]) {
      const flags = ['--as', slug, '--reason-code', 'disk-lost', '--lost-for-good', '--json'];
      expect(json(await afterwards('ledger', 'continue', ...flags))).toMatchObject({
        origin: expect.stringMatching(/\/2$/),
      });
    }
  });

  test('takes new acts, on what is from before and on what is new, and everything of both logs agrees', async () => {
    json(
      await afterwards('collect', 'REL-2026-0001', '--as', commissioner, '--out', at('collected'), '--json'),
    );
    json(await afterwards(...share('new')));
    const audited = json<Audited>(await afterwards('ledger', 'audit', '--json'));
    expect(audited.findings).toEqual([]);
    expect(audited.tables.filter(({ before }) => before > 0)).toEqual([]);
    expect(audited.logs.map(({ origin }) => origin.replace(/\/ledger\/[^/]+/, '')).toSorted()).toEqual([
      'avonbury-council',
      commissioner,
      `${commissioner}/2`,
      police,
      `${police}/2`,
    ]);
  });

  test('both logs are taken out and verify, by the keys of the one key page', async () => {
    for (const slug of [police, commissioner]) {
      const page = await afterwards('keys', 'show', '--as', slug);
      expect(page.exit).toBe(0);
      writeFileSync(at(`${slug}.json`), page.out);
      for (const log of ['1', '2']) {
        const out = at(`${slug}-${log}`);
        json(await afterwards('ledger', 'export', '--as', slug, '--log', log, '--out', out, '--json'));
        const verified = await afterwards('verify', out, '--keys', at(`${slug}.json`), '--json');
        expect(verified.exit, verified.out).toBe(0);
      }
    }
  });

  test('receipts verify by it: from the log that was, of an act that was lost, and from the new log', async () => {
    for (const name of ['kept', 'lost', 'new', 'collected']) {
      const verified = await afterwards('verify', at(name), '--keys', at(`${police}.json`), '--json');
      const { checks } = json<{ checks: { name: string; ok: boolean; detail: string }[] }>(verified);
      // What was collected says so in a log that began after the package was made, whose key is on another page.
      const unsure = name === 'collected' ? ['collected.tlog-proof'] : [];
      const found = checks.filter(({ ok }) => !ok).map((check) => check.name);
      expect(found, verified.out).toEqual(unsure);
    }
    const pages = [police, commissioner].map((slug) => JSON.parse(readFileSync(at(`${slug}.json`), 'utf8')));
    const organisations = pages.flatMap((page) => page.organisations);
    writeFileSync(at('both.json'), JSON.stringify({ chirograph: 'keys/1', organisations }));
    const both = await afterwards('verify', at('collected'), '--keys', at('both.json'), '--json');
    expect(both.out).not.toContain('"ok": false');
    expect(both.exit).toBe(0);
  });

  test('who edits a row of the old log, or an entry of it, is found', async () => {
    for (const [edit, table] of [
      [`update agreements set title = title || ' '`, 'agreements'],
      [
        `update ledger_entries set entry = replace(entry, 'release.sent', 'release.gone') where log = 1`,
        'ledger_entries',
      ],
    ] as const) {
      const postgres = await startPostgres({ dataFolder: at('after'), lifetime: 'command' });
      await withClient(postgres.connection('postgres', 'chirograph'), async (client) => {
        await client.query('set session_replication_role = replica');
        expect((await client.query(edit)).rowCount).toBeGreaterThan(0);
      });
      await postgres.stop();
      const { findings } = json<{ findings: { table: string }[] }>(
        await afterwards('ledger', 'audit', '--json'),
        12,
      );
      expect(findings.map((one) => one.table)).toContain(table);
    }
  });
});
