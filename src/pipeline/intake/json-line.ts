const maxDepth = 100;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The object in a line of JSON, its numbers as texts with the digits they are written with; or why there is none. */
export function objectIn(line: Buffer): Record<string, unknown> | 'not-utf-8' | 'not-an-object' {
  let text: string;
  try {
    text = utf8.decode(line);
  } catch {
    return 'not-utf-8';
  }
  const names = namesIn(text);
  if (names === null) return 'not-an-object';
  try {
    const value: unknown = JSON.parse(text, digitsKept);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not-an-object';
    // Of a name that stands twice JSON.parse keeps the last value, and others keep the first.
    return Object.keys(value).length === names ? (value as Record<string, unknown>) : 'not-an-object';
  } catch {
    return 'not-an-object';
  }
}

// A number is more than what JavaScript can hold of it: 1.10, 12345678901234567890.
function digitsKept(_name: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? context?.source : value;
}

// How many names the outermost object has, by its colons; null where it is nested too deep to be read.
function namesIn(text: string): number | null {
  let depth = 0;
  let names = 0;
  let inText = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '"') inText = !inText;
    else if (inText && sign === '\\') at += 1;
    else if (inText) continue;
    else if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') depth -= 1;
    else if (sign === ':' && depth === 1) names += 1;
    if (depth > maxDepth) return null;
  }
  return names;
}
