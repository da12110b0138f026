import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * A token for a form, bound to a secret that only this browser's cookie holds (OWASP: HMAC double submit). The salt is
 * new each time, so that a compressing proxy gives nothing away.
 */
export function formToken(secret: string): string {
  const salt = randomBytes(16).toString('base64url');
  return `${salt}.${sign(secret, salt).toString('base64url')}`;
}

/** Whether a form's token was made for this secret. */
export function isFormToken(token: unknown, secret: string | null): boolean {
  if (secret === null || typeof token !== 'string') return false;
  const [salt = '', given = ''] = token.split('.');
  const expected = sign(secret, salt);
  const bytes = Buffer.from(given, 'base64url');
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

/** False where the browser says that another site sent this form. */
export function isSameSite(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const { origin } = headers;
  // The scheme is not compared: TLS may end at a proxy.
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === headers.host);
}

function sign(secret: string, salt: string): Buffer {
  return createHmac('sha256', secret).update(`chirograph form ${salt}`).digest();
}
