import { isLabel, withoutNumbers } from './lines.ts';

// What a printed page has at its head and foot, in a text that was taken from it.

const longest = 160; // characters
const pageNumber = /^(?:page )?[-–]? ?\d{1,4} ?[-–]?(?: of \d{1,4})?$/i;

/** The lines (from 0) that stand at the head or foot of pages: the same again and again but for numbers, with nothing else beside them. */
export function edgesIn(raws: readonly string[]): Set<number> {
  const said = raws.map((raw) => raw.trim().replaceAll(/\s+/g, ' '));
  const known = said.map(withoutNumbers);
  const counts = new Map<string, number>();
  for (const text of known) counts.set(text, (counts.get(text) ?? 0) + 1);
  const numbers = pageNumbers(said);
  const isEdge = (at: number) => {
    const text = said[at] ?? '';
    if (pageNumber.test(text)) return numbers.has(at);
    const most = /\bpage \d/i.test(text) ? 2 : 3;
    return (
      (counts.get(known[at] ?? '') ?? 0) >= most &&
      text.length <= longest &&
      /[a-z]{3}/i.test(text) &&
      !/[.:;|?]$|^[#|>*-]|^(?:\d|\(?[a-z]\))|\.{4}|_{3}/i.test(text) &&
      !isLabel(text.split(/[ :]/, 1)[0] ?? '')
    );
  };
  const edges = new Set<number>();
  let from = 0;
  for (let at = 0; at <= said.length; at += 1) {
    if (at < said.length && said[at] !== '') continue;
    const block = Array.from({ length: at - from }, (_, index) => from + index);
    if (block.length > 0 && block.length < 5 && block.every(isEdge)) for (const one of block) edges.add(one);
    from = at + 1;
  }
  return edges;
}

// Numbers by themselves that go up by one.
function pageNumbers(said: readonly string[]): Set<number> {
  const all = said.flatMap((text, at) =>
    pageNumber.test(text) ? [{ at, number: Number(/\d+/.exec(text)?.[0]) }] : [],
  );
  const goesUp = all.every(
    ({ number }, index) => index === 0 || number === (all[index - 1]?.number ?? 0) + 1,
  );
  return new Set(all.length > 1 && goesUp ? all.map(({ at }) => at) : []);
}
