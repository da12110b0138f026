import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { signInToExample } from '../../src/organisations/index.ts';
import { instantOf } from '../../src/platform/pure/dates.ts';
import { anExample, done, type TestExample } from '../support/example.ts';
import { aService } from '../support/http.ts';
import { nowhere } from '../support/sign-in.ts';

// What a page costs must not grow with what lies behind it: counted in rows, links and statements, never in time.

let world: TestExample;
let service: Awaited<ReturnType<typeof aService>>;
let tom: string;
let amina: string;

const police = '019b0000-0000-7000-8000-000000000001';
const opcc = '019b0000-0000-7000-8000-000000000002';
const agreement = '019b0000-0000-7000-8000-000000000101';

beforeAll(async () => {
  world = await anExample();
  service = await aService(world.instance);
  tom = await sessionOf('Tom Reyes');
  amina = await sessionOf('Amina Yusuf');
  await addReleases('destroyed', 500);
  await addReleases('collected', 120);
  await addReleases('prepared', 60);
  await addRequests(120);
});
afterAll(async () => {
  await service.close();
  await world.close();
});

describe('a list of hundreds', () => {
  test('the first page has the start of each list, and leads to all of it', async () => {
    const page = await see('/releases', tom);
    expect(page).toContain('The first 10 of more than 100');
    expect(referencesIn(page)).toHaveLength(30);
    expect(page).toContain('href="/releases?list=closed"');
    expect(page).toContain('href="/releases?list=kept"');
  });

  test.each([
    ['/releases?list=closed', 500],
    ['/releases?list=kept', 120],
    ['/releases?list=approve', 60],
    ['/requests?list=ours', 180],
    ['/releases?list=closed&with=westmarch-opcc', 500],
    ['/releases?list=closed&with=avonbury-council', 0],
  ])('walking %s by its links visits each of %d rows once', async (start, rows) => {
    const { pages, seen } = await walk(start, tom);
    expect(pages).toBe(Math.max(1, Math.ceil(rows / 50)));
    expect(new Set(seen).size).toBe(rows);
    expect(seen).toHaveLength(rows);
  });

  test('what comes while somebody walks neither shows a row twice nor leaves one out', async () => {
    const before = new Set((await walk('/releases?list=closed', tom)).seen);
    const { seen } = await walk('/releases?list=closed', tom, () => addReleases('destroyed', 7));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((one) => before.has(one))).toHaveLength(before.size);
    const { seen: due } = await walk('/requests?list=ours', tom, () => addRequests(3));
    expect(new Set(due).size).toBe(due.length);
  });

  test('the order is the same each time, what waits for a decision by the day it is needed', async () => {
    const once = await walk('/requests?list=ours', tom);
    expect((await walk('/requests?list=ours', tom)).seen).toEqual(once.seen);
    const { rows } = await world.superuser.query<{ reference: string }>(
      `select reference from requests where state in ('waiting', 'agreed') order by needed_by nulls last, raised_at, id`,
    );
    expect(once.seen).toEqual(rows.map((row) => row.reference));
  });

  test('the other side sees its own half of it, and nothing that never left', async () => {
    expect((await walk('/releases?list=approve', amina)).seen).toEqual([]);
    expect((await walk('/requests?list=ours', amina)).seen).toEqual([]);
    expect(new Set((await walk('/releases?list=kept', amina)).seen).size).toBe(120);
  });

  test.each([
    ['/releases?list=closed&after=rubbish'],
    ['/releases?list=closed&after=2026-02-31T00:00:00.000Z~019b0000-0000-7000-8000-000000000001'],
    ["/releases?list=closed&after='%20or%201=1--~x"],
    ['/releases?list=closed&after=~'],
  ])('%s is no place in it: the list starts at its beginning', async (url) => {
    expect(referencesIn(await see(url, tom))).toEqual(referencesIn(await see('/releases?list=closed', tom)));
  });

  test('a list that there is not is the page of all lists', async () => {
    expect(await see('/releases?list=everything', tom)).toContain('The first 10 of more than 100');
  });

  test('a reference leads to the thing, a name to what is with that body, and rubbish says so', async () => {
    const [reference = ''] = referencesIn(await see('/releases?list=closed', tom));
    const found = await service.visit({
      method: 'GET',
      url: `/releases?find=${reference.toLowerCase()}`,
      session: tom,
    });
    expect([found.status, found.location]).toEqual([303, `/releases/${reference}`]);
    expect(await see('/releases?find=commissioner', tom)).toContain('href="/releases?with=westmarch-opcc"');
    expect(await see('/releases?find=%3Cb%3Enobody', tom)).toContain('“&lt;b&gt;nobody”');
  });
});

describe('what a page asks the database', () => {
  test.each([
    '/',
    '/requests',
    '/requests?list=ours',
    '/releases',
    '/releases?list=closed',
    '/agreements',
    '/ledger',
  ])('%s: as many statements with thousands of rows as with hundreds', async (url) => {
    const before = await statementsOf(url);
    await addReleases('destroyed', 400);
    await addReleases('collected', 200);
    await addRequests(400);
    expect(await statementsOf(url)).toBe(before);
  });

  test('Today is no longer for there being more to do', async () => {
    const page = await see('/', tom);
    expect(page).toContain('The 10 most urgent. The rest are under');
    expect(page).toContain('more than 100');
    expect(page.length).toBeLessThan(40_000);
  });
});

async function sessionOf(name: string): Promise<string> {
  const { person } = await world.personNamed(name);
  return done(
    await signInToExample(world.instance.database, person?.id ?? '', nowhere, instantOf(new Date())),
  ).token;
}

async function see(url: string, session: string): Promise<string> {
  const { status, body } = await service.visit({ method: 'GET', url, session });
  expect(status, url).toBe(200);
  return body;
}

/** The things a page lists, by their references, in its order. */
function referencesIn(page: string): string[] {
  return [...page.matchAll(/app-queue__title"><a [^>]*href="\/\w+\/([A-Z0-9-]+)"/g)].flatMap(
    ([, one]) => one ?? [],
  );
}

/** Follows the links to the next page, as the page and the `Link` header give them, to the end. */
async function walk(start: string, session: string, meanwhile = async () => {}) {
  const seen: string[] = [];
  let pages = 0;
  for (let url: string | null = start; url !== null; pages += 1) {
    const { status, body, next } = await service.visit({ method: 'GET', url, session });
    expect(status).toBe(200);
    seen.push(...referencesIn(body));
    const shown: string | undefined = /rel="next" href="([^"]+)"/.exec(body)?.[1];
    url = shown?.replaceAll('&amp;', '&') ?? null;
    expect(next).toBe(url);
    await meanwhile();
  }
  return { pages, seen };
}

/** How many statements PostgreSQL is sent to answer one visit. */
async function statementsOf(url: string): Promise<number> {
  const sent = vi.spyOn(pg.Client.prototype, 'query');
  await see(url, tom);
  const { length } = sent.mock.calls;
  sent.mockRestore();
  return length;
}

async function addRequests(count: number): Promise<void> {
  await world.superuser.query(
    `insert into requests (id, reference, agreement_id, holder_id, recipient_id, data_set, purpose, need, needed_by, state,
       raised_by_organisation, raised_at, parties)
     select uuidv7(), 'REQ-TEST-' || nextval('request_numbers'), $1::uuid, $2::uuid, $3::uuid, 'stop-and-search', 'complaint-reviews', 'A test.',
       case when n % 3 > 0 then date '2026-12-01' + n % 17 end, 'waiting', $3::uuid,
       date_trunc('milliseconds', now()) - n % 5 * interval '1 hour', array[$2::uuid, $3::uuid]
     from generate_series(1, $4::int) n`,
    [agreement, police, opcc, count],
  );
}

/** Releases of requests of their own: many at one moment, and many with the same last day or none. */
async function addReleases(state: 'destroyed' | 'collected' | 'prepared', count: number): Promise<void> {
  const left = state !== 'prepared';
  await world.superuser.query(
    `with asked as (
       insert into requests (id, reference, agreement_id, holder_id, recipient_id, data_set, purpose, need, state,
         raised_by_organisation, raised_at, parties)
       select uuidv7(), 'REQ-TEST-' || nextval('request_numbers'), $1::uuid, $2::uuid, $3::uuid, 'stop-and-search', 'complaint-reviews', 'A test.',
         $4::text, $3::uuid, date_trunc('milliseconds', now()), array[$2::uuid, $3::uuid]
       from generate_series(1, $5::int) n returning id),
     numbered as (select id, row_number() over ()::int as n, date_trunc('milliseconds', now()) as at from asked)
     insert into releases (id, reference, request_id, agreement_id, sender_id, recipient_id, data_set, purpose, state, rulebook,
       facts_hash, prepared_at, manifest, sent_at, collected_at, destroyed_at, destruction_method, keep_until, parties)
     select uuidv7(), 'REL-TEST-' || nextval('release_numbers'), id, $1::uuid, $2::uuid, $3::uuid, 'stop-and-search', 'complaint-reviews', $6::text, '', '',
       at - n % 5 * interval '1 hour', case when $7::boolean then '\\x00'::bytea end, case when $7::boolean then at end, case when $7::boolean then at end,
       case when $6::text = 'destroyed' then at end, case when $6::text = 'destroyed' then 'Deleted' end,
       case when n % 4 > 0 then date '2027-01-01' + n % 13 end,
       case when $7::boolean then array[$2::uuid, $3::uuid] else array[$2::uuid] end
     from numbered`,
    [agreement, police, opcc, left ? 'answered' : 'agreed', count, state, left],
  );
}
