import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anInstance, type TestInstance } from '../support/instance.ts';
import { faultsOf } from '../support/wall.ts';

let world: TestInstance;

beforeAll(async () => {
  world = await anInstance('example');
});
afterAll(() => world.close());

describe('the wall, as the catalogues show it', () => {
  test('is whole: every table, policy, grant, function and role is as test/support/wall.ts lists it', async () => {
    expect(await faultsOf(world.superuser)).toEqual([]);
  });

  const gap = `alter table gap owner to chirograph_owner`;
  const everyBreach: [string, string, string][] = [
    [
      'a table without a policy',
      `create table gap (parties uuid[]); ${gap}`,
      'gap has no row-level security',
    ],
    [
      'a table that does not hold its owner',
      `create table gap (parties uuid[]); ${gap}; alter table gap enable row level security`,
      'gap does not force it on its owner',
    ],
    [
      'a table with rows for nobody',
      `create table gap (parties uuid[]); ${gap}; call isolate('gap'); drop policy parties on gap`,
      'gap for chirograph_app: no policy',
    ],
    [
      'a policy of another shape',
      'alter policy parties on people using (true)',
      'people for chirograph_app: parties permits * using true check (parties @> ARRAY[me()])',
    ],
    [
      'a second policy',
      'create policy wider on people to chirograph_app using (true)',
      'people for chirograph_app: parties permits * using (parties @> ARRAY[me()]) check (parties @> ARRAY[me()]); wider permits * using true check ',
    ],
    [
      'a policy for everybody',
      'create policy wider on people for select using (true)',
      'policy of the worker not listed: people wider',
    ],
    [
      'a policy that reads another table',
      'create policy asks on decisions to chirograph_owner using (exists (select from requests where id = request_id))',
      'policy asks of decisions reads table requests',
    ],
    [
      'a policy by a function',
      `create policy calls on decisions to chirograph_owner using (needs_setup())`,
      'policy calls of decisions reads function needs_setup()',
    ],
    [
      'a function that runs for its owner',
      `create function everyone() returns setof people language sql security definer as 'select * from people'`,
      'crossing not listed: everyone()',
    ],
    [
      'one without a fixed search_path',
      'alter function needs_setup() reset search_path',
      'needs_setup() runs for its owner without a fixed search_path',
    ],
    ['a function of another owner', 'alter function me() owner to postgres', 'me() belongs to postgres'],
    [
      'a function for everybody',
      'grant execute on function act_parties(text, uuid) to public',
      'grant not listed: PUBLIC: execute on act_parties(text,uuid)',
    ],
    [
      'a wider grant',
      'grant delete on releases to chirograph_app',
      'grant not listed: chirograph_app: delete, insert, select, update on releases',
    ],
    [
      'a grant of one column',
      'grant update (entry) on ledger_entries to chirograph_worker',
      'grant not listed: chirograph_worker: update on ledger_entries (entry)',
    ],
    [
      'a grant that is gone',
      'revoke select on people from chirograph_app',
      'grant missing: chirograph_app: insert, select, update on people',
    ],
    [
      'a view, which would run for its owner',
      'create view gap as select * from people',
      'gap is neither a table nor a sequence',
    ],
    [
      'a link to what others have by its id alone',
      'alter table ledger_salts add foreign key (person_id) references people',
      'link not listed: ledger_salts (person_id) to people',
    ],
    ['a schema of its own', 'create schema gap', 'schema gap is not ours'],
    [
      'a role that row-level security does not hold',
      'alter role chirograph_app bypassrls',
      'chirograph_app is more than an ordinary role',
    ],
    [
      'a role that may be the owner',
      'grant chirograph_owner to chirograph_worker',
      'chirograph_worker is a member of chirograph_owner',
    ],
    [
      'a role that can create',
      'grant create on schema public to chirograph_app',
      'chirograph_app can create tables',
    ],
  ];
  test.each(everyBreach)('would not be with %s', async (_, breach, fault) => {
    await world.superuser.query(`begin; ${breach}`);
    const faults = await faultsOf(world.superuser);
    await world.superuser.query('rollback');
    expect(faults).toContain(fault);
  });
});
