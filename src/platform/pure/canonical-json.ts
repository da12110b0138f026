import canonicalize from 'canonicalize';

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The one text of a JSON value (RFC 8785): what is hashed and signed. */
export function canonicalJson(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('Not a JSON value');
  return text;
}

/**
 * Reads canonical JSON, and only that: a text that would be written otherwise is refused, so two different
 * texts never stand for one value (a duplicate key or a rewritten number cannot hide behind a hash).
 * Throws `SyntaxError`.
 */
export function parseCanonicalJson(text: string): Json {
  const value = JSON.parse(text) as Json;
  if (canonicalJson(value) !== text) throw new SyntaxError('Not canonical JSON (RFC 8785)');
  return value;
}
