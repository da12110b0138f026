import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { composeRoutes, templateFolders } from '../../src/main/compose.ts';
import { visitorsOf } from '../../src/organisations/index.ts';
import { formToken } from '../../src/platform/http/csrf.ts';
import { createHttp, type LogLine, type Route } from '../../src/platform/http/index.ts';
import { loadRulebook, shippedRules } from '../../src/rulebook/index.ts';
import { setting } from '../support/http.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';
import { type Sessions, twoBodies } from '../support/two-bodies.ts';

// Everything that a browser can send, sent to every route by somebody who is signed in and holds every role: the answer is
// a page or a refusal, never a fault; what was sent never comes back as markup, as a header, or in the log.

const naughty: string[] = JSON.parse(
  readFileSync(new URL('../vectors/naughty-strings/blns.json', import.meta.url), 'utf8'),
);

/** What a template engine, a shell, a database, a header and a browser would each take for an order. */
const orders = [
  '{{ 7919 * 7919 }}',
  '{% for i in range(9) %}{{ i }}{% endfor %}',
  '{{ range.constructor("return process.env")() }}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what an attacker sends
  '${7919 * 7919}',
  "'; drop table releases; --",
  "' or '1'='1",
  '$(touch /tmp/chirograph-was-here)',
  'x\r\nSet-Cookie: __Host-chirograph=stolen',
  'x\r\n\r\n<h1>split</h1>',
  '"><script>alert(1)</script>',
  '../../../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '\u0000',
  'ISA-2026-001\u0000',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '\u202egnp.exe',
  '\ud800',
  'a'.repeat(5000),
  '٣٢١',
  '-1',
  '9'.repeat(400),
  '1e309',
  'NaN',
  '//evil.example/',
  'https://evil.example/',
  '/\\evil.example/',
  'javascript:alert(1)',
];

/** Every order, and a third of the naughty strings: each is tried on a third of the routes. */
function stringsFor(path: string): string[] {
  const at = routes.findIndex((route) => route.path === path) % 3;
  return [...orders, ...naughty.filter((one, index) => one !== '' && index % 3 === at)];
}

/** Names that our forms use, so that every string reaches every field there is. */
const fields = [
  'offer',
  'purpose',
  'need',
  'neededBy-day',
  'neededBy-month',
  'neededBy-year',
  'decision',
  'reasons',
  'do',
  'method',
  'certain',
  'person',
  'next',
  'email',
  'password',
  'code',
  'organisation',
  'slug',
  'name',
  '_key',
];

let world: TestInstance;
let sessions: Sessions;
let app: Awaited<ReturnType<typeof createHttp>>;
const log: LogLine[] = [];
let visits = 0;

const routes: Route[] = await (async () => {
  // The patterns are known before there is a database: only handlers need one.
  const nowhere = { mode: 'example' } as TestInstance['instance'];
  return composeRoutes(nowhere, loadRulebook(shippedRules), setting);
})();

beforeAll(async () => {
  world = await anInstance('example');
  sessions = await twoBodies(world);
  app = await createHttp({
    routes: composeRoutes(world.instance, loadRulebook(shippedRules), setting),
    templates: templateFolders,
    ...visitorsOf(world.instance),
    proxies: [],
    banner: null,
    log: (line) => log.push(line),
  });
}, 120_000);
afterAll(async () => {
  await app?.close();
  await world?.close();
});

type Sent = { payload?: string; headers?: Record<string, string>; session?: string | null };

async function visit(method: 'GET' | 'POST', url: string, sent: Sent = {}) {
  const session = sent.session === undefined ? sessions['the police'] : sent.session;
  visits += 1;
  return app.inject({
    method,
    url,
    // As many visitors, so that nobody is turned away for asking too often.
    remoteAddress: `127.0.${(visits >> 16) & 255}.${(visits >> 8) & 255}`,
    ...(session !== null && { cookies: { '__Host-chirograph': session } }),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...sent.headers },
    ...(sent.payload !== undefined && { payload: sent.payload }),
  });
}

type Answer = Awaited<ReturnType<typeof visit>>;

/** No fault, no header of the sender's making, no address elsewhere, nothing of what was sent as markup. */
function holds(answer: Answer, sent: string, where: string): void {
  expect(answer.statusCode, where).toBeLessThan(500);
  const { location } = answer.headers;
  if (location !== undefined) expect(String(location), where).toMatch(/^\/(?![/\\])[\x20-\x7e]*$/);
  for (const value of [answer.headers['set-cookie'] ?? []].flat()) {
    expect(value, where).not.toContain('stolen');
    expect(value, where).toMatch(/^__Host-chirograph/);
  }
  expect(answer.body, where).not.toContain('62710561'); // 7919 squared
  if (
    /[<>]/.test(sent) &&
    sent.length > 3 &&
    answer.headers['content-type']?.toString().startsWith('text/html')
  ) {
    expect(answer.body.includes(sent), `${where} gives markup back`).toBe(false);
  }
}

const gets = routes.filter((route) => route.method === 'GET');
const halfway = new Set(routes.filter((route) => route.who === 'signing-in').map((route) => route.path));
const posts = routes.filter((route) => route.method === 'POST' && route.upload === undefined);

describe('what is in the address', () => {
  test.each(gets.filter((route) => route.path.includes(':')).map((route) => [route.path]))(
    'GET %s takes any name and answers without a fault',
    { timeout: 240_000 },
    async (path) => {
      for (const string of stringsFor(path)) {
        const name = encodeURIComponent(string.toWellFormed());
        const url = path.replace(/:[a-z]+/g, name);
        holds(await visit('GET', url), string, `${path} with ${JSON.stringify(string.slice(0, 60))}`);
      }
      for (const raw of ['%', '%zz', '%c0%ae%c0%ae/', '..;/', '%2e%2e/%2e%2e/', '\\..\\..', 'a%0d%0ab']) {
        holds(await visit('GET', path.replace(/:[a-z]+/g, raw)), raw, `${path} with ${raw}`);
      }
    },
  );

  test.each(gets.map((route) => [route.path]))(
    'GET %s takes any question and answers without a fault',
    { timeout: 240_000 },
    async (path) => {
      const url = path.replace(/:[a-z]+/g, 'ISA-2026-001');
      for (const string of orders) {
        const value = encodeURIComponent(string.toWellFormed());
        for (const name of ['next', 'before', 'decision', 'state', 'after', value]) {
          const answer = await visit('GET', `${url}?${name}=${value}&${name}=${value}`);
          holds(answer, string, `${path}?${name}=${JSON.stringify(string.slice(0, 60))}`);
        }
      }
    },
  );
});

describe('what is in a form', () => {
  test.each(posts.map((route) => [route.path]))(
    'POST %s takes anything in its fields and answers without a fault',
    { timeout: 240_000 },
    async (path) => {
      if (path === '/sign-out') return; // takes nothing, and would end the session that the rest needs
      const url = path.replace(/:[a-z]+/g, 'no-such-thing');
      const _csrf = formToken(sessions['the police']);
      for (const string of stringsFor(path)) {
        const value = string.toWellFormed();
        const form = new URLSearchParams([
          ['_csrf', _csrf],
          ...fields.map((name): [string, string] => [name, value]),
        ]);
        const answer = await visit('POST', url, { payload: form.toString() });
        const where = `${path} with ${JSON.stringify(string.slice(0, 60))}`;
        holds(answer, value, where);
        // It came through the gate, and the answer is about what was sent; half a sign-in has gates of its own.
        if (!halfway.has(path)) expect(answer.statusCode, where).not.toBe(403);
      }
    },
  );

  test.each(posts.map((route) => [route.path]))('POST %s takes odd forms without a fault', async (path) => {
    const url = path.replace(/:[a-z]+/g, 'no-such-thing');
    const _csrf = encodeURIComponent(formToken(sessions['the commissioner without the role']));
    const session = sessions['the commissioner without the role'];
    const odd = [
      '',
      '&&&===',
      `_csrf=${_csrf}&_csrf=${_csrf}`,
      `_csrf=${_csrf}&need=1&need=2&need=3`,
      `_csrf=${_csrf}&__proto__=1&constructor=1&toString=1`,
      `_csrf=${_csrf}&__proto__[admin]=1&need[0]=a&need[]=b`,
      `_csrf=${_csrf}&need=%`,
      `_csrf=${_csrf}&need=%ff%fe`,
      `_csrf=${_csrf}&${'a=1&'.repeat(20_000)}`,
      `_csrf=${_csrf}&need=${'b'.repeat(3_000_000)}`,
    ];
    if (path === '/sign-out') return;
    for (const payload of odd) {
      const answer = await visit('POST', url, { payload, session });
      expect(answer.statusCode, `${path} ${payload.slice(0, 60)}`).toBeLessThan(500);
      expect(answer.statusCode, `${path} ${payload.slice(0, 60)}`).toBeGreaterThanOrEqual(200);
    }
  });

  test.each(posts.map((route) => [route.path]))('POST %s takes no other kind of body', async (path) => {
    const url = path.replace(/:[a-z]+/g, 'no-such-thing');
    const _csrf = formToken(sessions['the police']);
    for (const [type, payload] of [
      ['application/json', JSON.stringify({ _csrf })],
      ['text/plain', `_csrf=${_csrf}`],
      ['application/xml', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
      [
        'multipart/form-data; boundary=x',
        `--x\r\ncontent-disposition: form-data; name="_csrf"\r\n\r\n${_csrf}\r\n--x--`,
      ],
      ['', `_csrf=${_csrf}`],
    ] as const) {
      const answer = await visit('POST', url, { payload, headers: { 'content-type': type } });
      expect([400, 403, 415], `${path} ${type} answered ${answer.statusCode}`).toContain(answer.statusCode);
      expect(answer.body).not.toContain('root:');
    }
  });
});

describe('a form from elsewhere', () => {
  const all = routes.filter((route) => route.method === 'POST');

  test.each(all.map((route) => [route.path]))('POST %s is refused', async (path) => {
    const url = path.replace(/:[a-z]+/g, 'no-such-thing');
    const session = sessions['the police'];
    const right = new URLSearchParams({ _csrf: formToken(session) }).toString();
    const others = new URLSearchParams({ _csrf: formToken(sessions['the commissioner']) }).toString();
    const attempts: [string, Sent][] = [
      ['with no token', { payload: '' }],
      ['with a token of somebody else', { payload: others }],
      ['with a made-up token', { payload: '_csrf=AAAA.BBBB' }],
      ['with a token twice', { payload: `${right}&${right}` }],
      ['from another site', { payload: right, headers: { 'sec-fetch-site': 'cross-site' } }],
      ['from another host of the site', { payload: right, headers: { 'sec-fetch-site': 'same-site' } }],
      ['from another origin', { payload: right, headers: { origin: 'https://evil.example' } }],
      ['from a sandbox', { payload: right, headers: { origin: 'null' } }],
    ];
    for (const [how, sent] of attempts) {
      const answer = await visit('POST', url, sent);
      // A route that takes a file takes no other kind of form.
      expect([403, 415], `${path} ${how} answered ${answer.statusCode}`).toContain(answer.statusCode);
    }
  });
});

describe('headers', () => {
  test.each(gets.filter((route) => !route.path.includes(':')).map((route) => [route.path]))(
    'GET %s takes any header without a fault',
    async (path) => {
      for (const value of orders.map((one) => one.replace(/[^\x20-\x7e]/g, '?').slice(0, 1000))) {
        const headers = {
          host: value.replace(/[^a-z0-9.:-]/gi, '') || 'h',
          'x-forwarded-host': value,
          'x-forwarded-proto': value,
          'x-forwarded-for': value,
          'idempotency-key': value,
          'user-agent': value,
          'accept-language': value,
          accept: value,
          referer: value,
          'if-none-match': value,
          range: value,
        };
        const answer = await visit('GET', path, { headers });
        holds(answer, value, `${path} with headers ${value.slice(0, 60)}`);
        expect(answer.body, path).not.toContain('evil.example');
      }
    },
  );

  test('a cookie that is not ours is nobody', async () => {
    for (const value of orders.map((one) => encodeURIComponent(one.toWellFormed()))) {
      const cookie = `__Host-chirograph=${value}; __Host-chirograph-form=${value}; __Host-chirograph-notice=${value}`;
      const answer = await app.inject({ url: '/', headers: { cookie: cookie.slice(0, 8000) } });
      expect(answer.statusCode).toBe(303);
      expect(answer.headers.location).toMatch(/^\/sign-in/);
    }
  });
});

test('the log has the pattern of each address and nothing of what was sent', () => {
  expect(log.length).toBeGreaterThan(1000);
  const patterns = new Set([...routes.map((route) => route.path), '(none)', '/healthz']);
  const odd = log.filter((line) => !patterns.has(line.route) && !line.route.startsWith('/assets/'));
  expect(odd).toEqual([]);
  for (const line of log) {
    expect(line.fault, JSON.stringify(line)).toBeUndefined();
    expect(JSON.stringify(line)).toMatch(/^[\x20-\x7e]{1,400}$/);
  }
});
