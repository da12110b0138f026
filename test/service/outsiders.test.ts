import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answered, aService, type Visit } from '../support/http.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';
import { type Cover, covers, dataFiles, type Kind } from '../support/routes.ts';
import { type Sessions, twoBodies } from '../support/two-bodies.ts';

// Every route (test/support/routes.ts says whose each is), with every object that the police have, tried by everybody who has
// no business with it.

/** Something that the police are a party to, and what its address may hold. */
type Thing = { id: string; reference: string; keys: string[]; shared: boolean };

let world: TestInstance;
let sessions: Sessions;
let service: Awaited<ReturnType<typeof aService>>;
let things: Record<Kind, Thing[]>;

beforeAll(async () => {
  world = await anInstance('example');
  sessions = await twoBodies(world);
  service = await aService(world.instance);
  things = await everything();
});
afterAll(async () => {
  await service?.close();
  await world?.close();
});

test('every route of the service is in the table, and nothing else is', () => {
  const routes = service.routes.map((route) => `${route.method} ${route.path}`);
  expect(routes.sort()).toEqual(Object.keys(covers).sort());
});

test('what the table says is anybody’s, and nothing else, is open to those who have not signed in', () => {
  const open = service.routes.filter((route) => route.who !== 'signed-in' && route.path !== '/');
  const said = Object.keys(covers).filter((key) => 'anybody' in (covers[key] ?? {}));
  expect(open.map((route) => `${route.method} ${route.path}`).sort()).toEqual(said.sort());
});

test('the world has something of every kind, in every state that the routes are about', async () => {
  const { rows } = await world.superuser.query<{ kind: string; states: string[] }>(`
    select 'request' as kind, array_agg(distinct state order by state) as states from requests
    union all select 'release', array_agg(distinct state order by state) from releases
    union all select 'agreement', array_agg(distinct state order by state) from agreements`);
  expect(Object.fromEntries(rows.map((row) => [row.kind, row.states]))).toEqual({
    agreement: ['draft', 'signed'],
    release: ['collected', 'prepared', 'sent'],
    request: ['agreed', 'answered', 'refused', 'waiting'],
  });
  expect(things.act.some((act) => act.shared) && things.act.some((act) => !act.shared)).toBe(true);
});

// The routes are known before there is a database: only their handlers need one.
describe.each(Object.entries(covers).filter(([, cover]) => !('anybody' in cover)))('%s', (route, cover) => {
  const [method, path] = route.split(' ') as [Visit['method'], string];

  test.each([null, 'an ended session', 'an erased person', 'a used link', 'a link'] as const)(
    'is refused to %s',
    async (who) => {
      await unchanged(async () => {
        for (const visit of visits(method, path, cover)) {
          const answer = await service.visit({ ...visit, session: who === null ? null : sessions[who] });
          if (method === 'GET') {
            expect([answer.status, answer.location?.split('?')[0]], visit.url).toEqual([303, '/sign-in']);
          } else {
            expect(answer.status, visit.url).toBe(403);
          }
          expect(secretsIn(answer)).toEqual([]);
        }
      });
    },
  );

  if (!('inside' in cover) && !('themselves' in cover))
    test('shows a third body nothing of it', async () => {
      await unchanged(async () => {
        for (const visit of visits(method, path, cover)) {
          const answer = await service.visit({ ...visit, session: sessions['a third body'] });
          expect(answer.status, visit.url).toBe('own' in cover ? 200 : 404);
          expect(secretsIn(answer, visit), visit.url).toEqual([]);
        }
      });
    });

  test('shows the other party nothing that is not shared with it', async () => {
    const session = sessions['the commissioner'];
    await unchanged(async () => {
      if ('own' in cover) {
        const answer = await service.visit({ method, url: path, session });
        expect(secretsIn(answer).filter((secret) => unshared().includes(secret))).toEqual([]);
      }
      if ('of' in cover) {
        for (const thing of things[cover.of].filter((one) => !one.shared)) {
          for (const visit of visitsOf(method, path, cover, thing)) {
            const answer = await service.visit({ ...visit, session });
            expect(answer.status, visit.url).toBe(404);
          }
        }
      }
    });
  });

  if ('of' in cover && cover.side)
    test('is refused to the side that it is not for', async () => {
      const session =
        sessions['side' in cover && cover.side === 'the police' ? 'the commissioner' : 'the police'];
      await unchanged(async () => {
        for (const visit of visits(method, path, cover)) {
          expect((await service.visit({ ...visit, session })).status, visit.url).toBe(404);
        }
      });
    });

  if ('roles' in cover)
    test.each(['without the role', 'a delegation that is over', 'a delegation that has not begun'] as const)(
      'is refused to a colleague with the wrong role: %s',
      async (why) => {
        const theirs = 'side' in cover && cover.side === 'the police' ? 'the police' : 'the commissioner';
        if (why !== 'without the role' && theirs !== 'the police') return;
        const session = sessions[why === 'without the role' ? (`${theirs} without the role` as const) : why];
        await unchanged(async () => {
          for (const visit of visits(method, path, cover)) {
            const answer = await service.visit({ ...visit, session });
            // What is over is over for everybody (409), and what is not shared is not there (404).
            expect([403, 404, 409], `${visit.url} answered ${answer.status}`).toContain(answer.status);
          }
        });
      },
    );

  if (method === 'GET' && 'of' in cover && !('roles' in cover))
    test('is open to the police', async () => {
      const answers = [];
      for (const visit of visits(method, path, cover))
        answers.push((await service.visit({ ...visit, session: sessions['the police'] })).status);
      expect(answers).toContain(200);
    });
});

test('a colleague without the role cannot take the data of a release', async () => {
  const releases = things.release.filter((one) => one.shared);
  for (const who of ['the police without the role', 'the commissioner without the role'] as const) {
    for (const url of releases.flatMap((one) =>
      dataFiles.map((name) => `/releases/${one.reference}/files/${name}`),
    )) {
      expect([403, 404], url).toContain(
        (await service.visit({ method: 'GET', url, session: sessions[who] })).status,
      );
    }
  }
});

test('without the form’s token nothing is done, whoever asks', async () => {
  await unchanged(async () => {
    for (const [route, cover] of Object.entries(covers)) {
      const [method, path] = route.split(' ') as [Visit['method'], string];
      if (method !== 'POST' || path === '/setup') continue;
      for (const visit of visits(method, path, cover)) {
        const forged = { ...visit, form: { ...visit.form, _csrf: 'forged' } };
        const answer = await service.visit({ ...forged, session: sessions['the police'] });
        expect(answer.status, visit.url).toBe(403);
      }
    }
  });
});

/** The visits that try a route: one for each thing that it could be about. */
function visits(method: Visit['method'], path: string, cover: Cover): Omit<Visit, 'session'>[] {
  if (!('of' in cover)) return [{ method, url: path, ...('sent' in cover ? cover.sent : {}) }];
  return things[cover.of].flatMap((thing) => visitsOf(method, path, cover, thing));
}

function visitsOf(
  method: Visit['method'],
  path: string,
  cover: Extract<Cover, { of: Kind }>,
  thing: Thing,
): Omit<Visit, 'session'>[] {
  return thing.keys.flatMap((key) =>
    (cover.names ?? ['']).map((name) => ({
      method,
      url: path.replace(/:(id|reference|act)/, key).replace(':name', name),
      ...cover.sent,
    })),
  );
}

/** Everything the police are a party to, from behind the walls. */
async function everything(): Promise<Record<Kind, Thing[]>> {
  const read = async (statement: string, keys: (row: { id: string; reference: string }) => string[]) => {
    const { rows } = await world.superuser.query<{ id: string; reference: string; shared: boolean }>(
      statement,
    );
    return rows.map((row) => ({ ...row, keys: keys(row) }));
  };
  const both = ({ id, reference }: { id: string; reference: string }) => [id, reference];
  return {
    agreement: await read(
      `select id, reference, true as shared from agreements
       where parties @> array[(select id from organisations where slug = 'westmarch-police')]`,
      ({ reference }) => [reference],
    ),
    delegation: await read(
      `select id, id::text as reference, false as shared from delegations where until_day > current_date
         and from_day <= current_date`,
      ({ id }) => [id],
    ),
    request: await read('select id, reference, true as shared from requests', both),
    release: await read('select id, reference, cardinality(parties) = 2 as shared from releases', both),
    run: await read('select id, id::text as reference, false as shared from runs', ({ id }) => [id]),
    person: await read(
      `select id, id::text as reference, false as shared from people
       where erased_at is null and organisation_id = (select id from organisations where slug = 'westmarch-police')`,
      ({ id }) => [id],
    ),
    act: await read(
      `select act_id as id, act_id::text as reference, entry::json -> 'parties' ->> 1 is not null as shared
       from ledger_entries where organisation_id = (select id from organisations where slug = 'westmarch-police')`,
      ({ id }) => [id],
    ),
  };
}

function unshared(): string[] {
  return Object.values(things).flatMap((list) =>
    list.filter((one) => !one.shared).map((one) => one.reference),
  );
}

/** The ids and references that an answer gives away, but for those that it was asked with. */
function secretsIn({ body, location }: Answered, asked?: Pick<Visit, 'url' | 'form'>): string[] {
  const known = `${asked?.url ?? ''} ${Object.values(asked?.form ?? {}).join(' ')}`;
  const said = `${body} ${location?.startsWith('/sign-in') ? '' : (location ?? '')}`;
  const secrets = Object.values(things).flatMap((list) =>
    list.flatMap(({ id, reference }) => [id, reference]),
  );
  return [...new Set(secrets)].filter((secret) => said.includes(secret) && !known.includes(secret));
}

/**
 * Runs something and expects that no row of any table, no ledger and no file is other than before; but for when a session
 * was last used, and so ends: that a visit moves it is what it is for.
 */
async function unchanged(work: () => Promise<void>): Promise<void> {
  const before = await state();
  await work();
  expect(await state()).toEqual(before);
}

async function state(): Promise<Record<string, string>> {
  const { rows: tables } = await world.superuser.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' order by tablename`,
  );
  const sums: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } = await world.superuser.query<{ sum: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(r::text, '|' order by r::text)), '') as sum
         from (select to_jsonb(t) - array['seen_at', 'ends_at'] as r from "${name}" t) rows`,
    );
    sums[name] = rows[0]?.sum ?? '';
  }
  const { staging, packages } = world.instance.folders;
  for (const folder of [staging, packages])
    sums[folder] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort().join(' ');
  return sums;
}
