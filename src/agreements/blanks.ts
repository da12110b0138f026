import type { Problem } from '../platform/pure/read-document.ts';

// What a person has still to say in a document that was started from a template, as it stands there: [say how long].
const blank = /\[say [^[\]]{1,200}\]/g;

/** A blank as it stands in a document, where everybody sees that something is to be said: `[say how long]`. */
export function blankFor(what: string): string {
  return `[say ${what}]`;
}

/** Whether something is left to say where a value stands, or in it: then it is words, whatever its type says. */
export function isBlank(value: unknown): boolean {
  return typeof value === 'string' && value.includes('[say ') && blanksOf(value).length > 0;
}

/** A value in the words that there are for it; as it stands where a person has still to say it. */
export function orBlank<Value>(value: Value, show: (value: Value) => string): string {
  return isBlank(value) ? String(value) : show(value);
}

/** What of a text is said already, without what is left blank. */
export function withoutBlanks(text: string): string {
  return text.replace(blank, '').trim();
}

/** A text in pieces, what is left blank in it apart: the second, fourth and so on are blanks. */
export function aroundBlanks(text: string): string[] {
  const found = blanksOf(text);
  let rest = text;
  const pieces = found.flatMap((one) => {
    const at = rest.indexOf(one);
    const before = rest.slice(0, at);
    rest = rest.slice(at + one.length);
    return [before, one];
  });
  return [...pieces, rest];
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
