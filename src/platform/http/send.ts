import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Instant, instantOf } from '../pure/dates.ts';
import type { Answer, Visitor } from './contract.ts';
import {
  clearSession,
  newSecret,
  readFormSecret,
  readSession,
  setDevice,
  setFormSecret,
  setNotice,
  setSession,
  takeNotice,
} from './cookies.ts';
import { formToken } from './csrf.ts';
import { isLocal } from './local.ts';
import { type Problem, problems, refusals } from './problems.ts';
import { errorOf, type Page, type PageError, type Render, type Standing } from './render.ts';

/** What answering needs of the server, whoever asks. */
export type Sender = {
  render: Render;
  assets: string;
  banner: string | null;
  standing: (visitor: Visitor, now: Instant) => Standing;
};

/** What answering needs of one visit. */
export type Visit = { request: FastifyRequest; reply: FastifyReply; visitor: Visitor };

/** Sends a handler's answer. */
export function send(sender: Sender, visit: Visit, answer: Answer): FastifyReply {
  const { reply } = visit;
  // RFC 8288: a machine that walks a list need not read the page for its links.
  if ('next' in answer && answer.next) reply.header('link', `<${answer.next}>; rel="next"`);
  if ('page' in answer && !('refused' in answer)) {
    signIn(visit, answer);
    return sendPage(sender, visit, 200, answer.page, answer.model, []);
  }
  if ('goTo' in answer) return goTo(visit, answer);
  if ('refused' in answer) return sendRefusal(sender, visit, answer);
  if ('json' in answer) {
    return reply
      .code(answer.status === 'unavailable' ? 503 : 200)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(answer.json));
  }
  return reply.header('content-disposition', attachment(answer.name)).type(answer.type).send(answer.file);
}

/** Sends what went wrong: a page, or problem+json (RFC 9457) to who asks for JSON. The reference is also in the log. */
export function sendProblem(sender: Sender, visit: Visit, problem: Problem): FastifyReply {
  const { status, title, says } = problems[problem];
  if (status === 503) visit.reply.header('retry-after', '5');
  const reference = visit.request.id;
  if (wantsJson(visit.request))
    return sendJsonProblem(visit, status, { detail: says.join(' '), code: problem });
  const signIn = problem === 'signed-out' || problem === 'sign-in-over';
  const model = { title, says, reference, signIn, refused: false };
  return sendPage(sender, visit, status, 'problem.njk', model, []);
}

function sendRefusal(
  sender: Sender,
  visit: Visit,
  answer: Extract<Answer, { refused: unknown }>,
): FastifyReply {
  const refused = 'ok' in answer.refused ? ([answer.refused] as const) : answer.refused;
  const [first] = refused;
  const { status, title } = refusals[first.kind];
  // RFC 6585 section 4: how long to wait, for machines; the words say it too.
  if (first.retryAfter !== undefined) visit.reply.header('retry-after', String(first.retryAfter));
  if (wantsJson(visit.request)) {
    const errors = refused.map(({ code, says, field }) => ({
      code,
      detail: says,
      ...(field === undefined ? {} : { field }),
    }));
    return sendJsonProblem(visit, status, { detail: first.says, code: first.code, errors });
  }
  if (answer.page === undefined) {
    const says = refused.map((one) => one.says);
    const model = { title, says, reference: visit.request.id, signIn: false, refused: true };
    return sendPage(sender, visit, status, 'problem.njk', model, []);
  }
  return sendPage(sender, visit, status, answer.page, answer.model ?? {}, refused);
}

function sendPage(
  sender: Sender,
  visit: Visit,
  status: number,
  template: string,
  model: object,
  errors: readonly PageError[],
): FastifyReply {
  const html = sender.render(template, model, pageOf(sender, visit, errors));
  return visit.reply.code(status).type('text/html; charset=utf-8').send(html);
}

function pageOf(sender: Sender, { request, reply, visitor }: Visit, errors: readonly PageError[]): Page {
  return {
    visitor,
    banner: sender.banner,
    proof: sender.standing(visitor, instantOf(new Date())),
    assets: sender.assets,
    nonce: request.nonce,
    notice: takeNotice(request, reply),
    errors: [...errors],
    errorOf: (field) => errorOf(errors, field),
    csrf: () => formToken(secretOf({ request, reply, visitor })),
    key: () => randomUUID(),
  };
}

// A form is bound to the session, or before there is one to a cookie that is made when the first form is shown.
function secretOf({ request, reply, visitor }: Visit): string {
  const known = visitor === null ? (request.newFormSecret ?? readFormSecret(request)) : readSession(request);
  if (known !== null) return known;
  request.newFormSecret = newSecret();
  setFormSecret(reply, request.newFormSecret);
  return request.newFormSecret;
}

function goTo({ reply }: Visit, answer: Extract<Answer, { goTo: string }>): FastifyReply {
  if (!isLocal(answer.goTo)) throw new Error('An answer may only go to a page of this service');
  signIn({ reply }, answer);
  if (answer.endSession) clearSession(reply);
  if (answer.notice !== undefined) setNotice(reply, answer.notice);
  return reply.code(303).header('location', answer.goTo).send();
}

function signIn({ reply }: Pick<Visit, 'reply'>, given: { session?: string; device?: string }): void {
  if (given.session !== undefined) setSession(reply, given.session);
  if (given.device !== undefined) setDevice(reply, given.device);
}

function wantsJson(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? '';
  return /\bapplication\/(problem\+)?json\b/.test(accept) && !accept.includes('text/html');
}

function sendJsonProblem(
  visit: Visit,
  status: number,
  about: { detail: string; code: string; errors?: object[] },
): FastifyReply {
  const problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? '',
    status,
    ...about,
    reference: visit.request.id,
  };
  return visit.reply
    .code(status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem));
}

// RFC 6266 and 8187: a plain name for everybody and the true one in UTF-8.
function attachment(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._ -]/g, '_');
  const exact = encodeURIComponent(name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
