import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson } from '../platform/pure/canonical-json.ts';
import { newId } from '../platform/pure/ids.ts';
import { aLedgerDatabase, type LedgerDatabase, record, type TestOrganisation } from './a-database.fixture.ts';
import { commitToPerson, type Entry, parseEntry } from './entry.ts';
import { integratePending } from './integrate.ts';
import { destroySalts, findEntry, oldestPending } from './store.ts';

let ledger: LedgerDatabase;
let police: TestOrganisation;
let opcc: TestOrganisation;
let council: TestOrganisation;

beforeAll(async () => {
  ledger = await aLedgerDatabase();
  police = await ledger.anOrganisation('westmarch-police');
  opcc = await ledger.anOrganisation('westmarch-opcc');
  council = await ledger.anOrganisation('avonbury-council');
});
afterAll(() => ledger.close());

describe('recording an act', () => {
  test('writes the same entry to the log of every party, and to no other [R31]', async () => {
    const act = await record(ledger.database, police, await ledger.aThing(police.id, opcc.id), [
      opcc,
      police,
    ]);
    const { rows } = await ledger.superuser.query(
      'select organisation_id, entry from ledger_pending where act_id = $1 order by organisation_id',
      [act],
    );
    expect(rows.map((row) => row.organisation_id)).toEqual([police.id, opcc.id].sort());
    expect(rows[0].entry).toBe(rows[1].entry);
    const entry = parseEntry(Buffer.from(rows[0].entry));
    expect(entry).toMatchObject({ act: 'thing.done', by: police.id, id: act, person: null, v: 1 });
  });

  test('is undone with the transaction it is part of', async () => {
    const thing = await ledger.aThing(police.id);
    const count = () => ledger.superuser.query('select from ledger_pending').then(({ rowCount }) => rowCount);
    const before = await count();
    const failing = ledger.database.write(police.actor, async (tx) => {
      await sql`select ledger_append(${entryText({ subject: thing, parties: [police.id] })})`.execute(tx);
      throw new Error('something else went wrong');
    });
    await expect(failing).rejects.toThrow('something else');
    expect(await count()).toBe(before);
  });

  test('a party without a log here is named in the entry and needs none', async () => {
    const elsewhere = { ...council, id: newId() };
    const act = await record(ledger.database, police, await ledger.aThing(police.id, elsewhere.id), [
      police,
      elsewhere,
    ]);
    const { rowCount } = await ledger.superuser.query('select from ledger_pending where act_id = $1', [act]);
    expect(rowCount).toBe(1);
  });

  test('the wait of the oldest entry is known to the worker', async () => {
    await record(ledger.database, police, await ledger.aThing(police.id), [police]);
    expect(await ledger.database.work(oldestPending)).toBeGreaterThan(0);
    await integratePending(ledger.instance);
    expect(await ledger.database.work(oldestPending)).toBe(0);
  });
});

describe('whatever the caller says, the database refuses', () => {
  const append = (by: TestOrganisation, text: string) =>
    ledger.database.write(by.actor, (tx) => sql`select ledger_append(${text})`.execute(tx));

  test('an act on something the caller is no party to', async () => {
    const thing = await ledger.aThing(police.id, opcc.id);
    const text = entryText({ subject: thing, parties: [police.id, opcc.id].sort(), by: council.id });
    await expect(append(council, text)).rejects.toThrow('not yours to record');
  });

  test('an act on something that is not there', async () => {
    const text = entryText({ subject: { id: newId(), type: 'thing' }, parties: [police.id] });
    await expect(append(police, text)).rejects.toThrow('not yours to record');
  });

  test('an act without an organisation', async () => {
    const thing = await ledger.aThing(police.id);
    const text = entryText({ subject: thing, parties: [police.id] });
    const append = ledger.superuser.query(`set role chirograph_app; select ledger_append('${text}')`);
    await expect(append).rejects.toThrow('not yours to record');
    await ledger.superuser.query('reset role');
  });

  test('parties left out, added or out of order', async () => {
    const thing = await ledger.aThing(police.id, opcc.id);
    const sorted = [police.id, opcc.id].sort();
    for (const parties of [
      [police.id],
      [...sorted, council.id],
      sorted.toReversed(),
      [],
      [...sorted, opcc.id],
    ]) {
      await expect(append(police, entryText({ subject: thing, parties }))).rejects.toThrow(
        'not those of the act',
      );
    }
  });

  test('an act in another organisation’s name', async () => {
    const thing = await ledger.aThing(police.id, opcc.id);
    const text = entryText({ subject: thing, parties: [police.id, opcc.id].sort(), by: opcc.id });
    await expect(append(police, text)).rejects.toThrow('by another organisation');
  });

  test('an entry of 4 KB, or not laid out as one', async () => {
    const subject = await ledger.aThing(police.id);
    const good = entryText({ subject, parties: [police.id] });
    await expect(
      append(police, good.replace('"detail":{', `"detail":{"pad":"${'x'.repeat(4096)}",`)),
    ).rejects.toThrow('4096');
    for (const text of [
      `${good} `,
      good.replace('"v":1', '"v": 1'),
      good.replace('"v":1', '"v":2'),
      good.replace('"v":1', '"v":1,"w":1'),
      good.replace('{"act":', '{"act":"thing.undone","act":'),
      good.replace(/("act":"[^"]*"),("at":"[^"]*")/, '$2,$1'),
      good.replace('"type":"thing"', '"type":"thing","type":"thing"'),
    ]) {
      expect(text).not.toBe(good);
      await expect(append(police, text)).rejects.toThrow('not laid out');
    }
    await expect(append(police, 'nonsense')).rejects.toThrow('json');
  });
});

describe('what the privileges of the database keep', () => {
  test.each(['chirograph_owner', 'chirograph_app', 'chirograph_worker'])(
    '%s cannot change or remove what a log holds',
    async (role) => {
      await record(ledger.database, police, await ledger.aThing(police.id), [police]);
      await integratePending(ledger.instance);
      for (const statement of [
        `update ledger_entries set entry = '{}'`,
        'delete from ledger_entries',
        'truncate ledger_entries',
        `update ledger_checkpoints set note = ''`,
        'delete from ledger_checkpoints',
        'truncate ledger_checkpoints',
        'delete from ledger_tiles',
        'truncate ledger_tiles',
        'delete from ledger_logs',
      ]) {
        const refused = asRole(role, statement);
        if (role === 'chirograph_owner' && statement.includes('ledger_logs'))
          await expect(refused).rejects.toThrow();
        else await expect(refused, statement).rejects.toThrow('permission denied');
      }
    },
  );

  test('the service cannot write to a log past ledger_append, nor read a sealed key', async () => {
    for (const statement of [
      `insert into ledger_pending (organisation_id, act_id, entry) values ('${police.id}', '${newId()}', '{}')`,
      'delete from ledger_pending',
      `insert into ledger_entries (organisation_id, index, act_id, entry, leaf_hash) values ('${police.id}', 0, '${newId()}', '{}', '')`,
      `insert into ledger_checkpoints (organisation_id, size, root, note) values ('${police.id}', 99, '', '')`,
      `insert into ledger_tiles (organisation_id, level, index, hashes) values ('${police.id}', 0, 9, '')`,
      'select sealed_key from ledger_logs',
      'select * from ledger_pending',
      `select act_parties('thing', '${newId()}')`,
    ]) {
      await expect(asRole('chirograph_app', statement), statement).rejects.toThrow('permission denied');
    }
  });

  test('an organisation sees its own log only', async () => {
    const thing = await ledger.aThing(police.id, opcc.id);
    const act = await record(ledger.database, police, thing, [police, opcc]);
    await integratePending(ledger.instance);
    const seen = (by: TestOrganisation, whose: TestOrganisation) =>
      ledger.database.read(by.actor, (db) => findEntry(db, whose.id, act));
    expect(await seen(opcc, opcc)).not.toBeNull();
    expect(await seen(opcc, police)).toBeNull();
    expect(await seen(council, police)).toBeNull();
  });

  async function asRole(role: string, statement: string) {
    await ledger.superuser.query('begin');
    try {
      await ledger.superuser.query(`set local role ${role}`);
      await ledger.superuser.query(`set local app.organisation_id = '${police.id}'`);
      return await ledger.superuser.query(statement);
    } finally {
      await ledger.superuser.query('rollback');
    }
  }
});

describe('erasing a person', () => {
  test('destroys the salts: the commitment stays and cannot be made again', async () => {
    const person = newId();
    const colleague = newId();
    const thing = await ledger.aThing(police.id, opcc.id);
    const act = await record(ledger.database, police, thing, [police, opcc], person);
    await record(ledger.database, police, thing, [police, opcc], colleague);
    await integratePending(ledger.instance);

    const salts = () =>
      ledger.superuser.query<{ salt: Buffer; person_id: string; organisation_id: string }>(
        'select salt, person_id, organisation_id from ledger_salts where person_id = any($1)',
        [[person, colleague]],
      );
    const [kept] = (await salts()).rows.filter((row) => row.person_id === person);
    const found = await ledger.database.read(police.actor, (db) => findEntry(db, police.id, act));
    const entry = found && parseEntry(found.entry);
    expect(kept?.organisation_id).toBe(police.id);
    expect(entry?.person).toBe(kept && commitToPerson(kept.salt, person));
    expect(found?.entry.includes(person)).toBe(false);

    expect(await ledger.database.write(opcc.actor, (tx) => destroySalts(tx, person))).toBe(0);
    expect(await ledger.database.write(police.actor, (tx) => destroySalts(tx, person))).toBe(1);

    const left = (await salts()).rows;
    expect(left.map((row) => row.person_id)).toEqual([colleague]);
    expect(left.map((row) => commitToPerson(row.salt, person))).not.toContain(entry?.person);
    const after = await ledger.database.read(police.actor, (db) => findEntry(db, police.id, act));
    expect(after?.entry).toEqual(found?.entry);
  });
});

function entryText(entry: { subject: Entry['subject']; parties: string[]; by?: string }): string {
  const whole: Entry = {
    act: 'thing.done',
    at: '2026-11-22T10:00:00.000Z',
    by: entry.by ?? police.id,
    detail: {},
    id: newId(),
    parties: entry.parties,
    person: null,
    subject: entry.subject,
    v: 1,
  };
  return canonicalJson(whole);
}
