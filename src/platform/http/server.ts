import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { paths } from '../../paths.ts';
import { type Instant, instantOf } from '../pure/dates.ts';
import { sha256 } from '../pure/hash.ts';
import { type Assets, readAssets } from './assets.ts';
import type { Exchange, LogLine, Route, Visitor } from './contract.ts';
import { readFormSecret, readSession } from './cookies.ts';
import { isFormToken, isSameSite } from './csrf.ts';
import { securityHeaders } from './headers.ts';
import { type Fault, faultOf, problemOf, problems, TurnedAway } from './problems.ts';
import { formBytes, leaveRest, readForm, readMultipart, readQuery, withoutNul } from './read-form.ts';
import { createRenderer } from './render.ts';
import { type Sender, send, sendProblem } from './send.ts';

declare module 'fastify' {
  interface FastifyRequest {
    nonce: string;
    newFormSecret: string | null;
    fault: Fault | null;
  }
}

/** What the server stands on. */
export type HttpOptions = {
  routes: readonly Route[];
  /** Folders with templates; a page is named by its path in one of them. */
  templates: readonly string[];
  /** Who a session belongs to, by the SHA-256 of its token. */
  findVisitor(tokenHash: Buffer, now: Instant): Promise<Visitor>;
  /** What every page says at its top, or null. */
  banner: string | null;
  /** Takes each line of the log. */
  log(line: LogLine): void;
  /** Takes what is said while starting. */
  report?: (line: string) => void;
  /** Aborted when the service is told to stop, and when it cannot wait any more for what is under way. */
  stopping?: AbortSignal;
  ending?: AbortSignal;
};

/** The web service, ready to listen. Its pages are the routes, and nothing can be added to it afterwards. */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const assets = await readAssets(options.report);
  const sender: Sender = {
    render: createRenderer(options.templates),
    assets: assets.folder,
    banner: options.banner,
  };
  const { stopping = never, ending = never } = options;
  const app = fastify({
    return503OnClosing: false, // who got through is served
    bodyLimit: formBytes,
    requestTimeout: 10 * 60_000, // a large upload over a slow line; who stalls is dropped sooner
    connectionTimeout: 2 * 60_000,
    http: { maxHeaderSize: 16 * 1024, headersTimeout: 20_000 },
    genReqId: newReference,
    clientErrorHandler: refuseGarbage,
    frameworkErrors: (error, request, reply) => {
      reply.headers(securityHeaders(''));
      sendProblem(sender, { request, reply, visitor: null }, problemOf(error));
      options.log(lineOf(request, reply)); // hooks do not run for an address that cannot be read
    },
    routerOptions: { querystringParser: readQuery, maxParamLength: 200 },
  });
  app.decorateRequest('nonce', '');
  app.decorateRequest('newFormSecret', null);
  app.decorateRequest('fault', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => {
      try {
        done(null, readForm(String(body)));
      } catch (error) {
        done(error as Error);
      }
    },
  );
  app.addHook('onRequest', async (request, reply) => {
    request.nonce = randomBytes(16).toString('base64');
    reply.headers(securityHeaders(request.nonce));
  });
  app.addHook('onSend', async (_request, reply) => {
    // Whoever keeps a connection open asks elsewhere next time.
    if (stopping.aborted) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => options.log(lineOf(request, reply)));
  const answerError = async (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const found = problemOf(error);
    const problem = ending.aborted && ['fault', 'unreadable'].includes(found) ? 'stopping' : found;
    if (problems[problem].status >= 500 && problem !== 'stopping') request.fault = faultOf(error);
    const visitor = await visitorOf(request).catch(() => null);
    return sendProblem(sender, { request, reply, visitor }, problem);
  };
  app.setErrorHandler(answerError);
  await app.register(cookie);
  await app.register(rateLimit, {
    max: (request: FastifyRequest) => (isLoopback(request.ip) ? 12_000 : 1_200),
    timeWindow: 60_000,
    errorResponseBuilder: () => new TurnedAway('too-many'),
  });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, () => {
    throw new TurnedAway('not-found');
  });

  const visitorOf = async (request: FastifyRequest): Promise<Visitor> => {
    const session = readSession(request);
    return session === null ? null : options.findVisitor(sha256(session), instantOf(new Date()));
  };

  /** One visit to one route, from the cookie to the answer. */
  const visit = async (route: Route, request: FastifyRequest, reply: FastifyReply) => {
    if (route.secretAddress) reply.header('referrer-policy', 'strict-origin');
    const visitor = await visitorOf(request);
    if (route.who === 'signed-in' && visitor === null) {
      if (route.method === 'POST') throw new TurnedAway('signed-out');
      return send(sender, { request, reply, visitor }, { goTo: paths.signIn(request.url) });
    }
    const { form, upload } =
      route.method === 'POST' ? await readPost(route, request, visitor, ending) : nothingSent;
    const { _csrf, _key, ...fields } = form;
    const exchange: Exchange = {
      params: withoutNul(request.params as Record<string, string>),
      query: request.query as Record<string, string>,
      origin: request.headers.origin ?? `https://${request.headers.host}`,
      form: fields,
      visitor,
      now: instantOf(new Date()),
      upload,
      idempotencyKey: keyOf(_key ?? request.headers['idempotency-key']),
      stopping: stopping.aborted,
      ending,
    };
    return send(sender, { request, reply, visitor }, await route.handle(exchange));
  };

  const add = (to: FastifyInstance, route: Route) =>
    to.route({
      method: route.method,
      url: route.path,
      handler: (request, reply) => visit(route, request, reply),
    });
  for (const route of options.routes) if (!route.upload) add(app, route);
  await app.register(async (uploads) => {
    await uploads.register(multipart);
    uploads.addHook('onSend', async (request) => leaveRest(request));
    for (const route of options.routes) if (route.upload) add(uploads, route);
  });
  addAssets(app, assets);
  refuseOtherMethods(app, options.routes);
  ending.addEventListener('abort', () =>
    setTimeout(() => app.server.closeAllConnections(), lastWords).unref(),
  );
  await app.ready();
  return app;
}

const never = new AbortController().signal;
const lastWords = 2000; // ms for whoever is still there to be told that the service ends

const nothingSent: Pick<Exchange, 'form' | 'upload'> = { form: {}, upload: null };

/** What a POST brought, once it is sure that this browser sent it from a page of ours. */
async function readPost(
  route: Route,
  request: FastifyRequest,
  visitor: Visitor,
  ending: AbortSignal,
): Promise<Pick<Exchange, 'form' | 'upload'>> {
  if (!isSameSite(request.headers)) throw new TurnedAway('form-not-ours');
  const sent = route.upload
    ? await readMultipart(request, route.upload.maxBytes, ending)
    : { form: (request.body ?? {}) as Exchange['form'], upload: null };
  const secret = visitor === null ? readFormSecret(request) : readSession(request);
  if (!isFormToken(sent.form['_csrf'], secret)) throw new TurnedAway('form-not-ours');
  return sent;
}

function addAssets(app: FastifyInstance, assets: Assets): void {
  // While servers of two versions run side by side, a page of the one may ask the other for its stylesheet.
  app.get<{ Params: { name: string } }>('/assets/:version/:name', (request, reply) => {
    const file = assets.files.get(`${assets.folder}/${request.params.name}`);
    if (!file) throw new TurnedAway('not-found');
    return reply.type(file.type).send(file.body);
  });
  for (const [url, { body, type }] of assets.files) {
    app.get(url, (_request, reply) =>
      reply.header('cache-control', 'public, max-age=31536000, immutable').type(type).send(body),
    );
  }
}

/** An address that exists, asked in a way it does not take: say so, rather than that there is no such page. */
function refuseOtherMethods(app: FastifyInstance, routes: readonly Route[]): void {
  for (const path of new Set(routes.map((route) => route.path))) {
    const taken = new Set<string>(routes.filter((route) => route.path === path).map((route) => route.method));
    if (taken.has('GET')) taken.add('HEAD');
    const others = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter(
      (method) => !taken.has(method),
    );
    app.route({
      method: others,
      url: path,
      exposeHeadRoute: false,
      // Before the body is read: there is nothing here that wants one.
      onRequest: async (_request, reply) => {
        reply.header('allow', [...taken].join(', '));
        throw new TurnedAway('not-that-way');
      },
      handler: () => {},
    });
  }
}

function keyOf(sent: unknown): string | null {
  return typeof sent === 'string' && /^[A-Za-z0-9-]{8,64}$/.test(sent) ? sent : null;
}

function lineOf(request: FastifyRequest, reply: FastifyReply): LogLine {
  return {
    at: instantOf(new Date()),
    method: request.method,
    route: request.routeOptions.url ?? '(none)',
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
    reference: request.id,
    ...(request.fault && { fault: request.fault }),
  };
}

/** A reference that a person can read out: 8 letters and digits without I, L, O and U. */
function newReference(): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const text = [...randomBytes(8)].map((byte) => alphabet[byte % 32]).join('');
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}

// What is not HTTP, or has headers over the limit, never becomes a request: it gets one line.
function refuseGarbage(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable) return;
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const says = `${problems.unreadable.says.join(' ')}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(says)}\r\nconnection: close\r\n\r\n${says}`,
  );
}

function isLoopback(address: string): boolean {
  return /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);
}
