import { basename } from 'node:path';
import { actorOf, callerOf, holdsRole } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Database } from '../platform/database.ts';
import { type Answer, type Exchange, fieldOf, type Route, type Upload } from '../platform/http/index.ts';
import { counted } from '../platform/pure/words.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import type { Found } from './check-document.ts';
import { compareInThread } from './diff/compare-in-thread.ts';
import { howToRead } from './diff/show-page.ts';
import { forms } from './export/forms.ts';
import { printable } from './export/printable.ts';
import { mostBytes } from './lint/lint-file.ts';
import { mayPropose } from './rules.ts';
import { findAgreement, type KeptAgreement } from './store.ts';

const notYours = {
  refused: refuse(
    'no-authority',
    'agreement.not-yours-to-compare',
    'Who looks after agreements compares them here: a SPOC, a DPO, an asset owner, a SIRO or the chief executive.',
  ),
};
const notFound = {
  refused: refuse('not-found', 'agreement.not-found', 'Your organisation has no such agreement.'),
};

// Both go back in a form, for the Word file, and a field of it may weigh 256 KB.
const longest = 200 * 1024;
const longestInForm = 256 * 1024;

const mostProblems = 50;

type Side = 'was' | 'now';

/** Comparing two versions of an agreement: each a file, or the first one that is here. Nothing of them is kept. */
export function compareRoutes(database: Database): Route[] {
  // The agreement that the visitor came from: undefined for none, null where they have no such one.
  const cameFrom = async ({ visitor }: Exchange, reference: string) =>
    reference === ''
      ? undefined
      : database.read(actorOf(callerOf(visitor)), (db) => findAgreement(db, reference));

  const show = async (exchange: Exchange): Promise<Answer> => {
    if (!holdsRole(callerOf(exchange.visitor), mayPropose)) return notYours;
    const first = await cameFrom(exchange, exchange.query['with'] ?? '');
    return first === null ? notFound : formPage(first);
  };

  const compare = async (exchange: Exchange): Promise<Answer> => {
    const { visitor, form, upload, now: at } = exchange;
    if (!holdsRole(callerOf(visitor), mayPropose)) return notYours;
    const first = await cameFrom(exchange, fieldOf(form, 'with'));
    if (first === null) return notFound;
    const files = await filesOf(upload);
    const was = first ? { file: 'as it is here', text: first.document } : given('was', files);
    const now = given('now', files);
    const [refused, ...others] = [was, now].flatMap((one) => ('kind' in one ? [one] : []));
    if (refused) return { refused: [refused, ...others], ...formPage(first) };
    if ('kind' in was || 'kind' in now) throw new Error('What was refused was compared');
    const compared = await compareInThread({ was, now, want: 'page', at });
    if (!('is' in compared)) return { refused: compared, ...formPage(first) };
    if (compared.is === 'unreadable') return unreadable(compared, { was, now }, first);
    if (compared.is === 'same') return { refused: theSame, ...formPage(first) };
    if (compared.is !== 'page') throw new Error('A page was asked for');
    const tooLong = [compared.was, compared.now].some((text) => Buffer.byteLength(text) > longestInForm);
    if (tooLong) return { refused: tooLongHere, ...formPage(first) };
    return { page: 'compare-page.njk', model: { ...compared, howToRead } };
  };

  const asWord = async ({ visitor, form, now: at }: Exchange): Promise<Answer> => {
    if (!holdsRole(callerOf(visitor), mayPropose)) return notYours;
    const [was, now] = [fieldOf(form, 'was'), fieldOf(form, 'now')];
    const sides = { was: { file: '', text: was }, now: { file: '', text: now } };
    const compared = await compareInThread({ ...sides, want: 'word', at });
    if (!('is' in compared)) return { refused: compared, ...formPage() };
    if (compared.is !== 'word') return { refused: notWhole, ...formPage() };
    const name = `${printable(compared.reference).slice(0, 100)} what changed.docx`;
    return { file: Buffer.from(compared.file), name, type: forms.docx };
  };

  const path = paths.compareAgreements();
  const files = { maxBytes: mostBytes, files: 2 };
  // Of no file, but both texts are more than a form without one may weigh.
  const texts = { maxBytes: 2 * longestInForm };
  return [
    { method: 'GET', path, who: 'signed-in', handle: show },
    { method: 'POST', path, who: 'signed-in', handle: compare, upload: files },
    { method: 'POST', path: paths.comparedAsWord(), who: 'signed-in', handle: asWord, upload: texts },
  ];
}

/** The form; `problems`: what is wrong with a file, each at its line. */
function formPage(first?: KeptAgreement, problems: ReturnType<typeof problemsShown> = []) {
  const { reference, version, title } = first?.agreement ?? {};
  const from = first ? { reference, version, title } : null;
  return { page: 'compare.njk', model: { first: from, kilobytes: longest / 1024, problems } };
}

type File = { file: string; bytes: Buffer | null };

/** The files of the form by their fields; without its bytes, one that is too long. */
async function filesOf(upload: Upload | null): Promise<Map<string, File>> {
  const files = new Map<string, File>();
  for (let one = upload; one !== null; one = await one.next()) {
    const chunks: Buffer[] = [];
    let bytes = 0;
    // To its end, also where it is too long: the file after it comes only then.
    for await (const chunk of one.stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= longest) chunks.push(chunk);
    }
    const file = printable(basename(one.name.replaceAll('\\', '/')).slice(0, 200));
    files.set(one.field, { file, bytes: bytes > longest ? null : Buffer.concat(chunks) });
  }
  return files;
}

const chooseOne: Record<Side, string> = {
  was: 'Choose the agreement as it was',
  now: 'Choose the agreement as it is to be',
};

/** The text of a file that was chosen, or why there is none. */
function given(side: Side, files: ReadonlyMap<string, File>): { file: string; text: string } | Refusal {
  const chosen = files.get(side);
  if (!chosen) return refuse('invalid', `compare.no-file-${side}`, chooseOne[side], side);
  const { file, bytes } = chosen;
  if (bytes === null) {
    const says = `“${file}” is larger than ${longest / 1024} KB. Compare it by command: chirograph agreement diff A B --out CHANGES.docx.`;
    return refuse('invalid', 'compare.too-long', says, side);
  }
  const text = bytes.toString('utf8');
  if (text.trim() === '') {
    const says = `“${file}” is empty. Choose a file with an agreement in it.`;
    return refuse('invalid', 'compare.empty', says, side);
  }
  if (!Buffer.from(text).equals(bytes) || text.includes('\0')) return noAgreement(side, file);
  return { file, text };
}

const noAgreement = (side: Side, file: string) =>
  refuse(
    'invalid',
    'compare.not-an-agreement',
    `“${file}” is not an agreement as this service writes them, in YAML or JSON. Of a Word file or a PDF, make a draft first: choose “Read one you have” among your agreements.`,
    side,
  );

// What somebody took for an agreement and is none has too much wrong with it to be told.
const meantAsOne = (text: string) => text.includes('agreement/1');

function unreadable(
  found: Record<Side, Found[]>,
  files: Record<Side, { file: string; text: string }>,
  first: KeptAgreement | undefined,
): Answer {
  const refused = (['was', 'now'] as const).flatMap((side) => {
    const [{ file, text }, { length }] = [files[side], found[side]];
    if (length === 0) return [];
    if (!meantAsOne(text)) return [noAgreement(side, file)];
    const says = `Put ${counted(length, 'thing', 'things')} right in “${file}” before it can be compared`;
    return [refuse('invalid', 'compare.not-whole', says, side)];
  });
  const problems = (['was', 'now'] as const).flatMap((side) =>
    meantAsOne(files[side].text) ? problemsShown(files[side], found[side]) : [],
  );
  const [one, ...others] = refused;
  if (!one) throw new Error('Two agreements could not be read, and nothing is wrong with them');
  return { refused: [one, ...others], ...formPage(first, problems) };
}

function problemsShown({ file, text }: { file: string; text: string }, problems: readonly Found[]) {
  const lines = text.split('\n');
  return problems.slice(0, mostProblems).map(({ path, line, says }) => ({
    file,
    where: line === null ? path : `Line ${line}`,
    words: line === null ? null : printable((lines[line - 1] ?? '').trim().slice(0, 200)),
    says,
  }));
}

const theSame = refuse(
  'invalid',
  'compare.same',
  'These two are the same agreement, in every word and every term. Choose another version of it.',
  'now',
);
const tooLongHere = refuse(
  'invalid',
  'compare.too-long-here',
  'These two are too long for a page. Compare them by command: chirograph agreement diff A B --out CHANGES.docx.',
  'now',
);
const notWhole = refuse(
  'invalid',
  'compare.not-whole-again',
  'Give both agreements again: they did not come back whole.',
  'now',
);
