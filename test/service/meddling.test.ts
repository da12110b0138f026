import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { newId } from '../../src/platform/pure/ids.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';
import { twoBodies } from '../support/two-bodies.ts';

// A body may write rows that it is a party to. So a row of its own could name another body beside it, or hang on a thing
// of others whose id it has learnt, and they would see it among their own. The tables themselves refuse that: see `links`
// in test/support/wall.ts.

type Row = { id: string; parties: string[] } & Record<string, unknown>;

const linksElsewhere = 'violates foreign key constraint';

let world: TestInstance;
let police: string;
let commissioner: string;
let council: string;

beforeAll(async () => {
  world = await anInstance('example');
  await twoBodies(world);
  const idOf = async (slug: string) => (await oneOf('organisations', `slug = '${slug}'`)).id;
  police = await idOf('westmarch-police');
  commissioner = await idOf('westmarch-opcc');
  council = await idOf('avonbury-council');
});
afterAll(() => world.close());

async function oneOf(table: string, where = 'true'): Promise<Row> {
  const query = `select to_jsonb(t) as row from ${table} t where ${where} limit 1`;
  const { rows } = await world.superuser.query<{ row: Row }>(query);
  if (!rows[0]) throw new Error(`The example has no such row in ${table}`);
  // What PostgreSQL makes itself is not for anybody to add.
  const { due: _, ...row } = rows[0].row;
  return row;
}

/** Adds a row for a body, as the role that serves people, and keeps nothing of it: `added`, or why not. */
async function adding(organisation: string, table: string, row: object): Promise<string> {
  const { database } = world.superuser;
  const client = new pg.Client({ ...inject('postgres'), database, user: 'chirograph_app' });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`select set_config('app.organisation_id', $1, true)`, [organisation]);
    const fields = Object.keys(row).join();
    const statement = `insert into ${table} (${fields}) select ${fields} from jsonb_populate_record(null::${table}, $1)`;
    return await client.query(statement, [row]).then(
      () => 'added',
      (error: Error) => error.message,
    );
  } finally {
    await client.end();
  }
}

describe('an outsider who has learnt the id of something between two others', () => {
  const everyWay = () => [[council], [council, police], [council, police, commissioner]];

  test('decides nothing on their request', async () => {
    const decision = { ...(await oneOf('decisions')), id: newId() };
    expect(await adding(police, 'decisions', decision)).toBe('added');
    for (const parties of everyWay()) {
      expect(await adding(council, 'decisions', { ...decision, parties })).toContain(linksElsewhere);
    }
  });

  test('signs nothing in the place of one of them, which would keep that one from signing', async () => {
    const draft = await oneOf('agreements', `state = 'draft'`);
    const signature = { ...(await oneOf('agreement_signatures')), agreement_id: draft.id };
    expect(await adding(police, 'agreement_signatures', signature)).toBe('added');
    for (const parties of everyWay()) {
      const forged = { ...signature, organisation_id: commissioner, parties };
      expect(await adding(council, 'agreement_signatures', forged)).toContain(linksElsewhere);
    }
  });

  test('answers their request with no release of its own', async () => {
    const sent = await oneOf('releases', `state = 'sent'`);
    const release = { ...sent, id: newId(), reference: 'REL-2026-9999' };
    expect(await adding(police, 'releases', release)).toBe('added');
    for (const to of [police, commissioner]) {
      const forged = { ...release, sender_id: council, recipient_id: to, parties: [council, to] };
      expect(await adding(council, 'releases', forged)).toContain(linksElsewhere);
    }
  });
});

test('a body that asks another draws no third into it, and so writes nothing into the third’s log', async () => {
  const asked = { holder_id: police, recipient_id: council, raised_by_organisation: council };
  const request = { ...(await oneOf('requests')), ...asked, id: newId(), reference: 'REQ-2026-9999' };
  expect(await adding(council, 'requests', { ...request, parties: [council, police] })).toBe('added');
  const three = { ...request, parties: [council, police, commissioner] };
  expect(await adding(council, 'requests', three)).toContain('violates check constraint');
});
