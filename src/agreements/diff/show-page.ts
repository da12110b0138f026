import { basename } from 'node:path';
import type { Piece } from '../export/blocks.ts';
import { printable } from '../export/printable.ts';
import { type ClauseChange, numberOf } from './clauses.ts';
import { type Compared, changedClauses, type Side, summary, termsByPart, toCheck } from './compared.ts';
import type { TermChange } from './diff.ts';

// A page that stands by itself: no script, no file beside it, nothing asked of a network. It looks as GOV.UK's pages do.

const style = `
body{margin:0;background:#fff;color:#0b0c0c;font:400 19px/1.32 arial,sans-serif}
header{background:#1d70b8;color:#fff;padding:14px 0}
header p,main,footer div{max-width:960px;margin:0 auto;padding:0 20px}
header p{font-weight:700}main{padding-top:30px;padding-bottom:40px;overflow-wrap:anywhere}
h1{font-size:36px;line-height:1.1;margin:0 0 24px}h2{font-size:27px;line-height:1.15;margin:44px 0 16px}
h3{font-size:19px;margin:28px 0 8px}p{margin:0 0 14px}
dl{margin:0 0 20px;border-top:1px solid #b1b4b6}dl div{display:flex;gap:20px;padding:10px 0;border-bottom:1px solid #b1b4b6}
dt{flex:0 0 30%;font-weight:700}dd{margin:0;flex:1;min-width:0}
.app-muted{color:#505a5f}.app-changes__means{border-left:4px solid #1d70b8;padding-left:10px;margin:6px 0 0}
.app-changes__clause{border-left:4px solid #b1b4b6;padding:2px 0 2px 16px;margin:0 0 26px;white-space:pre-line}.app-changes__clause h3{margin-top:0}
ins{background:#cce2d8;color:#005a30;text-decoration:underline;text-decoration-thickness:2px}
del{background:#f4cdc6;color:#942514;text-decoration:line-through}
.govuk-visually-hidden{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
footer{border-top:1px solid #b1b4b6;padding:20px 0;color:#505a5f;font-size:16px}
@media(max-width:640px){body{font-size:16px}h1{font-size:27px}h2{font-size:21px}h3{font-size:16px}dl div{display:block}}
@media print{header{background:none;color:inherit;border-bottom:2px solid}.app-changes__clause{break-inside:avoid}}
`;

/** What changed, as a page that can be sent: whole in one file. */
export function showAsPage(compared: Compared): string {
  const title = titleOf(compared);
  return `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<header><p>Chirograph</p></header>
<main>
<h1>${escaped(title)}</h1>
${changesShown(compared)}
</main>
<footer><div>${howToRead}</div></footer>
</body>
</html>
`;
}

/** What a page of two agreements is called. */
export function titleOf({ now }: Compared): string {
  return `What changed in ${now.reference}`;
}

/** How marks are to be read, for the foot of a page. */
export const howToRead =
  'What was taken out is struck through, and what was added is underlined. What a change means is said where it is plain; the rest is for people to judge.';

/** What changed, as HTML to put into a page below its title: all that came from the agreements is escaped. It has the classes of the service. */
export function changesShown(compared: Compared): string {
  const { was, now, terms } = compared;
  const clauses = changedClauses(compared);
  return `<dl class="govuk-summary-list">${sideRow('From', was)}${sideRow('To', now)}</dl>
<p class="govuk-body"><strong>${escaped(summary(compared))}</strong></p>
${terms.length === 0 ? '' : `<h2 class="govuk-heading-m govuk-!-margin-top-7">The terms: what software enforces</h2>\n${termsByPart(terms).map(partShown).join('\n')}`}
${clauses.length === 0 ? '' : `<h2 class="govuk-heading-m govuk-!-margin-top-7">The words: what people sign</h2>\n${clauses.map(clauseShown).join('\n')}`}`;
}

const row = (name: string, value: string) =>
  `<div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">${name}</dt><dd class="govuk-summary-list__value">${value}</dd></div>`;

function sideRow(name: string, { file, reference, version, title, digest }: Side): string {
  return row(
    name,
    `${escaped(`${reference}, version ${version}`)}<br>${escaped(title)}<br><span class="app-muted">${escaped(basename(file))}, ${digest}</span>`,
  );
}

function partShown([about, terms]: [string, TermChange[]]): string {
  return `<h3 class="govuk-heading-s">${escaped(about)}</h3>\n<dl class="govuk-summary-list">${terms.map(termShown).join('')}</dl>`;
}

function termShown(term: TermChange): string {
  const { kind, name, was, now, means, clause } = term;
  const pieces: Piece[] = [
    ...(was === null ? [] : [{ text: was, mark: 'removed' as const }]),
    ...(now === null ? [] : [{ text: now, mark: 'added' as const }]),
  ];
  const label = name ?? { added: 'Added', removed: 'Taken out', changed: 'Changed' }[kind];
  const where = clause === null ? '' : ` <span class="app-muted">Clause ${escaped(clause)}</span>`;
  const says = [means, toCheck(term)]
    .flatMap((note) => (note === null ? [] : [`<p class="app-changes__means">${escaped(note)}</p>`]))
    .join('');
  return row(escaped(label), `${pieces.map(pieceShown).join(' ')}${where}${says}`);
}

function clauseShown(clause: ClauseChange): string {
  const pieces = (list: readonly Piece[]) => list.map(pieceShown).join('');
  const text =
    clause.kind === 'renumbered'
      ? '<span class="app-muted">The words are as they were.</span>'
      : pieces(clause.text);
  return `<section class="app-changes__clause"><h3 class="govuk-heading-s">${pieces(numberOf(clause))} ${pieces(clause.heading)}</h3>${text}</section>`;
}

// Colour and lines are for the eye; who hears the page is told in words.
function pieceShown({ text, mark }: Piece): string {
  if (mark === undefined) return escaped(text);
  const [tag, says] = mark === 'added' ? ['ins', 'added'] : ['del', 'taken out'];
  return `<${tag}><span class="govuk-visually-hidden"> (${says}: </span>${escaped(text)}<span class="govuk-visually-hidden">) </span></${tag}>`;
}

function escaped(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
