import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aServer, nasty, signedIn, token } from './a-server.fixture.ts';
import { localOr, staticRoutes } from './index.ts';

type Server = Awaited<ReturnType<typeof aServer>>;
let { http, log, hiddenFields, post } = {} as Server;

beforeAll(async () => {
  ({ http, log, hiddenFields, post } = await aServer());
}, 60_000); // the first run makes the stylesheet

afterAll(() => http.close());

describe('what every answer says to the browser', () => {
  test.each(['/help', '/inside', '/broken', '/nowhere', '/healthz', '/%E0%A4%A'])('%s', async (url) => {
    const { headers } = await http.inject({ url, headers: signedIn });
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'self'; script-src 'self' 'nonce-[^']*'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    expect(headers['permissions-policy']).toContain('geolocation=()');
  });

  test('only the page of a route that fetches may ask the service for more', async () => {
    const { headers } = await http.inject({ url: '/watching', headers: signedIn });
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; .*; frame-ancestors 'none'; connect-src 'self'$/,
    );
  });

  test('the nonce is new each time, and the page’s only inline script has it', async () => {
    const [one, two] = await Promise.all([http.inject('/help'), http.inject('/help')]);
    const nonce = /'nonce-([^']+)'/.exec(String(one.headers['content-security-policy']))?.[1];
    expect(one.body).toContain(`<script nonce="${nonce}">`);
    expect(two.body).not.toContain(String(nonce));
    expect(one.body).not.toMatch(/ (style|on[a-z]+)="/);
  });

  test('assets may be kept for a year, because their address changes with them', async () => {
    const { body } = await http.inject('/help');
    const addresses = [...body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(
      ([, address = '']) => address,
    );
    expect(addresses).toHaveLength(3);
    for (const url of addresses) {
      const { statusCode, headers } = await http.inject(url);
      expect([statusCode, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
    }
  });

  test('the stylesheet of another version is ours, not to be kept: that server may run beside this one', async () => {
    const { statusCode, headers, body } = await http.inject('/assets/0000000000000000/app.css');
    expect([statusCode, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(body).toContain('govuk');
    expect((await http.inject('/assets/0000000000000000/elsewhere.css')).statusCode).toBe(404);
  });
});

describe('who may see a page', () => {
  test('nobody is sent to sign in, and will come back to where they wanted to go', async () => {
    const { statusCode, headers } = await http.inject('/inside?page=2');
    expect([statusCode, headers.location]).toEqual([303, '/sign-in?next=%2Finside%3Fpage%3D2']);
  });

  test('nobody’s form is refused, in words', async () => {
    const answer = await post('/act', {}, {});
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain('You are signed out');
  });

  test.each(['unknown', 'S'.repeat(42), 'A'.repeat(43)])(
    'a session that is not one is nobody: %s',
    async (value) => {
      const { statusCode } = await http.inject({
        url: '/inside',
        headers: { cookie: `__Host-chirograph=${value}` },
      });
      expect(statusCode).toBe(303);
    },
  );

  test('names are text, whatever is in them', async () => {
    const { body } = await http.inject({ url: '/inside', headers: signedIn });
    expect(body).toContain('Sign out Dan &quot;&gt;&lt;script&gt;');
    expect(body).not.toContain('<script>alert');
  });
});

describe('sessions', () => {
  test('signing in sets a cookie that only this host gets, over TLS, and that no script reads', async () => {
    const { csrf, cookie } = await hiddenFields({});
    const { headers } = await post('/enter', { _csrf: csrf }, { cookie });
    expect(headers['set-cookie']).toBe(`__Host-chirograph=${token}; Path=/; HttpOnly; Secure; SameSite=Lax`);
  });

  test('signing out removes it', async () => {
    const { csrf } = await hiddenFields(signedIn);
    const { headers } = await post('/leave', { _csrf: csrf });
    expect(headers['set-cookie']).toMatch(/^__Host-chirograph=; .*Expires=Thu, 01 Jan 1970/);
  });

  test('a page without a form sets no cookie', async () => {
    expect((await http.inject('/help')).headers['set-cookie']).toBeUndefined();
  });
});

describe('when something is wrong', () => {
  test('a page that does not exist, and one that is not yours to see', async () => {
    for (const url of [`/nowhere?${nasty}`, '/things/REL-2026-0001']) {
      const answer = await http.inject(url);
      expect(answer.statusCode).toBe(404);
      expect(answer.body).toContain('Page not found');
      expect(answer.body).not.toContain('alert');
      expect(answer.body).not.toContain('REL-2026');
    }
  });

  test('an address asked in a way it does not take', async () => {
    const answer = await http.inject({ method: 'DELETE', url: '/help' });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect((await http.inject({ url: '/act' })).headers.allow).toBe('POST');
  });

  test('a fault: words and a reference that is in the log; neither quotes anybody', async () => {
    const answer = await http.inject('/broken');
    expect(answer.statusCode).toBe(500);
    const line = log.at(-1);
    expect(line).toMatchObject({ method: 'GET', route: '/broken', status: 500, fault: { name: 'Error' } });
    expect(line?.reference).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    expect(answer.body).toContain(line?.reference);
    expect(answer.body).not.toMatch(/duplicate|Okafor|http\.test/);
    expect(JSON.stringify(line)).not.toContain('Okafor');
  });

  test('who asks for JSON gets problem+json (RFC 9457)', async () => {
    const headers = { accept: 'application/json' };
    const answer = await http.inject({ url: '/things/1', headers });
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.json()).toMatchObject({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      code: 'thing.not-found',
      detail: 'There is no such thing.',
    });
    expect((await http.inject({ url: '/broken', headers })).json()).toMatchObject({
      status: 500,
      code: 'fault',
    });
    expect((await http.inject({ url: '/healthz', headers })).statusCode).toBe(503);
  });

  test('the log has the route’s pattern, never the address', async () => {
    await http.inject('/things/secret-id?name=Dan');
    expect(log.at(-1)).toMatchObject({ route: '/things/:id', status: 404 });
    await http.inject('/secret-id%E0%A4%A');
    expect(log.at(-1)).toMatchObject({ route: '(none)', status: 400 });
    expect(JSON.stringify(log)).not.toMatch(/secret-id|name=Dan/);
  });
});

test('who asks too much is told to wait, and others are not', async () => {
  const ask = (remoteAddress: string) => http.inject({ url: '/healthz', remoteAddress });
  for (let i = 0; i < 1200; i++) await ask('192.0.2.1');
  const answer = await ask('192.0.2.1');
  expect(answer.statusCode).toBe(429);
  expect(answer.headers['retry-after']).toBeDefined();
  expect(answer.body).toContain('Wait a minute');
  expect((await ask('192.0.2.2')).statusCode).toBe(503);
});

describe('going to another page', () => {
  test.each([
    'https://elsewhere.example/',
    '//elsewhere.example',
    '/\\elsewhere.example',
    '\\\\elsewhere.example',
    '/\t/elsewhere.example',
    '/a\r\nset-cookie: x=y',
    'javascript:alert(1)',
    '',
    'inside',
  ])('never leaves this service: %j', async (to) => {
    expect((await http.inject(`/elsewhere?to=${encodeURIComponent(to)}`)).statusCode).toBe(500);
    expect(localOr(to, '/')).toBe('/');
  });

  test('may be any page of it', async () => {
    expect(localOr('/releases/1?page=2#rows', '/')).toBe('/releases/1?page=2#rows');
    expect((await http.inject('/elsewhere?to=/releases')).headers.location).toBe('/releases');
  });
});

test.each(staticRoutes.map((route) => route.path))('%s is there for everybody', async (url) => {
  const { statusCode, body } = await http.inject(url);
  expect(statusCode).toBe(200);
  expect(body.match(/<h1/g)).toHaveLength(1);
});

test('work that goes on after the answer is waited for, and its fault is in the log without its words', async () => {
  const server = await aServer();
  const { csrf } = await server.hiddenFields(signedIn);
  const answer = await server.post('/later', { _csrf: csrf, reasons: 'one' });
  expect([answer.statusCode, server.handled.length]).toEqual([303, 0]);
  await server.http.close();
  expect(server.handled).toEqual([{ form: { reasons: 'one' }, key: null, file: null }]);
  const line = server.log.find(({ route, fault }) => route === '/later' && fault);
  expect(line).toMatchObject({ fault: { name: 'RangeError' } });
  expect(JSON.stringify(server.log)).not.toContain('a name or a key');
  expect(line?.reference).toBe(
    server.log.find(({ route, fault }) => route === '/later' && !fault)?.reference,
  );
});
