import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { type Problem, readYaml } from '../platform/pure/read-document.ts';
import { blanksIn } from './blanks.ts';
import { type Agreement, parseAgreement } from './document.ts';
import { checkLaw, type Law } from './law.ts';

/** One thing wrong with a document, with the line that it is on; null where it is about no line. */
export type Found = Problem & { line: number | null };

/** A document that may be put before its parties, or everything that is wrong with it. */
export type CheckedDocument = { ok: true; agreement: Agreement } | { ok: false; problems: Found[] };

/** Checks an agreement as text: valid, complete, consistent, with its law, and nothing left blank. Every problem comes with its line. */
export function checkDocument(text: string, law: Law): CheckedDocument {
  const parsed = parseAgreement(text);
  const read = readYaml(text);
  const blanks = read.ok ? blanksLeft(text, read.value) : [];
  const problems = parsed.ok ? checkLaw(parsed.agreement, law) : parsed.problems;
  if (parsed.ok && problems.length === 0 && blanks.length === 0) return parsed;
  // Of a blank it is enough to say that it is one.
  const others = problems.filter(({ path }) => blanks.every((left) => left.path !== path));
  return { ok: false, problems: [...blanks, ...withLines(text, others)] };
}

/** What is left blank in a document, each at the line where its first blank stands in the text of it. */
export function blanksLeft(text: string, document: unknown): Found[] {
  const lines = text.split('\n');
  return withLines(text, blanksIn(document)).map((found) => {
    const at =
      found.line === null
        ? -1
        : lines.findIndex((line, one) => one + 1 >= (found.line ?? 0) && line.includes('[say'));
    return at < 0 ? found : { ...found, line: at + 1 };
  });
}

/** The lines that problems are on, by their paths: of what is missing, the line of what it is missing from. */
export function withLines(text: string, problems: readonly Problem[]): Found[] {
  const counter = new LineCounter();
  const lineOf = ({ path }: Problem): number | null => {
    const said = /^line (\d+)$/.exec(path)?.[1];
    if (said !== undefined) return Number(said);
    if (path === 'document') return null;
    const offset = offsetOf(document(), stepsOf(path));
    return offset === null ? null : counter.linePos(offset).line;
  };
  let read: Node | null | undefined;
  const document = () => {
    if (read === undefined) read = parseDocument(text, { schema: 'core', lineCounter: counter }).contents;
    return read;
  };
  return problems.map((problem) => ({ ...problem, line: lineOf(problem) }));
}

// `terms.shares[0].to` is terms, shares, 0, to.
function stepsOf(path: string): (string | number)[] {
  return path
    .replaceAll(']', '')
    .split(/[.[]/)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

function offsetOf(top: Node | null, steps: readonly (string | number)[]): number | null {
  let node: unknown = top;
  let offset: number | null = null;
  for (const step of steps) {
    const [place, next] = childOf(node, step);
    if (place === null) break;
    offset = place;
    node = next;
  }
  return offset;
}

function childOf(node: unknown, step: string | number): [number | null, unknown] {
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step] as Node | undefined;
    return [item?.range?.[0] ?? null, item];
  }
  const pair = isMap(node)
    ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
    : undefined;
  return pair && isScalar(pair.key) ? [pair.key.range?.[0] ?? null, pair.value] : [null, null];
}
