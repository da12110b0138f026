import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitToPerson, parseEntry } from '../../src/ledger/entry.ts';
import { appendToLedger, exportLog, integratePending, verifyLog } from '../../src/ledger/index.ts';
import { erasePerson, findOrganisation, findSession } from '../../src/organisations/index.ts';
import { hashPassword } from '../../src/organisations/passwords.ts';
import { actorOf, type Caller, Role } from '../../src/organisations/rules.ts';
import { signIn } from '../../src/organisations/sign-in.ts';
import { eraseDetails, savePerson } from '../../src/organisations/store.ts';
import { NobodyAnyMore, type Tx } from '../../src/platform/database.ts';
import { instantOf } from '../../src/platform/pure/dates.ts';
import { sha256 } from '../../src/platform/pure/hash.ts';
import { newId } from '../../src/platform/pure/ids.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';
import { nowhere } from '../support/sign-in.ts';
import { type Sessions, twoBodies } from '../support/two-bodies.ts';

const now = () => instantOf(new Date());
const details = { name: 'Rosalind Quill', email: 'rosalind.quill@westmarch-police.example' };
const password = 'correct horse battery';

let world: TestInstance;
let sessions: Sessions;
let folder: string;

beforeAll(async () => {
  world = await anInstance('example');
  sessions = await twoBodies(world);
  folder = mkdtempSync(join(tmpdir(), 'chirograph-erase-'));
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

const sessionOf = (token: string) =>
  world.instance.database.read(null, (db) => findSession(db, sha256(token), now()));

async function callerOf(slug: string, roles: Role[] | null): Promise<Caller> {
  const organisation = await world.instance.database.read(null, (db) => findOrganisation(db, slug));
  if (!organisation) throw new Error(`${slug} is not in the example`);
  const { id, name } = organisation;
  return { organisation: { id, slug, name }, person: roles && { id: newId(), name: 'Somebody', roles } };
}

async function logOf({ organisation }: Caller): Promise<{ index: number; entry: string }[]> {
  const { rows } = await world.superuser.query(
    'select index, entry from ledger_entries where organisation_id = $1 order by index',
    [organisation.id],
  );
  return rows;
}

/** Everything in the database, as text: bytes as hexadecimal. */
async function everything(): Promise<string> {
  const { rows: tables } = await world.superuser.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await world.superuser.query<{ text: string }>(
      `select to_jsonb(t)::text as text from ${name} t`,
    );
    texts.push(name, ...rows.map(({ text }) => text));
  }
  return texts.join('\n');
}

/** Writes a body's log to a new folder, verifies it, and returns the bytes of its entries. */
async function exported({ organisation }: Caller): Promise<Buffer> {
  const target = join(folder, newId());
  await exportLog(world.instance, organisation.id, target);
  const { checks } = await verifyLog(target);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  const entries = join(target, 'tile/entries');
  const bundles = readdirSync(entries, { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  );
  expect(bundles).toHaveLength(1);
  return Buffer.concat(bundles.map((file) => readFileSync(join(file.parentPath, file.name))));
}

test('no log names a person, says an address, or repeats what anybody wrote [R31]', async () => {
  const { rows } = await world.superuser.query<{ words: string }>(
    `select name as words from people where name is not null union select email from people where email is not null
     union select need from requests union select reasons from decisions
     union select destruction_method from releases where destruction_method is not null
     union select title from agreements union select id::text from people`,
  );
  const { rows: entries } = await world.superuser.query<{ entry: string }>(
    'select entry from ledger_entries',
  );
  expect(rows.length).toBeGreaterThan(15);
  expect(entries.length).toBeGreaterThan(30);
  const log = entries
    .map(({ entry }) => entry)
    .join('\n')
    .toLowerCase();
  for (const { words } of rows) expect(log).not.toContain(words.toLowerCase());
});

describe('who may erase a person', () => {
  const mayErase: Role[] = ['administrator', 'dpo'];
  const others = Role.options.filter((role) => !mayErase.includes(role));

  test.each([[others], [[]]])('%j: nobody is erased', async (roles) => {
    const person = (await sessionOf(sessions['the police']))?.person.id ?? '';
    const refused = await erasePerson(
      world.instance.database,
      await callerOf('westmarch-police', roles),
      person,
      now(),
    );
    expect(refused).toMatchObject({ ok: false, kind: 'no-authority' });
    expect(await sessionOf(sessions['the police'])).not.toBeNull();
  });

  test('another body’s person cannot be told from nobody, and stays', async () => {
    const person = (await sessionOf(sessions['the police']))?.person.id ?? '';
    const dpo = await callerOf('westmarch-opcc', ['dpo']);
    const logged = (await logOf(dpo)).length;
    const refusals = await Promise.all(
      [person, newId(), 'Tom Reyes', ''].map((id) => erasePerson(world.instance.database, dpo, id, now())),
    );
    for (const refused of refusals) expect(refused).toEqual(refusals[0]);
    expect(refusals[0]).toMatchObject({ ok: false, kind: 'not-found' });
    await integratePending(world.instance);
    expect(await logOf(dpo)).toHaveLength(logged);
    expect(await sessionOf(sessions['the police'])).not.toBeNull();
  });
});

describe('a person who decided and approved is erased', () => {
  let person: string;
  let before: { dump: string; log: Buffer; entries: { index: number; entry: string }[] };
  let salts: { act_id: string; salt: Buffer }[];
  let passwordHash: string;
  let police: Caller;

  beforeAll(async () => {
    police = await callerOf('westmarch-police', ['dpo']);
    person = (await sessionOf(sessions['the police']))?.person.id ?? '';
    passwordHash = await hashPassword(password);
    await world.superuser.query('update people set name = $2, email = $3, password_hash = $4 where id = $1', [
      person,
      details.name,
      details.email,
      passwordHash,
    ]);
    const signedIn = await signIn(world.instance, { email: details.email, password }, nowhere, now());
    expect(signedIn).toMatchObject({ ok: true });
    const found = await world.superuser.query('select act_id, salt from ledger_salts where person_id = $1', [
      person,
    ]);
    salts = found.rows;
    before = { dump: await everything(), log: await exported(police), entries: await logOf(police) };
    expect(await erasePerson(world.instance.database, police, person, now())).toEqual({ ok: true });
    await integratePending(world.instance);
  });

  test('and with them their name, address, password, roles and sessions', async () => {
    const { rows } = await world.superuser.query('select * from people where id = $1', [person]);
    expect(rows).toEqual([
      expect.objectContaining({
        name: null,
        email: null,
        password_hash: null,
        roles: [],
        erased_at: expect.any(Date),
      }),
    ]);
    const left = await world.superuser.query('select from sessions where person_id = $1', [person]);
    expect(left.rowCount).toBe(0);
    expect(await sessionOf(sessions['the police'])).toBeNull();
    const again = await signIn(world.instance, { email: details.email, password }, nowhere, now());
    expect(again).toMatchObject({ ok: false });
    expect(await erasePerson(world.instance.database, police, person, now())).toMatchObject({
      kind: 'not-found',
    });
  });

  test('and nothing in the database holds any of it, where it did before', async () => {
    const after = await everything();
    for (const text of [
      details.name,
      details.email,
      passwordHash,
      ...salts.map(({ salt }) => salt.toString('hex')),
    ]) {
      expect(before.dump.includes(text), text).toBe(true);
      expect(after.includes(text), text).toBe(false);
    }
    for (const { salt } of salts) expect(after).not.toContain(salt.toString('base64'));
  });

  test('but the log verifies, and is the same bytes as before, with what came since [R31]', async () => {
    const log = await exported(police);
    expect(log.length).toBeGreaterThan(before.log.length);
    expect(log.subarray(0, before.log.length).equals(before.log)).toBe(true);
  });

  test('and the commitment in an entry, which the salt gave before, cannot be made again', async () => {
    expect(salts.length).toBeGreaterThan(3);
    const commitments = new Map<string, string | null>();
    for (const { entry } of await logOf(police)) {
      const parsed = parseEntry(Buffer.from(entry));
      if (parsed) commitments.set(parsed.id, parsed.person);
    }
    for (const { act_id, salt } of salts) expect(commitments.get(act_id)).toBe(commitToPerson(salt, person));
    const kept = await world.superuser.query<{ salt: Buffer }>('select salt from ledger_salts');
    expect(kept.rowCount).toBeGreaterThan(0);
    const makeable = kept.rows.map(({ salt }) => commitToPerson(salt, person));
    for (const { act_id } of salts) expect(makeable).not.toContain(commitments.get(act_id));
  });

  test('and that it happened is one entry, which does not say who was erased [R31]', async () => {
    const since = (await logOf(police)).slice(before.entries.length);
    expect(since).toHaveLength(1);
    const entry = parseEntry(Buffer.from(since[0]?.entry ?? ''));
    expect(entry).toMatchObject({
      act: 'person.erased',
      by: police.organisation.id,
      detail: {},
      parties: [police.organisation.id],
      subject: { type: 'organisation', id: police.organisation.id },
    });
    expect(since[0]?.entry).not.toContain(person);
    const salt = await world.superuser.query('select person_id from ledger_salts where act_id = $1', [
      entry?.id,
    ]);
    expect(salt.rows).toEqual([{ person_id: police.person?.id }]);
  });
});

describe('somebody is erased at the moment when they do something', () => {
  const somebody = async () => {
    const police = await callerOf('westmarch-police', ['dpo']);
    const id = newId();
    const details = { name: 'Somebody', roles: [], email: `${id}@example.test`, passwordHash: null };
    const person = { id, organisationId: police.organisation.id, ...details };
    await world.instance.database.write(actorOf(police), (tx) => savePerson(tx, person, now()));
    const act = (tx: Tx) =>
      appendToLedger(tx, {
        act: 'thing.done',
        at: now(),
        by: police.organisation.id,
        parties: [police.organisation.id],
        personId: id,
        subject: { type: 'organisation', id: police.organisation.id },
        detail: {},
      });
    const salts = async () =>
      (await world.superuser.query('select from ledger_salts where person_id = $1', [id])).rowCount;
    return { police, id, act, salts };
  };

  test('the act that is first is kept, and the erasure that waited for it leaves no salt', async () => {
    const { police, id, act, salts } = await somebody();
    let erasing: Promise<unknown> | undefined;
    const done = await world.instance.database.write(actorOf(police), async (tx) => {
      const made = await act(tx);
      erasing = erasePerson(world.instance.database, police, id, now());
      await new Promise((later) => setTimeout(later, 300));
      return made;
    });
    expect(await erasing).toEqual({ ok: true });
    expect(await salts()).toBe(0);
    await integratePending(world.instance);
    expect((await logOf(police)).some(({ entry }) => entry.includes(done))).toBe(true);
  });

  test('the act that comes second is not done, and nothing of it is kept', async () => {
    const { police, id, act, salts } = await somebody();
    const before = (await logOf(police)).length;
    let acting: Promise<unknown> | undefined;
    await world.instance.database.write(actorOf(police), async (tx) => {
      await eraseDetails(tx, id, now());
      acting = world.instance.database.write(actorOf(police), act).catch((error: unknown) => error);
      await new Promise((later) => setTimeout(later, 300));
    });
    expect(await acting).toBeInstanceOf(NobodyAnyMore);
    expect(await salts()).toBe(0);
    await integratePending(world.instance);
    expect(await logOf(police)).toHaveLength(before);
  });

  test('and in fifty races nobody is left with a salt', async () => {
    for (let race = 0; race < 50; race += 1) {
      const { police, id, act, salts } = await somebody();
      const [erased] = await Promise.all([
        erasePerson(world.instance.database, police, id, now()),
        world.instance.database.write(actorOf(police), act).catch(() => null),
      ]);
      expect(erased).toEqual({ ok: true });
      expect(await salts()).toBe(0);
    }
  });
});

test('whoever erases themselves leaves no salt behind by doing so', async () => {
  const found = await sessionOf(sessions['the police without the role']);
  const organisation = (await callerOf('westmarch-police', null)).organisation;
  const person = { id: found?.person.id ?? '', name: 'Somebody', roles: ['administrator' as const] };
  expect(await erasePerson(world.instance.database, { organisation, person }, person.id, now())).toEqual({
    ok: true,
  });
  const left = await world.superuser.query('select from ledger_salts where person_id = $1', [person.id]);
  expect(left.rowCount).toBe(0);
});
