import type { Heading, Reading, Sentence } from '../read/reading.ts';

/** A clause as it is read: its number, what it is headed, what it says, and the line that it begins on. */
export type ReadClause = { id: string; heading: string | null; text: string; line: number };

const own = /^([A-Z]\.\d{1,2}|\d{1,2}(?:\.\d{1,2}){1,3})[.)]?\s+(?=\S)/;
const longest = 20_000;

/**
 * The clauses of a document: what stands under each of its headings, and each paragraph that has a number of its own. What stands before
 * the first heading is clause 0. Numbers are the document's where it has them, and ours, counted on, where it has not; one that comes again
 * has a letter after it.
 */
export function clausesOf({ sentences, headings, title }: Reading): ReadClause[] {
  const clauses: ReadClause[] = [];
  const used = new Set<string>();
  let section = 0;
  const open = (number: string | null, heading: string | null, line: number) => {
    const id = unused(number ?? String(section + 1), used);
    if (!id.includes('.') && /^\d+$/.test(id)) section = Number(id);
    clauses.push({ id, heading, text: '', line });
  };
  let block: number | null = null;
  const marks: (Heading | { line: number; said: Sentence })[] = [
    ...headings.filter(({ line, text }) => line !== title?.line && !/^(table of )?contents$/i.test(text)),
    ...sentences.map((said) => ({ line: said.pieces[0]?.line ?? 1, said })),
  ].sort((one, other) => one.line - other.line);
  for (const mark of marks) {
    if (!('said' in mark)) {
      open(mark.number, mark.text, mark.line);
      continue;
    }
    const { said } = mark;
    const [lead, number] = own.exec(said.text) ?? [];
    if (number !== undefined) open(number, null, mark.line);
    else if (clauses.length === 0) {
      used.add('0');
      clauses.push({ id: '0', heading: null, text: '', line: mark.line });
    }
    const clause = clauses.at(-1);
    const says = lead === undefined ? said.text : said.text.slice(lead.length);
    if (clause && clause.text.length < longest) {
      // A paragraph stays one, and what stands in a list a line of it.
      const begins = said.block !== block;
      const sign = said.item && begins && lead === undefined ? '- ' : '';
      clause.text += `${clause.text === '' ? '' : begins ? '\n' : ' '}${sign}${says}`;
    }
    block = said.block;
  }
  return clauses;
}

/** The clause that a line stands in. */
export function clauseAt(clauses: readonly ReadClause[], line: number): ReadClause | null {
  return clauses.findLast((clause) => clause.line <= line) ?? null;
}

function unused(number: string, used: Set<string>): string {
  const letters = ['', ...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const free =
    letters.map((letter) => number + letter).find((id) => !used.has(id)) ?? `${number}Z${used.size}`;
  used.add(free);
  return free;
}
