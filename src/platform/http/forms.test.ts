import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aServer, signedIn, urlencoded } from './a-server.fixture.ts';

type Server = Awaited<ReturnType<typeof aServer>>;
let { http, handled, hiddenFields, post } = {} as Server;

beforeAll(async () => {
  ({ http, handled, hiddenFields, post } = await aServer());
}, 60_000); // the first run makes the stylesheet

afterAll(() => http.close());

describe('forms', () => {
  test('one from our own page is taken, with its key, without the hidden fields', async () => {
    const { csrf, key } = await hiddenFields(signedIn);
    const answer = await post('/act', { _csrf: csrf, _key: key, reasons: 'one\r\ntwo' });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/inside']);
    expect(handled.at(-1)).toEqual({ form: { reasons: 'one\ntwo' }, key, file: null });
    expect(key).not.toBe((await hiddenFields(signedIn)).key);
  });

  test('the notice is shown once, as text', async () => {
    const { csrf } = await hiddenFields(signedIn);
    const done = await post('/act', { _csrf: csrf });
    const notice = done.cookies.map((one) => `${one.name}=${one.value}`).join('; ');
    const next = await http.inject({ url: '/inside', headers: { cookie: `${signedIn.cookie}; ${notice}` } });
    expect(next.body).toContain('Done for &quot;&gt;&lt;script&gt;');
    expect(next.headers['set-cookie']).toMatch(/^__Host-chirograph-notice=; /);
  });

  test.each([
    ['without a token', async () => ({})],
    ['with a token that is not one', async () => ({ _csrf: 'x.y' })],
    [
      'with a token made for a browser that was not signed in',
      async () => ({ _csrf: (await hiddenFields({})).csrf }),
    ],
    [
      'with a token whose salt was changed',
      async () => ({ _csrf: `x${(await hiddenFields(signedIn)).csrf}` }),
    ],
  ])('refused %s', async (_, fields) => {
    const before = handled.length;
    const answer = await post('/act', await fields());
    expect([answer.statusCode, handled.length]).toEqual([403, before]);
    expect(answer.body).toContain('This form is out of date');
  });

  test.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
  ])('refused when another site sends it, even with the right token: %j', async (header) => {
    const { csrf } = await hiddenFields(signedIn);
    expect((await post('/act', { _csrf: csrf }, { ...signedIn, ...header })).statusCode).toBe(403);
  });

  test('taken when this site sends it', async () => {
    const { csrf } = await hiddenFields(signedIn);
    const ours = {
      ...signedIn,
      host: 'share.example:3000',
      origin: 'http://share.example:3000',
      'sec-fetch-site': 'same-origin',
    };
    expect((await post('/act', { _csrf: csrf }, ours)).statusCode).toBe(303);
  });

  test('a refusal shows the page again under an error summary that links to the fields', async () => {
    const { csrf } = await hiddenFields(signedIn);
    const answer = await post('/refused', { _csrf: csrf });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('There is a problem');
    expect(answer.body).toContain('<a href="#name">Give a name</a>');
    expect(answer.body).toContain('<title>Error: Help');
  });

  test.each([
    ['NUL', `a=${'%00'}`, 400],
    ['too much', `a=${'x'.repeat(300_000)}`, 413],
  ])('refused: %s', async (_, payload, status) => {
    const answer = await http.inject({
      method: 'POST',
      url: '/act',
      headers: { ...signedIn, ...urlencoded },
      payload,
    });
    expect(answer.statusCode).toBe(status);
  });

  test('one of nothing but fields, as many as fit, holds nobody up', { timeout: 10_000 }, async () => {
    const { csrf } = await hiddenFields(signedIn);
    const many = 125_000;
    const payload = `_csrf=${csrf}&${'a&'.repeat(many)}`;
    const headers = { ...signedIn, ...urlencoded };
    expect((await http.inject({ method: 'POST', url: '/act', headers, payload })).statusCode).toBe(303);
    expect(handled.at(-1)?.form).toHaveProperty('a.length', many);
  });

  test('refused: a form without its file’s encoding, where a file is taken', async () => {
    const { csrf } = await hiddenFields(signedIn);
    expect((await post('/upload', { _csrf: csrf })).statusCode).toBe(415);
  });

  test('refused: something that is not a form', async () => {
    const headers = { ...signedIn, 'content-type': 'application/json' };
    expect((await http.inject({ method: 'POST', url: '/act', headers, payload: '{}' })).statusCode).toBe(415);
  });
});

type Part = [name: string, value: string, file?: string | undefined];

describe('files', () => {
  const boundary = 'chirograph-test';
  const upload = (parts: Part[], url = '/upload') => {
    const body = parts.map(([name, value, file]) => {
      const named = file === undefined ? '' : `; filename="${file}"`;
      return `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${named}\r\n\r\n${value}\r\n`;
    });
    const headers = { ...signedIn, 'content-type': `multipart/form-data; boundary=${boundary}` };
    return http.inject({
      method: 'POST',
      url,
      headers,
      payload: `${body.join('')}--${boundary}--\r\n`,
    });
  };

  test('a file arrives as a stream, after the fields before it', async () => {
    const { csrf, key } = await hiddenFields(signedIn);
    const answer = await upload([
      ['_csrf', csrf],
      ['_key', key],
      ['note', 'n'],
      ['data', 'a,b\n1,2\n', 'stops.csv'],
    ]);
    expect(answer.statusCode).toBe(303);
    expect(handled.at(-1)).toEqual({ form: { note: 'n' }, key, file: 'stops.csv: a,b\n1,2\n' });
  });

  test('no file chosen is no file', async () => {
    const { csrf } = await hiddenFields(signedIn);
    expect(
      (
        await upload([
          ['_csrf', csrf],
          ['data', '', ''],
        ])
      ).statusCode,
    ).toBe(303);
    expect(handled.at(-1)?.file).toBeNull();
  });

  test.each([
    ['without a token', [['data', 'a', 'a.csv']]],
    [
      'with the token after the file',
      [
        ['data', 'a', 'a.csv'],
        ['_csrf', 'right'],
      ],
    ],
  ] as [string, Part[]][])('refused %s, before the file is read', async (_, parts) => {
    const before = handled.length;
    const { csrf } = await hiddenFields(signedIn);
    const answer = await upload(
      parts.map(([name, value, file]): Part => [name, value === 'right' ? csrf : value, file]),
    );
    expect([answer.statusCode, handled.length]).toEqual([403, before]);
  });

  test.each([1001, 5000, 400_000])('one over the limit is refused, never cut: %d bytes', async (bytes) => {
    const before = handled.length;
    const { csrf } = await hiddenFields(signedIn);
    const answer = await upload([
      ['_csrf', csrf],
      ['data', 'x'.repeat(bytes), 'a.csv'],
    ]);
    expect([answer.statusCode, handled.length]).toEqual([413, before]);
    expect(answer.body).toContain('That is too large');
  });

  test('one that ends in the middle never arrives whole', async () => {
    const before = handled.length;
    const { csrf } = await hiddenFields(signedIn);
    const part = (name: string, rest: string) =>
      `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${rest}`;
    const payload = `${part('_csrf', `\r\n\r\n${csrf}\r\n`)}${part('data', '; filename="a.csv"\r\n\r\nhalf')}`;
    const headers = { ...signedIn, 'content-type': `multipart/form-data; boundary=${boundary}` };
    const answer = await http.inject({ method: 'POST', url: '/upload', headers, payload });
    expect([answer.statusCode, handled.length]).toEqual([400, before]);
  });

  test('of a form with two, each comes in its turn with its field, and what was not chosen does not', async () => {
    const { csrf } = await hiddenFields(signedIn);
    const send = async (...files: Part[]) => {
      const answer = await upload([['_csrf', csrf], ...files], '/uploads');
      return answer.statusCode === 200 ? answer.json() : answer.statusCode;
    };
    const one: Part = ['was', 'x'.repeat(900), 'a.yaml'];
    const other: Part = ['now', 'y'.repeat(1000), 'b.yaml'];
    expect(await send(one, ['note', 'n'], other)).toEqual([
      `was, a.yaml: ${'x'.repeat(900)}`,
      `now, b.yaml: ${'y'.repeat(1000)}`,
    ]);
    expect(await send(['was', '', ''], other)).toHaveLength(1);
    expect(await send(one, ['now', '', ''])).toHaveLength(1);
    expect(await send(one, ['now', 'y'.repeat(1001), 'b.yaml'])).toBe(413);
    expect(await send(one, other, one)).toBe(413);
  });

  test('a file to save has a plain name and its true one', async () => {
    const { headers } = await http.inject({ url: '/file', headers: signedIn });
    expect(headers['content-disposition']).toBe(
      `attachment; filename="stop _and_ search _.csv"; filename*=UTF-8''stop%20%22and%22%20search%20%C2%A3.csv`,
    );
  });
});
