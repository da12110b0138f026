import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Agreement, parseAgreement } from '../../src/agreements/index.ts';
import { integratePending } from '../../src/ledger/index.ts';
import { signInToExample } from '../../src/organisations/index.ts';
import { canonicalJson, type Json } from '../../src/platform/pure/canonical-json.ts';
import { instantOf } from '../../src/platform/pure/dates.ts';
import {
  acknowledgeRelease,
  approveRelease,
  destroyRelease,
  prepareRelease,
} from '../../src/releases/index.ts';
import { decideRequest, makeRequest } from '../../src/requests/index.ts';
import { anExample, aWorkingDay, done, files, rulebook, type TestExample } from '../support/example.ts';
import { aService } from '../support/http.ts';
import { nowhere } from '../support/sign-in.ts';

// Words that people write are shown to other people. Every free text of an agreement and of a whole thread holds markup, a
// template's order and a line that looks like a header, and every page that shows them shows them as words.

const words = `"><script>alert(1)</script>'<img src=x onerror=alert(2)>{{ 7919 * 7919 }}{% raise %}\${7919*7919}`;
const marks = ['<script>alert(1)', '<img src=x', '62710561'];

let example: TestExample;
let service: Awaited<ReturnType<typeof aService>>;
let agreement: Agreement;
let changed = 0;

/** Puts the words in every place of a document that takes them: where the document is still an agreement afterwards. */
function withWords(document: Agreement): Agreement {
  const copy = structuredClone(document) as unknown as Record<string, Json>;
  const visit = (value: Record<string, Json> | Json[]) => {
    for (const [key, held] of Object.entries(value)) {
      if (held !== null && typeof held === 'object') visit(held);
      if (typeof held !== 'string') continue;
      const place = value as Record<string, Json>;
      place[key] = words;
      const read = parseAgreement(canonicalJson(copy));
      // Names of things are left as they are: the rules would refuse the rest of the thread.
      if (read.ok && !['law', 'section', 'name'].includes(key)) changed += 1;
      else place[key] = held;
    }
  };
  visit(copy);
  return copy as unknown as Agreement;
}

beforeAll(async () => {
  example = await anExample();
  service = await aService(example.instance);
  agreement = await example.agree(withWords);
}, 120_000);
afterAll(async () => {
  await service?.close();
  await example?.close();
});

test('most of an agreement is words that anybody could have written', () => {
  expect(changed).toBeGreaterThan(60);
});

test('every page shows them as words', { timeout: 120_000 }, async () => {
  const { instance } = example;
  const { database } = instance;
  const [amina, tom, dan] = await Promise.all(
    ['Amina Yusuf', 'Tom Reyes', 'Dan Okafor'].map((name) => example.personNamed(name)),
  );
  if (!amina || !tom || !dan) throw new Error('The example has no people');
  const now = aWorkingDay;
  const share = agreement.terms.shares.find((one) => !one.standingApproval) ?? agreement.terms.shares[0];
  if (!share) throw new Error('The agreement shares nothing');
  const given = {
    agreement: agreement.reference,
    dataSet: share.dataSet,
    purpose: share.purpose,
    need: words,
    neededBy: '',
  };
  const asked = done(await makeRequest(database, amina, given, null, now));
  const refused = done(await makeRequest(database, amina, given, null, now));
  done(
    await decideRequest(
      database,
      rulebook,
      tom,
      refused.reference,
      { decision: 'refuse', reasons: words },
      null,
      now,
    ),
  );
  done(
    await decideRequest(
      database,
      rulebook,
      tom,
      asked.reference,
      { decision: 'share', reasons: words },
      null,
      now,
    ),
  );
  const prepared = done(
    await prepareRelease(instance, rulebook, dan, asked.reference, files.stopAndSearch, null, now),
  );
  await integratePending(instance);
  const seen = await look([prepared.reference, asked.reference, refused.reference]);
  done(await approveRelease(instance, rulebook, tom, prepared.reference, null, now));
  await integratePending(instance);
  done(await acknowledgeRelease(instance, amina, prepared.reference, null, now));
  done(await destroyRelease(instance, amina, prepared.reference, words, null, now));
  await integratePending(instance);
  const after = await look([prepared.reference]);
  // They are there, as words: a test that looks at empty pages shows nothing.
  expect(seen + after).toBeGreaterThan(20);
});

/** Opens every page about these, as everybody; how often the words were shown. */
async function look(references: string[]): Promise<number> {
  let shown = 0;
  const pages = [
    '/',
    '/agreements',
    '/requests',
    '/releases',
    '/ledger',
    '/register',
    '/register.json',
    '/requests/new',
  ];
  const ofThese = references.flatMap((reference) =>
    reference.startsWith('REL')
      ? [`/releases/${reference}`, `/releases/${reference}/destroy`]
      : [
          `/requests/${reference}`,
          `/requests/${reference}/decision?decision=share`,
          `/requests/${reference}/prepare`,
        ],
  );
  const urls = [...pages, `/agreements/${agreement.reference}`, ...ofThese];
  const today = instantOf(new Date()); // the service that is visited has the real clock
  for (const name of ['Amina Yusuf', 'Tom Reyes', 'Dan Okafor', 'Helen Marsh']) {
    const caller = await example.personNamed(name);
    const session = done(
      await signInToExample(example.instance.database, caller.person?.id ?? '', nowhere, today),
    ).token;
    for (const url of urls) {
      const { status, body } = await service.visit({ method: 'GET', url, session });
      expect(status, url).toBeLessThan(500);
      for (const mark of url.endsWith('.json') ? ['62710561'] : marks) {
        expect(body.includes(mark), `${url} as ${name} gives ${mark} back`).toBe(false);
      }
      if (body.includes('&lt;script&gt;alert(1)')) shown += 1;
    }
  }
  return shown;
}
