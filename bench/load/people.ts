import { randomBytes } from 'node:crypto';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { sha256 } from '../../src/platform/pure/hash.ts';

/** One visit of a page: which kind it is, how long it took in ms, and what was wrong with it, if anything. */
export type Seen = { page: string; ms: number; wrong: string | null; bytes: number };

/** A kind of page, the heading that it must have, and addresses of it that a person of an organisation may open. */
export type Kind = { page: string; heading: RegExp; public?: true; urls: readonly string[] };

/** Somebody signed in, with the pages that they go round. */
export type Visitor = { token: string; kinds: readonly Kind[] };

/** Starts a session for a person, as signing in does but for the password and the second factor. */
export async function signIn(
  database: pg.Client,
  person: { id: string; organisation: string },
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await database.query(
    `insert into sessions
       (id, token_hash, person_id, browser, started_at, seen_at, proved_at, ends_at, expires_at, parties)
     select uuidv7(), $1, $2, 'the bench', now(), now(), now(), later, later, array[$3::uuid]
     from (select now() + interval '1 hour') clock (later)`,
    [sha256(token), person.id, person.organisation],
  );
  return token;
}

/**
 * Goes round the pages until a moment, one after another, thinking in between: on average so long, evenly spread from half
 * of it to one and a half times. Each visitor has an address of loopback and a connection of their own, kept alive.
 */
export async function visit(
  at: { port: number; number: number },
  { token, kinds }: Visitor,
  { thinkMs, until }: { thinkMs: number; until: number },
  see: (seen: Seen) => void,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const from = `127.0.1.${at.number + 1}`;
  const think = () => thinkMs * (0.5 + Math.random());
  try {
    // Nobody comes at the same moment as everybody else.
    await sleep(Math.random() * thinkMs);
    for (let turn = at.number; Date.now() < until; turn += 1) {
      const kind = kinds[turn % kinds.length];
      const url = kind?.urls[Math.floor(Math.random() * kind.urls.length)];
      if (kind && url !== undefined) see(await open(agent, { port: at.port, from, token }, kind, url));
      await sleep(Math.min(think(), Math.max(0, until - Date.now())));
    }
  } finally {
    agent.destroy();
  }
}

async function open(
  agent: Agent,
  { port, from, token }: { port: number; from: string; token: string },
  kind: Kind,
  url: string,
): Promise<Seen> {
  const started = performance.now();
  const cookie = kind.public ? {} : { cookie: `__Host-chirograph=${token}` };
  const answer = await get(agent, port, from, url, cookie).catch((fault: Error) => fault);
  const ms = performance.now() - started;
  if (answer instanceof Error) return { page: kind.page, ms, wrong: answer.message, bytes: 0 };
  const heading = /<h1[^>]*>([\s\S]*?)<\/h1>/.exec(answer.body)?.[1] ?? '';
  const right = answer.status === 200 && kind.heading.test(heading);
  const wrong = right ? null : `${answer.status} ${heading.trim().slice(0, 60)}`;
  return { page: kind.page, ms, wrong, bytes: answer.body.length };
}

function get(
  agent: Agent,
  port: number,
  localAddress: string,
  path: string,
  headers: IncomingHttpHeaders,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, agent, localAddress, headers, timeout: 30_000 });
    asked.on('response', (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (text: string) => {
        body += text;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      answer.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in 30 s')));
    asked.on('error', reject);
    asked.end();
  });
}
