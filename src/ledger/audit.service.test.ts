import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { breakIn, changed, columnsOf, swapped, whileIntruded } from '../../test/support/intruder.ts';
import { aLedgerDatabase, type LedgerDatabase, record, type TestOrganisation } from './a-database.fixture.ts';
import { auditLog, listLogs } from './audit-log.ts';
import { integratePending } from './integrate.ts';

// A log of 66,000 entries has tiles of three levels, full and partial ones at the two lowest.
const many = 66_000;

let ledger: LedgerDatabase;
let police: TestOrganisation;
let opcc: TestOrganisation;
beforeAll(async () => {
  ledger = await aLedgerDatabase();
  police = await ledger.anOrganisation('westmarch-police');
  opcc = await ledger.anOrganisation('westmarch-opcc');
  const shared = await ledger.aThing(police.id, opcc.id);
  const own = await ledger.aThing(police.id);
  for (let at = 0; at < 3; at += 1) {
    await record(ledger.database, police, shared, [police, opcc]);
    await integratePending(ledger.instance);
  }
  const act = await record(ledger.database, police, own, [police]);
  // The same act again and again, each with an id of its own.
  await ledger.superuser.query(
    `insert into ledger_pending (organisation_id, act_id, entry)
     select organisation_id, id, replace(entry, $1, id::text)
     from ledger_pending, lateral (select gen_random_uuid() as id from generate_series(1, $2)) more
     where act_id = $1::uuid`,
    [act, many],
  );
  await integratePending(ledger.instance);
  await breakIn(ledger.superuser);
});
afterAll(() => ledger.close());

const findings = async () => {
  const listed = await ledger.database.work(listLogs);
  const found = [...listed.findings];
  const { database, instance } = ledger;
  for (const id of listed.logs) {
    const audited = await database.work((tx) =>
      database.work((beside) => auditLog(tx, beside, id, instance.sealer)),
    );
    found.push(...audited.findings);
  }
  return found.map(({ table, row, wrong }) => `${table}, ${row.replace(/ \(act .*\)/, '')}: ${wrong}`);
};
const intruded = (table: string, sql: string, within = 'true') =>
  whileIntruded(ledger.superuser, table, sql, findings, within);
const ofPolice = () => `organisation_id = '${police.id}'`;
const entry = (index: number, wrong: string) =>
  `ledger_entries, entry ${index} of ${police.origin}: ${wrong}`;
const tile = (path: string, wrong: string) => `ledger_tiles, ${path} of ${police.origin}: ${wrong}`;
const checkpoint = (size: number, wrong: string) =>
  `ledger_checkpoints, the checkpoint at ${size} entries of ${police.origin}: ${wrong}`;

describe('a log that nobody has tampered with', () => {
  test('has no findings, with entries waiting or none', async () => {
    expect(await findings()).toEqual([]);
    await record(ledger.database, police, await ledger.aThing(police.id, opcc.id), [police, opcc]);
    expect(await findings()).toEqual([]);
    await ledger.superuser.query('delete from ledger_pending');
  });
});

describe('an intruder in the entries', () => {
  // Only these rows are put back: copying all of them each time would take minutes.
  const few = `index in (0, 1, 255, 256, 300, 40000, 50000, 65535, 65536, 66003, 66004) or organisation_id not in (select organisation_id from ledger_logs)`;
  const notSigned = 'Its text is not what was signed at this place.';

  test('who changes texts is found, wherever they lie', async () => {
    const places = [0, 255, 256, 40_000, 65_535, 65_536, 66_003];
    const sql = `update ledger_entries set entry = replace(entry, 'done', 'gone')
      where ${ofPolice()} and index in (${places.join(', ')})`;
    const found = await intruded('ledger_entries', sql, few);
    // Of an act between two bodies the other half shows it too.
    expect(found.filter((one) => !one.includes('another entry for this act'))).toEqual(
      places.map((index) => entry(index, notSigned)),
    );
  });

  test('who changes the text and the hash to fit is found', async () => {
    const text = `replace(entry, 'done', 'gone')`;
    const sql = `update ledger_entries set entry = ${text}, leaf_hash = sha256('\\x00'::bytea || convert_to(${text}, 'UTF8'))
      where ${ofPolice()} and index = 40000`;
    expect(await intruded('ledger_entries', sql, few)).toEqual([entry(40_000, notSigned)]);
  });

  test('who changes the text, the hash and the tile to fit is found', async () => {
    const text = `replace(entry, 'done', 'gone')`;
    const kept = await ledger.superuser.query(
      `select hashes from ledger_tiles where ${ofPolice()} and level = 0 and index = 156`,
    );
    const hash = `sha256('\\x00'::bytea || convert_to(${text}, 'UTF8'))`;
    await ledger.superuser.query(
      `update ledger_tiles t set hashes = overlay(hashes placing (select ${hash} from ledger_entries
         where ${ofPolice()} and index = 40000) from ${(40_000 % 256) * 32 + 1} for 32)
       where ${ofPolice()} and level = 0 and index = 156`,
    );
    const sql = `update ledger_entries set entry = ${text}, leaf_hash = ${hash} where ${ofPolice()} and index = 40000`;
    const found = await intruded('ledger_entries', sql, few);
    await ledger.superuser.query(
      `update ledger_tiles set hashes = $1 where ${ofPolice()} and level = 0 and index = 156`,
      [kept.rows[0].hashes],
    );
    expect(found).toContain(tile('tile/1/000', 'The tile is not what the entries give.'));
    expect(found.filter((one) => one.includes('The entries do not give the root')).length).toBeGreaterThan(0);
  });

  test.each([
    ['leaf_hash', 'Its leaf_hash is not the hash of its text.'],
    ['act_id', 'Its act_id is not that of the act that its text records.'],
  ])('who changes %s is found', async (name, wrong) => {
    const column = (await columnsOf(ledger.superuser, 'ledger_entries')).find((one) => one.name === name);
    const value = column && changed(column);
    const sql = `update ledger_entries set ${name} = ${value} where ${ofPolice()} and index = 40000`;
    expect(await intruded('ledger_entries', sql, few)).toEqual([entry(40_000, wrong)]);
  });

  test('who deletes one is found, in the middle and at the end', async () => {
    for (const index of [40_000, 66_003]) {
      const sql = `delete from ledger_entries where ${ofPolice()} and index = ${index}`;
      expect(await intruded('ledger_entries', sql, few)).toEqual([entry(index, 'The entry is missing.')]);
    }
  });

  test('who deletes an act between two bodies leaves the other half', async () => {
    const sql = `delete from ledger_entries where ${ofPolice()} and index = 1`;
    expect(await intruded('ledger_entries', sql, few)).toEqual([
      `ledger_entries, entry 1 of ${opcc.origin}: ${police.origin} does not have the other half.`,
      entry(1, 'The entry is missing.'),
    ]);
  });

  test('who adds one is found', async () => {
    const sql = `insert into ledger_entries (organisation_id, index, act_id, entry, leaf_hash)
      select organisation_id, 66004, act_id, entry, leaf_hash from ledger_entries where ${ofPolice()} and index = 9`;
    const found = await intruded('ledger_entries', sql, few);
    expect(found[0]).toBe(
      entry(66_004, 'No checkpoint covers it: the last one that was signed is at 66004 entries.'),
    );
    expect(found[1]).toMatch(/^ledger_entries, act .*: The act is in the log more than once\.$/);
    expect(found).toHaveLength(2);
  });

  test('who adds one for somebody without a log is found', async () => {
    const sql = `insert into ledger_entries (organisation_id, index, act_id, entry, leaf_hash)
      select gen_random_uuid(), 0, act_id, entry, leaf_hash from ledger_entries where ${ofPolice()} and index = 9`;
    const found = await intruded('ledger_entries', sql, few);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /^ledger_logs, log .*: It is not there, though there is something of it in ledger_entries\.$/,
    );
  });

  test('who swaps two is found, and both are named', async () => {
    const sql = `update ledger_entries one set act_id = other.act_id, entry = other.entry, leaf_hash = other.leaf_hash
      from ledger_entries other where one.${ofPolice()} and other.${ofPolice()}
      and (one.index, other.index) in ((300, 50000), (50000, 300))`;
    expect(await intruded('ledger_entries', sql, few)).toEqual([
      entry(300, notSigned),
      entry(50_000, notSigned),
    ]);
  });
});

describe('an intruder in the tiles', () => {
  const places: [string, number, number][] = [
    ['tile/0/000', 0, 0],
    ['tile/0/156', 0, 156],
    ['tile/0/257.p/212', 0, 257],
    ['tile/1/000', 1, 0],
    ['tile/1/001.p/1', 1, 1],
    ['tile/2/000.p/1', 2, 0],
  ];
  test.each(places)('who changes, shortens, lengthens or takes %s is found', async (path, level, index) => {
    const where = `where ${ofPolice()} and level = ${level} and index = ${index}`;
    const notGiven = [tile(path, 'The tile is not what the entries give.')];
    const ways = [
      'hashes = set_byte(hashes, length(hashes) - 1, get_byte(hashes, length(hashes) - 1) # 1)',
      'hashes = substr(hashes, 33)',
      `hashes = hashes || sha256('')`,
    ];
    for (const way of ways)
      expect(await intruded('ledger_tiles', `update ledger_tiles set ${way} ${where}`)).toEqual(notGiven);
    expect(await intruded('ledger_tiles', `delete from ledger_tiles ${where}`)).toEqual([
      tile(path, 'The tile is missing.'),
    ]);
  });

  test('who swaps two or adds one is found', async () => {
    const swap = `update ledger_tiles one set hashes = other.hashes from ledger_tiles other
      where one.${ofPolice()} and other.${ofPolice()} and one.level = 0 and other.level = 0
      and (one.index, other.index) in ((3, 200), (200, 3))`;
    expect(await intruded('ledger_tiles', swap)).toEqual([
      tile('tile/0/003', 'The tile is not what the entries give.'),
      tile('tile/0/200', 'The tile is not what the entries give.'),
    ]);
    for (const [level, index, path] of [
      [0, 258, 'tile/0/258'],
      [2, 1, 'tile/2/001'],
      [3, 0, 'tile/3/000'],
    ]) {
      const add = `insert into ledger_tiles (organisation_id, level, index, hashes)
        select organisation_id, ${level}, ${index}, hashes from ledger_tiles where ${ofPolice()} and level = 0 and index = 0`;
      expect(await intruded('ledger_tiles', add)).toEqual([
        tile(String(path), 'The tile does not belong: the log is not that long.'),
      ]);
    }
  });
});

describe('an intruder in the checkpoints', () => {
  const middle = 8195; // three acts by themselves, then a full batch
  const at = (size: number) => `where ${ofPolice()} and size = ${size}`;

  test('who changes one is found', async () => {
    const otherRow = checkpoint(middle, 'What was signed has another size or root than the row.');
    const root = 'root = set_byte(root, 0, get_byte(root, 0) # 1)';
    expect(
      await intruded('ledger_checkpoints', `update ledger_checkpoints set ${root} ${at(middle)}`),
    ).toEqual([otherRow, checkpoint(middle, 'The entries do not give the root that was signed.')]);
    const note = `note = replace(note, '8195', '8194')`;
    expect(
      await intruded('ledger_checkpoints', `update ledger_checkpoints set ${note} ${at(middle)}`),
    ).toEqual([checkpoint(middle, 'The signature does not match the note.')]);
    const size = await intruded(
      'ledger_checkpoints',
      `update ledger_checkpoints set size = 8194 ${at(middle)}`,
    );
    expect(size).toContain(checkpoint(8194, 'What was signed has another size or root than the row.'));
    for (const previous of ['null', '2']) {
      const sql = `update ledger_checkpoints set previous = ${previous} ${at(middle)}`;
      const was = previous === 'null' ? 'none' : 'one at 2';
      expect(await intruded('ledger_checkpoints', sql)).toEqual([
        checkpoint(middle, `It was signed after ${was}; the one before it is at 3.`),
      ]);
    }
  });

  test('who deletes one is found, in the middle and at the end', async () => {
    expect(await intruded('ledger_checkpoints', `delete from ledger_checkpoints ${at(middle)}`)).toEqual([
      checkpoint(middle + 8192, 'It was signed after one at 8195; the one before it is at 3.'),
    ]);
    const last = await intruded('ledger_checkpoints', `delete from ledger_checkpoints ${at(66_004)}`);
    expect(last).toContain(
      entry(65_539, 'No checkpoint covers it: the last one that was signed is at 65539 entries.'),
    );
  });

  test('who adds one is found', async () => {
    const sql = `insert into ledger_checkpoints (organisation_id, size, root, note, previous)
      select organisation_id, 9000, root, note, 8195 from ledger_checkpoints ${at(middle)}`;
    expect(await intruded('ledger_checkpoints', sql)).toContain(
      checkpoint(9000, 'What was signed has another size or root than the row.'),
    );
  });

  test('who swaps two is found', async () => {
    const found = await intruded(
      'ledger_checkpoints',
      swapped('ledger_checkpoints', await columnsOf(ledger.superuser, 'ledger_checkpoints'), [
        'organisation_id',
        'size',
      ]),
    );
    expect(found.filter((one) => one.includes('What was signed has another size or root'))).not.toEqual([]);
  });
});

describe('an intruder in what waits', () => {
  test.each([
    ['what is not an entry', `'{}'`, 'gen_random_uuid()', 'What waits is not an entry.'],
    ['an entry under another act', 'entry', 'gen_random_uuid()', 'What waits is the entry of another act.'],
    [
      'an entry that is in the log already',
      'entry',
      'act_id',
      'The act waits to be in the log, and is in it already.',
    ],
  ])('who adds %s is found', async (_, text, act, wrong) => {
    const sql = `insert into ledger_pending (organisation_id, act_id, entry)
      select organisation_id, ${act}, ${text} from ledger_entries where ${ofPolice()} and index = 9`;
    const [found, ...more] = await intruded('ledger_pending', sql);
    expect(more).toEqual([]);
    expect(found).toMatch(new RegExp(`^ledger_pending, place \\d+ of ${police.origin}: ${wrong}$`));
  });

  test('who adds another body’s entry is found', async () => {
    const sql = `insert into ledger_pending (organisation_id, act_id, entry)
      select '${opcc.id}', act_id, entry from ledger_entries where ${ofPolice()} and index = 9`;
    expect((await intruded('ledger_pending', sql))[0]).toMatch(/What waits is an act of other parties\.$/);
  });

  test('who takes the half that waits is found', async () => {
    await record(ledger.database, police, await ledger.aThing(police.id, opcc.id), [police, opcc]);
    await ledger.superuser.query(`delete from ledger_pending where organisation_id = '${opcc.id}'`);
    const found = await findings();
    await ledger.superuser.query('delete from ledger_pending');
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^ledger_pending, act .*: .*opcc\/.* does not have the other half\.$/);
  });
});

test('a key that is not the log’s is found', async () => {
  const sql = `update ledger_logs set sealed_key = set_byte(sealed_key, 20, get_byte(sealed_key, 20) # 1) where ${ofPolice()}`;
  expect(await intruded('ledger_logs', sql)).toEqual([
    `ledger_logs, the key of ${police.origin}: The key that is kept sealed is not the one that vkey names, or cannot be opened.`,
  ]);
});
