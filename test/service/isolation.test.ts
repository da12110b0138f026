import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { canonicalJson } from '../../src/platform/pure/canonical-json.ts';
import { newId } from '../../src/platform/pure/ids.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';
import { twoBodies } from '../support/two-bodies.ts';
import { workerPolicies } from '../support/wall.ts';

type Table = { name: string; fields: string[] };
type Setting = string | undefined;

let world: TestInstance;
let police: string;
let commissioner: string;
let council: string;
let tables: Table[];
let everything: string[];

beforeAll(async () => {
  world = await anInstance('example');
  await twoBodies(world);
  const idOf = async (slug: string) =>
    (await asked<{ id: string }>('select id from organisations where slug = $1', [slug]))[0]?.id ?? '';
  [police, commissioner, council] = [
    await idOf('westmarch-police'),
    await idOf('westmarch-opcc'),
    await idOf('avonbury-council'),
  ];
  // Some tables are empty in the example or between acts: answers to keys, what waits for the integrator, second factors.
  for (const body of [police, commissioner]) {
    await asked(
      'insert into answers (organisation_id, key, action, parties) values ($1, $2, $3, array[$1::uuid])',
      [body, randomBytes(8).toString('hex'), 'something'],
    );
    await asked(`insert into ledger_pending (organisation_id, act_id, entry) values ($1, $2, '{}')`, [
      body,
      newId(),
    ]);
    const someone = '(select id from people where parties = array[$1::uuid] limit 1)';
    await asked(
      `insert into second_factors (person_id, sealed_secret, last_step, set_up_at, parties)
       values (${someone}, 'sealed', 1, now(), array[$1::uuid])`,
      [body],
    );
    await asked(
      `insert into recovery_codes (person_id, code_hash, parties) values (${someone}, sha256('code'), array[$1::uuid])`,
      [body],
    );
  }
  const found = await asked<Table>(
    `select relname as name, array_agg(attname::text order by attnum) filter (where attgenerated = '') as fields
     from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
     where relnamespace = 'public'::regnamespace and relkind = 'r' group by relname order by relname`,
  );
  everything = found.map(({ name }) => name);
  tables = found.filter(({ name }) => !['attempts', 'instance', 'migrations'].includes(name));
});
afterAll(() => world.close());

async function asked<Row extends pg.QueryResultRow>(query: string, values: unknown[] = []): Promise<Row[]> {
  return (await world.superuser.query<Row>(query, values)).rows;
}

/** Signs in to PostgreSQL as the role itself. Nothing is kept of what is done. */
async function signedIn<T>(user: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...inject('postgres'), database: world.superuser.database, user });
  await client.connect();
  try {
    await client.query('begin');
    return await work(client);
  } finally {
    await client.end();
  }
}

/** As a role that has been given every privilege there is, so that nothing but the policies holds it. */
async function unbounded<T>(
  role: string,
  organisation: Setting,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  return signedIn('postgres', async (client) => {
    await client.query(`grant all on all tables in schema public to ${role}; set local role ${role}`);
    if (organisation !== undefined) {
      await client.query(`select set_config('app.organisation_id', $1, true)`, [organisation]);
    }
    return work(client);
  });
}

/** What a statement does, without keeping it: how many rows, or the words it is refused with. */
async function tried(client: pg.Client, statement: string, values: unknown[] = []): Promise<number | string> {
  await client.query('savepoint here');
  const done = await client.query(statement, values).then(
    ({ rowCount }) => rowCount ?? 0,
    (error: Error) => error.message,
  );
  await client.query('rollback to savepoint here');
  return done;
}

const refusedByPolicy = 'new row violates row-level security policy';
const copy = ({ name, fields }: Table) =>
  `insert into ${name} (${fields}) overriding system value select ${fields} from jsonb_populate_record(null::${name}, $1)`;
const rowsOf = async (name: string, whose: string) =>
  (
    await asked<{ row: object }>(
      `select to_jsonb(t) as row from ${name} t where parties @> array[$1::uuid]`,
      [whose],
    )
  ).map(({ row }) => row);

describe('an organisation, with every privilege there is and only the policies to hold it', () => {
  const outsiders: [string, () => Setting][] = [
    ['no organisation set', () => undefined],
    ['an empty one', () => ''],
    ['one that does not exist', () => newId()],
    ['another body', () => council],
  ];

  test('has rows of the police in every table to try: nothing below passes because a table is empty', async () => {
    for (const { name } of tables) expect(await rowsOf(name, police), name).not.toEqual([]);
  });

  test.each(outsiders)('%s: sees its own rows only, in every table', async (_, organisation) => {
    const mine = organisation() || newId();
    await unbounded('chirograph_app', organisation(), async (client) => {
      for (const { name } of tables) {
        const own = await rowsOf(name, mine);
        expect(await tried(client, `select from ${name}`), name).toBe(own.length);
        expect(
          await tried(client, `select from ${name} where not parties @> array[$1::uuid]`, [mine]),
          name,
        ).toBe(0);
      }
    });
  });

  test.each(outsiders)('%s: changes and removes nothing of others', async (_, organisation) => {
    const mine = organisation() || newId();
    await unbounded('chirograph_app', organisation(), async (client) => {
      for (const { name, fields } of tables) {
        const others = `where not parties @> array['${mine}'::uuid]`;
        const [field] = fields;
        expect(await tried(client, `update ${name} set ${field} = ${field} ${others}`), name).toBe(0);
        expect(await tried(client, `delete from ${name} ${others}`), name).toBe(0);
      }
    });
  });

  test.each(outsiders)(
    '%s: adds nothing for others, neither theirs alone nor between two of them',
    async (_, organisation) => {
      await unbounded('chirograph_app', organisation(), async (client) => {
        for (const table of tables) {
          for (const row of await rowsOf(table.name, police)) {
            expect(await tried(client, copy(table), [row]), table.name).toContain(refusedByPolicy);
          }
        }
      });
    },
  );

  test('cannot give a row of its own away, or take itself out of one', async () => {
    await unbounded('chirograph_app', police, async (client) => {
      for (const { name, fields } of tables.filter((table) => table.fields.includes('parties'))) {
        expect(fields).toContain('parties');
        expect(
          await tried(client, `update ${name} set parties = array[$1::uuid]`, [council]),
          name,
        ).toContain(refusedByPolicy);
      }
    });
  });

  test('a party to something sees it, and a partner’s own it does not', async () => {
    await unbounded('chirograph_app', commissioner, async (client) => {
      expect(await tried(client, 'select from requests')).toBe((await rowsOf('requests', police)).length);
      expect(await tried(client, `select from releases where state = 'prepared'`)).toBe(0);
      expect(await tried(client, 'select from release_workings')).toBe(0);
    });
  });

  test.each(['westmarch-police', `{}' or true --`, '00000000'])(
    '%s for an organisation is an error, never rows',
    async (text) => {
      await unbounded('chirograph_app', text, async (client) => {
        for (const { name } of tables) {
          expect(await tried(client, `select from ${name}`), name).toContain(
            'invalid input syntax for type uuid',
          );
        }
      });
    },
  );

  test.each(['chirograph_app', 'chirograph_worker'])(
    '%s finds nothing in what is nobody’s, and cannot change it',
    async (role) => {
      await unbounded(role, police, async (client) => {
        for (const name of ['attempts', 'instance', 'migrations']) {
          expect(await tried(client, `select from ${name}`), name).toBe(0);
        }
        expect(await tried(client, `insert into instance (mode, key_check) values ('live', '')`)).toContain(
          refusedByPolicy,
        );
        expect(await tried(client, 'delete from migrations')).toBe(0);
      });
    },
  );
});

describe('the roles themselves', () => {
  test.each([
    ['chirograph_app', ['chirograph_owner', 'chirograph_worker', 'postgres']],
    ['chirograph_worker', ['chirograph_owner', 'chirograph_app', 'postgres']],
  ])('%s cannot become another', async (role, others) => {
    await signedIn(role, async (client) => {
      for (const other of others) {
        expect(await tried(client, `set role ${other}`)).toContain('permission denied to set role');
        expect(await tried(client, `set session authorization ${other}`)).toContain('permission denied');
      }
    });
  });

  test.each(['chirograph_app', 'chirograph_worker'])('%s cannot take the wall down', async (role) => {
    await signedIn(role, async (client) => {
      for (const name of everything) {
        expect(await tried(client, `alter table ${name} disable row level security`)).toContain(
          'must be owner',
        );
        expect(await tried(client, `create policy mine on ${name} using (true)`)).toContain('must be owner');
        expect(await tried(client, `truncate ${name}`)).toContain('permission denied');
        await client.query('savepoint here; set local row_security = off');
        const found = await tried(client, `select 1 from ${name} limit 1`);
        expect(found, name).toMatch(/permission denied|would be affected by row-level security/);
        await client.query('rollback to savepoint here');
      }
      expect(await tried(client, 'create table mine ()')).toContain('permission denied for schema public');
      expect(await tried(client, 'create schema mine')).toContain('permission denied for database');
    });
  });

  test('the service writes to a log by ledger_append and in no other way', async () => {
    await signedIn('chirograph_app', async (client) => {
      await client.query(`select set_config('app.organisation_id', $1, true)`, [police]);
      for (const table of tables.filter(({ name }) =>
        /^ledger_(pending|entries|tiles|checkpoints)$/.test(name),
      )) {
        const [row] = await rowsOf(table.name, police);
        expect(await tried(client, copy(table), [row]), table.name).toContain('permission denied');
        for (const statement of [
          `update ${table.name} set ${table.fields[0]} = null`,
          `delete from ${table.name}`,
        ]) {
          expect(await tried(client, statement), statement).toContain('permission denied');
        }
      }
    });
  });

  test('the worker, with every privilege, does what its policies name and no more', async () => {
    await unbounded('chirograph_worker', police, async (client) => {
      for (const table of tables) {
        const { name, fields } = table;
        const may = Object.entries(workerPolicies)
          .filter(([policy]) => policy.startsWith(`${name} `))
          .map(([, { of }]) => of);
        const all = (await asked(`select from ${name}`)).length;
        expect(await tried(client, `select from ${name}`), name).toBe(may.includes('select') ? all : 0);
        if (!may.includes('delete')) expect(await tried(client, `delete from ${name}`), name).toBe(0);
        if (!may.includes('update')) {
          expect(await tried(client, `update ${name} set ${fields[0]} = ${fields[0]}`), name).toBe(0);
        }
        if (!may.includes('insert')) {
          const [row] = await rowsOf(name, police);
          expect(await tried(client, copy(table), [row]), name).toContain(refusedByPolicy);
        }
      }
    });
  });
});

describe('the service’s own role, with what it is granted and no more, says for whom it asks', () => {
  const settings: [string, () => Setting][] = [
    ['unset', () => undefined],
    ['empty', () => ''],
    ['of no organisation', () => newId()],
  ];
  const as = <T>(organisation: Setting, work: (client: pg.Client) => Promise<T>) =>
    signedIn('chirograph_app', async (client) => {
      if (organisation !== undefined) {
        await client.query(`select set_config('app.organisation_id', $1, true)`, [organisation]);
      }
      return work(client);
    });

  test.each(settings)('%s: it reads no row of any table', async (_, organisation) => {
    await as(organisation(), async (client) => {
      for (const { name } of tables) {
        expect(await tried(client, `select 1 from ${name}`), name).toSatisfy(
          (answer) => answer === 0 || String(answer).includes('permission denied'),
        );
      }
    });
  });

  test.each(['garbage', '1', `${'0'.repeat(36)}`, '{}', 'null', 'true; reset role'])(
    'garbage (%s): it is an error, and no row',
    async (text) => {
      await as(text, async (client) => {
        for (const { name } of tables) {
          expect(String(await tried(client, `select 1 from ${name}`)), name).toMatch(
            /invalid input syntax for type uuid|permission denied/,
          );
        }
      });
    },
  );

  // Whoever has the role can set this to any body: then what stands between is the code, and the database gives what it
  // would give that body. This is what it still refuses.
  test('forged to another body: it reads what that body may, and that is all that forging gives', async () => {
    for (const body of [police, commissioner, council]) {
      await as(body, async (client) => {
        for (const { name } of tables) {
          const seen = await tried(client, `select 1 from ${name}`);
          if (typeof seen === 'number') expect(seen, name).toBe((await rowsOf(name, body)).length);
        }
      });
    }
  });

  test('forged: it changes nothing that was sent, signed or decided, and nothing in a log', async () => {
    for (const body of [police, commissioner]) {
      await as(body, async (client) => {
        const refused: [string, RegExp][] = [
          [`update releases set manifest = 'x' where sent_at is not null`, /what left cannot change/],
          [
            `update releases set sent_act = gen_random_uuid() where sent_at is not null`,
            /what left cannot change/,
          ],
          [`update releases set approved_by = prepared_by where state = 'prepared'`, /two_people|^0$/],
          ['delete from releases', /permission denied/],
          [`update agreements set document = '{}'`, /permission denied/],
          [`update agreement_signatures set role = 'dpo'`, /permission denied/],
          [`update decisions set decision = 'share'`, /permission denied/],
          [`update requests set purpose = 'another'`, /permission denied/],
          [`update organisation_keys set public_key = 'x'`, /permission denied/],
          [`update delegations set until_day = until_day + 30`, /permission denied/],
          [`update delegations set role = 'siro'`, /permission denied/],
          ['delete from delegations', /permission denied/],
          [`update ledger_entries set entry = '{}'`, /permission denied/],
          ['delete from ledger_entries', /permission denied/],
          [
            'insert into ledger_pending (organisation_id, act_id, entry) select me(), me(), entry from ledger_entries',
            /permission denied/,
          ],
          ['select entry from ledger_pending', /permission denied/],
          [
            `insert into ledger_checkpoints (organisation_id, size, root, note) values (me(), 0, sha256('x'), 'x')`,
            /permission denied/,
          ],
          ['select sealed_key from ledger_logs', /permission denied/],
        ];
        for (const [statement, why] of refused) {
          expect(String(await tried(client, statement)), statement).toMatch(why);
        }
      });
    }
  });

  test('forged: the private keys and previews it can then read are sealed, and another body’s it does not see', async () => {
    await as(commissioner, async (client) => {
      const { rows } = await client.query<{ organisation_id: string; sealed: Buffer }>(
        'select organisation_id, sealed from organisation_keys',
      );
      expect(new Set(rows.map((row) => row.organisation_id))).toEqual(new Set([commissioner]));
      for (const { sealed } of rows) {
        expect(sealed[0]).toBe(1); // sealed under the master key, which is not in the database
        expect(sealed.toString('latin1')).not.toMatch(/AGE-SECRET-KEY|BEGIN|PRIVATE/);
      }
      expect(await tried(client, 'select preview from release_workings')).toBe(0);
    });
  });
});

test('a session is of its person’s own body: nobody starts one as somebody of another', async () => {
  const [person] = await asked<{ id: string }>(
    `select id from people where parties = array[$1::uuid] limit 1`,
    [commissioner],
  );
  await signedIn('chirograph_app', async (client) => {
    await client.query(`select set_config('app.organisation_id', $1, true)`, [police]);
    const started = await tried(
      client,
      `insert into sessions (token_hash, id, person_id, browser, started_at, seen_at, ends_at, expires_at, parties)
       values (sha256('mine'), gen_random_uuid(), $1, 'Firefox', now(), now(), now(), now(), array[$2::uuid])`,
      [person?.id, police],
    );
    expect(started).toContain('violates foreign key constraint');
  });
});

describe('an act is recorded by a party to its subject only', () => {
  const append = (by: string, subject: { type: string; id: string }, parties: string[]) => {
    const at = '2026-11-22T10:00:00.000Z';
    const entry = {
      act: 'thing.done',
      at,
      by,
      detail: {},
      id: newId(),
      parties: parties.sort(),
      person: null,
      subject,
      v: 1,
    };
    return signedIn('chirograph_app', async (client) => {
      await client.query(`select set_config('app.organisation_id', $1, true)`, [by]);
      return tried(client, 'select ledger_append($1)', [canonicalJson(entry)]);
    });
  };
  const oneOf = async (type: string, where = 'true') =>
    (
      await asked<{ id: string; parties: string[] }>(
        `select id, parties from ${type}s where ${where} limit 1`,
      )
    )[0] ?? {
      id: '',
      parties: [],
    };
  const notYours = 'ledger_append: the act is not yours to record';

  test('a party records an act about each kind of subject there is', async () => {
    for (const type of ['organisation', 'agreement', 'request', 'release']) {
      const { id, parties } = await oneOf(type, `parties @> array['${police}'::uuid]`);
      expect(await append(police, { type, id }, parties), type).toBe(1);
    }
  });

  test('a body that is no party to it does not, whoever it says the parties are', async () => {
    for (const type of ['organisation', 'agreement', 'request', 'release']) {
      const { id, parties } = await oneOf(type, `parties @> array['${police}'::uuid]`);
      for (const said of [parties, [...parties, council], [council]]) {
        expect(await append(council, { type, id }, said), type).toBe(notYours);
      }
    }
  });

  test('nor does the recipient of a release that has not been sent', async () => {
    const { id, parties } = await oneOf('release', `state = 'prepared'`);
    expect(parties).toEqual([police]);
    expect(await append(commissioner, { type: 'release', id }, [police, commissioner])).toBe(notYours);
    expect(await append(police, { type: 'release', id }, [police, commissioner])).toBe(
      'ledger_append: the parties are not those of the act',
    );
  });

  test('nor anybody about something of a kind that does not exist, or by the wrong kind’s name', async () => {
    const { id, parties } = await oneOf('request');
    for (const type of ['people', 'person', 'decision', 'release', '']) {
      expect(await append(police, { type, id }, parties), type).toBe(notYours);
    }
  });
});
