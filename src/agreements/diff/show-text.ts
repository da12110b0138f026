import type { Piece } from '../export/blocks.ts';
import { type ClauseChange, numberOf } from './clauses.ts';
import { type Compared, changedClauses, summary, termsByPart, toCheck } from './compared.ts';
import type { TermChange } from './diff.ts';
import { textOf } from './words.ts';

/** What changed, for a terminal: what was taken out as [-this-], what was added as {+this+}. */
export function showAsText(compared: Compared): string {
  const { was, now } = compared;
  return [
    `From ${was.file}: ${was.reference}, version ${was.version}`,
    `  to ${now.file}: ${now.reference}, version ${now.version}`,
    summary(compared),
    ...termsByPart(compared.terms).flatMap(([about, terms]) => ['', about, ...terms.flatMap(termLines)]),
    ...changedClauses(compared).flatMap((clause) => ['', ...clauseLines(clause)]),
  ].join('\n');
}

function termLines(term: TermChange): string[] {
  const { name, was, now, means, clause } = term;
  const before = was === null ? '' : `[-${was}-]`;
  const after = now === null ? '' : `{+${now}+}`;
  const said = [before, after].filter((one) => one !== '').join(' ');
  const where = clause === null ? '' : ` (clause ${clause})`;
  return [
    `  ${name === null ? '' : `${name}: `}${said}${where}`,
    ...[means, toCheck(term)].flatMap((note) => (note === null ? [] : [`    ${note}`])),
  ];
}

function clauseLines(clause: ClauseChange): string[] {
  const title = [marked(numberOf(clause)), marked(clause.heading)].filter((part) => part !== '').join(' ');
  if (clause.kind === 'renumbered') return [title];
  return [
    title,
    ...marked(shortened(clause.text))
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}

function marked(pieces: readonly Piece[]): string {
  return pieces
    .map(({ text, mark }) => (mark === undefined ? text : mark === 'added' ? `{+${text}+}` : `[-${text}-]`))
    .join('');
}

const around = 70; // characters of what stayed, before and after a change

// Of a long clause with a small change only what is around the change is shown.
function shortened(pieces: readonly Piece[]): Piece[] {
  if (pieces.every(({ mark }) => mark === undefined))
    return textOf(pieces, 'now') === '' ? [] : [{ text: '(as it was)' }];
  return pieces.map((piece, at) => {
    const { text, mark } = piece;
    if (mark !== undefined || text.length <= 2 * around) return piece;
    const start = at === 0 ? '' : text.slice(0, text.indexOf(' ', around));
    const end = at === pieces.length - 1 ? '' : text.slice(text.lastIndexOf(' ', text.length - around) + 1);
    return { text: `${start}${start === '' ? '' : ' '}… ${end}` };
  });
}
