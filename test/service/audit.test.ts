import { appendFileSync, cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { audit } from '../../src/overview/audit.ts';
import { showAudit } from '../../src/overview/audit-words.ts';
import { logTables, notSealed, sealedTables } from '../../src/overview/sealed-tables.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { everyState } from '../support/every-state.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';
import { breakIn, changed, columnsOf, forged, swapped, whileIntruded } from '../support/intruder.ts';

// An instance with something in every state, and then an intruder who is superuser of its database.

let world: TestInstance;
beforeAll(async () => {
  world = await anInstance('example');
  await everyState(world);
});
afterAll(() => world.close());

const findings = async () => (await audit(world.instance, null)).findings;

describe('an instance that nobody has tampered with', () => {
  test('has no findings, with something in every state and a person erased, and everything is sealed', async () => {
    const { findings, tables, logs } = await audit(world.instance, null);
    expect(findings).toEqual([]);
    expect(tables.filter(({ rows, before }) => rows === 0 || before > 0)).toEqual([]);
    expect(logs).toHaveLength(3);
    const { rows } = await world.superuser.query('select distinct state from releases order by 1');
    expect(rows.map(({ state }) => state)).toEqual([
      'collected',
      'destroyed',
      'prepared',
      'refused',
      'sent',
      'withdrawn',
    ]);
  });

  test('has none either for each organisation alone', async () => {
    const { rows } = await world.superuser.query<{ id: string }>('select id from organisations');
    for (const { id } of rows) expect((await audit(world.instance, id)).findings).toEqual([]);
  });

  test('is seen the same whatever the database is set to', async () => {
    const { rows } = await world.superuser.query('select current_database() as name');
    const database = rows[0].name as string;
    const settings = { timezone: "'Asia/Kolkata'", datestyle: "'SQL, DMY'", bytea_output: "'escape'" };
    for (const [name, value] of Object.entries(settings))
      await world.superuser.query(`alter database ${database} set ${name} = ${value}`);
    const connection = { ...inject('postgres'), database };
    const again = openDatabase({
      app: { ...connection, user: 'chirograph_app' },
      worker: { ...connection, user: 'chirograph_worker' },
    });
    expect((await audit({ ...world.instance, database: again }, null)).findings).toEqual([]);
    await again.close();
    for (const name of Object.keys(settings))
      await world.superuser.query(`alter database ${database} reset ${name}`);
  });
});

describe('every table', () => {
  test('is sealed, is one of the log’s own, or is listed as neither with the reason', async () => {
    const { rows } = await world.superuser.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    );
    const listed = [...sealedTables.map(({ table }) => table), ...logTables, ...Object.keys(notSealed)];
    expect(listed.toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
  });

  test.each(sealedTables.map((of) => [of.table, of] as const))(
    'that is sealed is sealed in every column: %s',
    async (table, of) => {
      const { rows } = await world.superuser.query<{ name: string }>(
        `select attname as name from pg_attribute
         where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
        [table],
      );
      const listed = [...of.columns, ...Object.keys(of.open)];
      expect(listed.toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
    },
  );
});

// What else a change to a sealed table shows in.
const also: Record<string, string[]> = {
  releases: ['packages'],
  release_workings: ['packages'],
};

describe.each(sealedTables.map((of) => [of.table, of] as const))('an intruder in %s', (table, of) => {
  beforeAll(() => breakIn(world.superuser));

  const look = async (sql: string) => {
    const found = await whileIntruded(world.superuser, table, sql, findings);
    const elsewhere = found.filter((one) => one.table !== table && !also[table]?.includes(one.table));
    // Without its log nothing is known of any row of a body.
    if (table !== 'ledger_logs') expect(elsewhere).toEqual([]);
    // A log's key also opens no more.
    return found.filter((one) => one.table === table && !one.row.startsWith('the key of'));
  };
  const first = of.key.map((name) => `"${name}"`).join(', ');
  const aRow = `(${first}) = (select ${first} from ${table} order by ${first} limit 1)`;
  const keyOf = async (where = aRow) => {
    const { rows } = await world.superuser.query(`select ${first} from ${table} where ${where}`);
    return rows.map((row) => `${of.name} ${of.key.map((name) => row[name]).join('/')}`);
  };

  test('who changes any column of a row, by as little as its type allows, is found and the row is named', async () => {
    for (const column of await columnsOf(world.superuser, table)) {
      if (!of.columns.includes(column.name)) continue;
      const [row] = await keyOf();
      const found = await look(`update ${table} set "${column.name}" = ${changed(column)} where ${aRow}`);
      expect(found.map((one) => one.row).join(), column.name).toContain(row);
      const expected = of.key.includes(column.name)
        ? ['It is not there', 'The ledger says nothing of it']
        : ['It is not what it was after'];
      for (const words of expected)
        expect(found.filter((one) => one.wrong.startsWith(words)).length, column.name).toBeGreaterThan(0);
      expect(new Set(found.map((one) => one.row)).size, column.name).toBe(
        of.key.includes(column.name) ? 2 : 1,
      );
      expect(found.every((one) => one.todo.length > 40)).toBe(true);
    }
  });

  test('who hides a row from those it is for is found', async () => {
    if (table === 'ledger_logs') return; // its parties follow from its organisation
    const [row] = await keyOf();
    const found = await look(`update ${table} set parties = array[gen_random_uuid()] where ${aRow}`);
    expect(found).toHaveLength(1);
    expect(found[0]?.row).toContain(row);
    expect(found[0]?.wrong).toMatch(/^It is not there, or not for those it was for/);
  });

  test('who deletes a row is found, and what was there is named', async () => {
    const [row] = await keyOf();
    const found = await look(`delete from ${table} where ${aRow}`);
    expect(found).toHaveLength(1);
    expect(found[0]?.row).toContain(row);
    expect(found[0]?.wrong).toMatch(/^It is not there/);
  });

  test('who adds a row is found', async () => {
    const columns = await columnsOf(world.superuser, table);
    const found = await look(forged(table, columns, of.key.at(-1) ?? ''));
    expect(found).toHaveLength(1);
    expect(found[0]?.wrong).toBe('The ledger says nothing of it.');
  });

  test('who swaps what two rows say is found, and both are named', async () => {
    const rows = await keyOf(`(${first}) in (select ${first} from ${table} order by ${first} limit 2)`);
    const found = await look(swapped(table, await columnsOf(world.superuser, table), of.key));
    for (const row of rows) expect(found.map((one) => one.row).join()).toContain(row);
  });
});

describe('an intruder in what ties people to their acts', () => {
  const inSalts = (sql: string) =>
    whileIntruded(world.superuser, 'ledger_salts', sql, findings).then((found) =>
      found.map(({ table, wrong }) => `${table}: ${wrong}`),
    );
  const changedSalt = 'ledger_salts: The person and the salt are not what the entry of the act commits to.';
  const one = 'act_id = (select min(act_id::text)::uuid from ledger_salts)';

  test('is found who changes a person or a salt, swaps two, or adds one', async () => {
    for (const column of await columnsOf(world.superuser, 'ledger_salts')) {
      if (!['person_id', 'salt'].includes(column.name)) continue;
      const sql = `update ledger_salts set "${column.name}" = ${changed(column)} where ${one}`;
      expect(await inSalts(sql)).toEqual([changedSalt]);
    }
    const columns = await columnsOf(world.superuser, 'ledger_salts');
    expect(await inSalts(forged('ledger_salts', columns, 'act_id'))).toEqual([
      'ledger_salts: No act of the ledger was done by a person under this salt.',
    ]);
  });
});

describe('an intruder in the folder of packages', () => {
  const packageOf = async (state: string) => {
    const { rows } = await world.superuser.query<{ id: string; reference: string }>(
      'select id, reference from releases where state = $1 order by id limit 1',
      [state],
    );
    const { id = '', reference = '' } = rows[0] ?? {};
    return { folder: join(world.instance.folders.packages, id), reference };
  };
  const look = async (state: string, change: (folder: string) => void) => {
    const { folder, reference } = await packageOf(state);
    const kept = join(world.instance.folders.data, 'kept');
    cpSync(folder, kept, { recursive: true });
    try {
      change(folder);
      return (await findings()).map(({ row, wrong }) => [row.replace(`${reference}/`, ''), wrong]);
    } finally {
      rmSync(folder, { recursive: true });
      cpSync(kept, folder, { recursive: true });
      rmSync(kept, { recursive: true });
    }
  };
  const data = 'stop-and-search.csv.age';

  test.each(['prepared', 'sent', 'collected'])(
    'is found who changes or takes a file of what is %s',
    async (state) => {
      const { folder } = await packageOf(state);
      for (const name of readdirSync(folder)) {
        const wrong = name.endsWith('.tlog-proof')
          ? 'The receipt does not prove that this release was sent.'
          : 'The file is not what the row says was sent.';
        expect(await look(state, (at) => appendFileSync(join(at, name), 'x'))).toEqual([[name, wrong]]);
        const gone = await look(state, (at) => rmSync(join(at, name)));
        // A receipt is made again when it is next asked for.
        expect(gone).toEqual(name.endsWith('.tlog-proof') ? [] : [[name, 'The file is missing.']]);
      }
    },
  );

  test('is found who adds a file, or brings back data that was destroyed or withdrawn', async () => {
    expect(await look('sent', (at) => writeFileSync(join(at, 'more'), ''))).toEqual([
      ['more', 'The file does not belong to the package.'],
    ]);
    expect(await look('destroyed', (at) => writeFileSync(join(at, data), ''))).toEqual([
      [data, 'The data is still there, though the release is destroyed.'],
    ]);
  });
});

test('the report names every finding and says what to do', async () => {
  const edit = `update requests set need = 'x' where reference = 'REQ-2026-0001'`;
  const report = await whileIntruded(world.superuser, 'requests', edit, async () =>
    showAudit(await audit(world.instance, null)),
  );
  expect(report).toContain('✗ requests: REQ-2026-0001 (request ');
  expect(report).toContain('It is not what it was after request.');
  expect(report).toContain('1 thing is not as the ledger says.');
});
