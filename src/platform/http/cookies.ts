import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** The cookies of the service, all of them. `__Host-`: no other host, not even a subdomain, can set one. */
const names = {
  session: '__Host-chirograph',
  form: '__Host-chirograph-form',
  notice: '__Host-chirograph-notice',
  device: '__Host-chirograph-device',
} as const;

const attributes = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' } as const;
const secretShape = /^[A-Za-z0-9_-]{43}$/;
const deviceShape = /^[A-Za-z0-9_-]{22}(\.[A-Za-z0-9_-]{22}){1,5}$/;

/** A new secret for a cookie: 32 random bytes, base64url. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** The session's secret that the browser sent, or null where it has not the shape of one. */
export function readSession(request: FastifyRequest): string | null {
  return secretIn(request, names.session);
}

/** Signs in: for as long as the browser is open, and the store says when it is over. */
export function setSession(reply: FastifyReply, secret: string): void {
  if (!secretShape.test(secret)) throw new Error('A session is 32 random bytes in base64url');
  reply.setCookie(names.session, secret, attributes);
}

/** Signs out. */
export function clearSession(reply: FastifyReply): void {
  reply.clearCookie(names.session, attributes);
}

/** The secret that binds a form to a browser that has not signed in, or null. */
export function readFormSecret(request: FastifyRequest): string | null {
  return secretIn(request, names.form);
}

/** Gives the browser such a secret. */
export function setFormSecret(reply: FastifyReply, secret: string): void {
  reply.setCookie(names.form, secret, attributes);
}

/** What makes this browser known, as it was sent: who gave it can tell whether it is true. Null where there is none. */
export function readDevice(request: FastifyRequest): string | null {
  const value = cookieIn(request, names.device);
  return value !== undefined && deviceShape.test(value) ? value : null;
}

/** Makes the browser known for a year. */
export function setDevice(reply: FastifyReply, device: string): void {
  if (!deviceShape.test(device)) throw new Error('A device cookie is a few words of base64url');
  reply.setCookie(names.device, device, { ...attributes, maxAge: 365 * 24 * 3600 });
}

/** Keeps what the next page is to say. */
export function setNotice(reply: FastifyReply, notice: string): void {
  const value = Buffer.from(notice.slice(0, 500)).toString('base64url');
  reply.setCookie(names.notice, value, { ...attributes, maxAge: 60 });
}

/** What this page is to say, once, or null. */
export function takeNotice(request: FastifyRequest, reply: FastifyReply): string | null {
  const value = cookieIn(request, names.notice);
  if (value === undefined) return null;
  reply.clearCookie(names.notice, attributes);
  return Buffer.from(value, 'base64url').toString('utf8');
}

function secretIn(request: FastifyRequest, name: string): string | null {
  const value = cookieIn(request, name);
  return value !== undefined && secretShape.test(value) ? value : null;
}

// An address that cannot be read is answered before the cookies are.
function cookieIn(request: FastifyRequest, name: string): string | undefined {
  const cookies: FastifyRequest['cookies'] | undefined = request.cookies;
  return cookies?.[name];
}
