import type { Problem } from '../platform/pure/read-document.ts';

// What a person has still to say in a document that was started from a template, as it stands there: [say how long].
const blank = /\[say [^[\]]{1,200}\]/g;

/** A blank as it stands in a document, where everybody sees that something is to be said: `[say how long]`. */
export function blankFor(what: string): string {
  return `[say ${what}]`;
}

/** The blanks of a text, in its order. */
function blanksOf(text: string): string[] {
  return text.match(blank) ?? [];
}

/** Everything that is left blank in a document, whatever its shape: where, and what to say. */
export function blanksIn(node: unknown, path = ''): Problem[] {
  if (typeof node === 'string') {
    const left = [...new Set(blanksOf(node))];
    return left.length === 0 ? [] : [{ path, says: `Fill in what is left blank: ${left.join(' ')}.` }];
  }
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    blanksIn(value, Array.isArray(node) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
  );
}
