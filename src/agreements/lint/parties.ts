import { lineAt, type Reading, type Sentence, sentenceOf } from '../read/reading.ts';

/** A body that an agreement is between, and where it says so. */
export type NamedParty = { name: string; line: number };

const between = /\b(?:[Bb]etween|(?:agreed|made|entered into) by):? (?:the |\(1\) )?(?=[A-Z])/;
const listed =
  /^(?:[\w.]{1,6} )?(?:the )?(?:parties|partners|signatories|signatory organisations|participants|partner organisations|organisations|agencies)(?: (?:to|in) this \w+)?(?: (?:are|is|include|comprise))?(?: as follows| the following)? ?[:|]/i;
const following =
  /\bfollowing (?:are|organisations|agencies|bodies|partners|parties|signatories)[\w ]{0,40}:|\b(?:bodies|organisations|agencies|partners|authorities)\b[\w “”"'(),]{0,60}\bha(?:ve|s) agreed\b[\w ]{0,40}:$/i;
// Names that have an “and” in them.
const joined =
  /\b(Police(?= and (?:Crime|Fire))|Fire|Health|Social|Families|Housing|Children|Transport|Environment|Justice|Adults?|Care|Work|Food|Sport|Business|Digital|Wellbeing|Education|Culture|Energy|Dales|Vale|[A-Z]\w+shire)(?:,? \w+)? and (?=[A-Z])/g;
const kept = '\u0000';
const most = 40;

/** The parties as a document names them, where it says who they are. */
export function partiesOf(reading: Reading): NamedParty[] {
  const { sentences } = reading;
  const all = [
    listOf(sentences),
    columnOf(sentences),
    betweenLines(sentences),
    definedIn(sentences),
    ...sentences.slice(0, 60).map(inOne),
    introducedIn(sentences),
    inTitle(reading),
  ];
  return all.find((parties) => parties.length > 1) ?? [];
}

// “The parties are:”, and what follows it, in the line or as a list.
function listOf(sentences: readonly Sentence[]): NamedParty[] {
  for (const [at, sentence] of sentences.entries()) {
    const lead = listed.exec(sentence.text) ?? following.exec(sentence.text);
    if (!lead) continue;
    const from = lead.index + lead[0].length;
    const rest = sentence.text.includes(' | ') ? cellsIn(sentence, from) : sentence.text.slice(from);
    const inLine = namesIn(rest, ';').map((name) => ({ name, line: lineAt(sentence, sentence.text.length) }));
    if (inLine.length > 1) return inLine;
    if (rest.trim() !== '') continue;
    const items = itemsAfter(sentences, at);
    if (items.length > 1)
      return items.flatMap((item) =>
        namesIn(item.text.split(/, | \| |\. /, 1)[0] ?? '', 'whole')
          .slice(0, 1)
          .map((name) => ({ name, line: lineAt(item, 0) })),
      );
  }
  return [];
}

// The paragraphs of a cell are names of their own.
function cellsIn({ text, pieces }: Sentence, from: number): string {
  const starts = [from, ...pieces.map((piece) => piece.from).filter((start) => start > from), text.length];
  return starts
    .slice(1)
    .map((end, at) => text.slice(starts[at], end).trim())
    .join('; ');
}

function itemsAfter(sentences: readonly Sentence[], at: number): Sentence[] {
  const rest = sentences.slice(at + 1, at + 1 + most);
  // Or a paragraph for each.
  if (rest[0] && !rest[0].item && !rest[0].text.includes(' | ') && isBody(rest[0])) {
    const other = rest.findIndex((sentence) => !isBody(sentence));
    return rest.slice(0, other === -1 ? undefined : other);
  }
  const end = rest.findIndex(({ item, text }) => !item && !/^\(?\d\)/.test(text));
  return end === -1 ? rest : rest.slice(0, end);
}

function inOne(sentence: Sentence): NamedParty[] {
  const found = between.exec(sentence.text);
  if (!found) return [];
  const [list = ''] = sentence.text
    .slice(found.index + found[0].length)
    .slice(0, 400)
    .split(/[.;]/, 1);
  return namesIn(list, 'and').map((name) => ({ name, line: lineAt(sentence, found.index) }));
}

// “between”, and each of them on a line of its own.
function betweenLines(sentences: readonly Sentence[]): NamedParty[] {
  const at = sentences.slice(0, 60).findIndex(({ text }) => /^between:?$/i.test(text));
  if (at === -1) return [];
  const rest = sentences.slice(at + 1, at + 1 + most).filter(({ text }) => !/^and$/i.test(text));
  const end = rest.findIndex(({ text }) => !anyBody.test(text));
  return rest.slice(0, end === -1 ? undefined : end).flatMap((sentence) =>
    namesIn(sentence.text.split(/ of (?:the )?(?=[A-Z][a-z])|, /, 1)[0] ?? '', 'whole').map((name) => ({
      name,
      line: lineAt(sentence, 0),
    })),
  );
}

// A table whose first column has the partners.
function columnOf(sentences: readonly Sentence[]): NamedParty[] {
  const head = sentences.findIndex(({ text }) =>
    /^(?:name of )?(?:partner|party|participant|signatory|agency|organisation)(?: organisation)?s? \| (?:name of |legal )?(?:departments?|teams?|contacts?|address|roles?|status|responsib\w*|lead|name|position|point)\b/i.test(
      text,
    ),
  );
  if (head === -1) return [];
  const rows = sentences.slice(head + 1, head + 1 + most);
  const end = rows.findIndex(({ text }) => !text.includes(' | ') && text.length > 60);
  return rows
    .slice(0, end === -1 ? undefined : end)
    .filter(({ text }) => text.includes(' | '))
    .flatMap((row) =>
      namesIn(nameInCell(row), ';')
        .slice(0, 1)
        .map((name) => ({ name, line: lineAt(row, 0) })),
    );
}

const defined = /\((?:the )?["“](?:the )?[A-Z]/g;
const within = /^(?:[A-Z][^"“”()]*|of|and|for|the|&)$/;

// “Northby Council (“the Council”) and Eastmoor Police (“the Police”)”
function definedIn(sentences: readonly Sentence[]): NamedParty[] {
  for (const sentence of sentences.slice(0, 60)) {
    const names = [...sentence.text.matchAll(defined)].flatMap(({ index }) => {
      const words = sentence.text
        .slice(Math.max(0, index - 120), index)
        .trim()
        .replace(/ and (?:his|her|its|their) (?:office|staff)$/, '')
        .split(' ');
      const name = words.slice(words.findLastIndex((word) => !within.test(word)) + 1);
      while (name[0] !== undefined && !/^[A-Z]/.test(name[0])) name.shift();
      if (name[0] === 'The') name.shift();
      return name.length > 1 ? [{ name: name.join(' '), line: lineAt(sentence, index) }] : [];
    });
    if (names.length > 1) return names;
  }
  return [];
}

// “1.1 Northby Council (“the Council”) is a …”, “A2. Eastmoor Police, a corporation sole, …”: one after the other.
const introduced =
  /^(?:[A-Z]?\d{0,2}(?:\.\d{1,2})?[.)]? )?(?:[^|]{3,60}\| )?(?:[Tt]he )?([A-Z][^("“,;:|]{2,100}) ?(?:\((?:the )?["“]|, an? )/;
const near = 12; // lines

function introducedIn(sentences: readonly Sentence[]): NamedParty[] {
  const all = sentences.slice(0, 60).flatMap((sentence) => {
    const name = introduced.exec(sentence.text)?.[1]?.trim();
    return name !== undefined && body.test(name) ? [{ name, line: lineAt(sentence, 0) }] : [];
  });
  const apart = all.findIndex(({ line }, at) => line - (all[at - 1]?.line ?? line) > near);
  return apart === -1 ? all : all.slice(0, apart);
}

const isBody = ({ text }: Sentence) => /^[A-Z]/.test(text) && body.test(text.split(',', 1)[0] ?? '');
const anyBody =
  /\b(?:council|police|constab\w+|trust|authority|board|commissioner|ltd|limited|service|university|school)\b/i;
const body =
  /\b(?:Police|Constable|Homes|Constabulary|Council|Trust|Authority|Board|Commissioners?|Ltd|Limited|Service|Department|Ministry|Association|University|College|School|Agency|Office)\b/i;

// A line of two names, under the title.
function inTitle({ sentences, headings }: Reading): NamedParty[] {
  const lines = [...headings.map(sentenceOf), ...sentences].filter(
    ({ pieces }) => (pieces[0]?.line ?? 0) < 30,
  );
  for (const line of lines) {
    if (line.text.length > 160 || !/ and /i.test(line.text) || /[.:;]$/.test(line.text)) continue;
    const names = namesIn(line.text.replace(/ AND /g, ' and '), 'and');
    if (names.length > 1 && names.every((name) => body.test(name)))
      return names.map((name) => ({ name, line: lineAt(line, 0) }));
  }
  return [];
}

function namesIn(list: string, by: ';' | 'and' | 'whole'): string[] {
  const whole = list
    .replaceAll(/\([^()]{0,200}\)/g, '')
    .replaceAll(/[“"][^“"”]{0,200}[”"]/g, '')
    .replaceAll(joined, (name) => name.replaceAll(' and ', ` ${kept} `));
  const apart = {
    and: /,? and (?:the )?(?:members of )?(?=[A-Z(])|; ?|, (?:the )?(?=[A-Z])/,
    ';': /;(?: and)? ?|(?:,? and|,) (?:the )?(?=[A-Z])| \| /,
  };
  const parts = by === 'whole' ? [whole] : whole.split(apart[by]);
  return parts
    .map((part) =>
      (part.split(/, (?=an? |which |of |whose |who |acting |registered )| (?=of \d)| (?=whose )/, 1)[0] ?? '')
        .replaceAll(kept, 'and')
        .replaceAll(/\s+/g, ' ')
        .replace(/^(?:the|\(?\w\)|and) /i, '')
        .trim()
        .replace(/[.,;:]$/, ''),
    )
    .filter(
      (name) =>
        /^[A-Z]/.test(name) &&
        name.length > 2 &&
        name.length < 120 &&
        !address.test(name) &&
        !notName.test(name),
    );
}

// A first cell that goes on over lines has the address on lines of its own, or one row for each.
function nameInCell({ text, pieces }: Sentence): string {
  const [cell = ''] = text.split(' | ', 1);
  const starts = pieces.map(({ from }) => from).filter((from) => from < cell.length);
  const parts = starts.map((from, at) => cell.slice(from, starts[at + 1]).trim());
  const end = parts.findIndex((part) => address.test(part) || part.startsWith('('));
  return parts
    .slice(0, end === -1 ? undefined : end)
    .join(' ')
    .replace(/;$/, '');
}

const notName = /\bregist(?:ration|ered)\b|\d{5}/i;
const address =
  /^(?:[A-Z]{1,2}\d|.{0,40}\b(?:Street|Road|Lane|Offices|House|Headquarters|Avenue|Park|Quay)\b|.{0,40}\b(?:Way|Square|Place|Close|Drive|Hill|Row|Terrace|Gardens|Rooms|Hall|Building|Buildings)$|\d)|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b/;
