import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { paths } from '../../paths.ts';
import { newReference } from '../pure/codes.ts';
import { type Instant, instantOf } from '../pure/dates.ts';
import { sha256 } from '../pure/hash.ts';
import type { Refusal } from '../refusal.ts';
import { type Assets, readAssets } from './assets.ts';
import type { Answer, Exchange, LogLine, Route, Source, Visitor } from './contract.ts';
import { readDevice, readFormSecret, readSession } from './cookies.ts';
import { isFormToken, isSameSite } from './csrf.ts';
import { securityHeaders, securityPolicyWithFetch } from './headers.ts';
import { type Fault, faultOf, problemOf, problems, TurnedAway } from './problems.ts';
import { formBytes, leaveRest, readForm, readMultipart, readQuery, withoutNul } from './read-form.ts';
import { createRenderer, type Standing } from './render.ts';
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
  /** Whether a visitor must prove again who they are, where a form asks for it. */
  standing(visitor: Visitor, now: Instant): Standing;
  /** Takes such a proof, as it was typed. */
  prove(visitor: NonNullable<Visitor>, proof: string, now: Instant): Promise<{ ok: true } | Refusal>;
  /** Proxies whose word about where a visit comes from is taken: addresses or ranges. */
  proxies: readonly string[];
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
    standing: options.standing,
  };
  const { stopping = never, ending = never } = options;
  const app = fastify({
    return503OnClosing: false, // who got through is served
    bodyLimit: formBytes,
    trustProxy: options.proxies.length > 0 ? [...options.proxies] : false,
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
  // Silence is a fault of whoever sends; once all is here it is our own work that takes its time.
  app.server.on('request', (request) => request.once('end', () => request.socket.setTimeout(0)));
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

  const findSession = async (request: FastifyRequest): Promise<Visitor> => {
    const session = readSession(request);
    return session === null ? null : options.findVisitor(sha256(session), instantOf(new Date()));
  };
  const visitorOf = async (request: FastifyRequest) => wholly(await findSession(request));

  const goingOn = new Set<Promise<void>>();
  app.addHook('onClose', async () => {
    await Promise.all(goingOn);
  });
  const goOn = (work: Promise<unknown>, request: FastifyRequest, reply: FastifyReply) => {
    const logged = work.then(
      () => {},
      (error) => options.log({ ...lineOf(request, reply), at: instantOf(new Date()), fault: faultOf(error) }),
    );
    goingOn.add(logged);
    void logged.then(() => goingOn.delete(logged));
  };

  /** One visit to one route, from the cookie to the answer. */
  const visit = async (route: Route, request: FastifyRequest, reply: FastifyReply) => {
    if (route.fetches) reply.header('content-security-policy', securityPolicyWithFetch(request.nonce));
    if (route.secretAddress) reply.header('referrer-policy', 'strict-origin');
    const session = await findSession(request);
    const visitor = wholly(session);
    const turnedAway = turnAway(route, session, request);
    if (turnedAway) return send(sender, { request, reply, visitor }, turnedAway);
    const { form, upload } =
      route.method === 'POST' ? await readPost(route, request, visitor, ending) : nothingSent;
    const { _csrf, _key, _proof: proof, ...fields } = form;
    const exchange: Exchange = {
      params: withoutNul(request.params as Record<string, string>),
      query: request.query as Record<string, string>,
      origin: request.headers.origin ?? `https://${request.headers.host}`,
      form: fields,
      visitor: route.who === 'signing-in' ? session : visitor,
      from: sourceOf(request),
      now: instantOf(new Date()),
      upload,
      idempotencyKey: keyOf(_key ?? request.headers['idempotency-key']),
      stopping: stopping.aborted,
      ending,
      afterwards: (work) => goOn(work, request, reply),
    };
    const { answer, proved } = await answerOf(route, exchange, options, proof);
    return send(sender, { request, reply, visitor: proved }, answer);
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

/** A visitor whose sign-in is whole; half a sign-in is nobody yet. */
function wholly(session: Visitor): Visitor {
  return session?.provedAt ? session : null;
}

/** Where somebody goes who has no business on a route, or null. Throws where a form is refused. */
function turnAway(route: Route, session: Visitor, request: FastifyRequest): Answer | null {
  if (route.who === 'signing-in') {
    if (session && !wholly(session)) return null;
    if (route.method === 'POST') throw new TurnedAway('sign-in-over');
    return { goTo: paths.signIn() };
  }
  if (route.who === 'anyone' || wholly(session)) return null;
  if (route.method === 'POST') throw new TurnedAway('signed-out');
  return { goTo: paths.signIn(request.url) };
}

/** What a route answers, after proof where it needs one; `proved` is the visitor as they now stand. */
async function answerOf(
  route: Route,
  exchange: Exchange,
  { standing, prove }: HttpOptions,
  proof: string | string[] | undefined,
): Promise<{ answer: Answer; proved: Visitor }> {
  const { visitor, now } = exchange;
  const shown = route.who === 'signing-in' ? null : visitor;
  if (!route.proveFirst || shown === null || standing(shown, now) !== 'ask') {
    return { answer: await route.handle(exchange), proved: shown };
  }
  const given = await prove(shown, typeof proof === 'string' ? proof.trim() : '', now);
  if (given.ok) return { answer: await route.handle(exchange), proved: { ...shown, provedAt: now } };
  const page = await route.proveFirst(exchange);
  const isPage = 'page' in page && page.page !== undefined && !('refused' in page);
  return { answer: isPage ? { refused: given, page: page.page, model: page.model } : page, proved: shown };
}

function sourceOf(request: FastifyRequest): Source {
  const browser = request.headers['user-agent'] ?? '';
  return { address: request.ip, browser: browser.slice(0, 500), device: readDevice(request) };
}

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
    ? await readMultipart(request, route.upload, ending)
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
