import {
  DeletedTextRun,
  HighlightColor,
  InsertedTextRun,
  type IRunOptions,
  type ParagraphChild,
  Tab,
  TextRun,
} from 'docx';
import { aroundBlanks } from '../blanks.ts';
import type { Piece } from './blocks.ts';

/** Who changed it and when, as Word says beside each tracked change. */
export type Author = { name: string; at: string };

/** Numbers Word's tracked changes: each has an id of its own in the document. */
export type Tracking = { author: Author; next: () => number };

export function trackedBy(author: Author): Tracking {
  let id = 0;
  return { author, next: () => (id += 1) };
}

/** Whether all of a text was added, or taken out: then what holds it was too. */
export function wholeMark(pieces: readonly Piece[]): Piece['mark'] {
  const said = pieces.filter(({ text }) => text !== '');
  const mark = said[0]?.mark;
  return said.every((piece) => piece.mark === mark) ? mark : undefined;
}

/** The revision of something that is whole new or whole gone, in the words of the library; nothing for what stayed. */
export function revisionOf(mark: Piece['mark'], { author, next }: Tracking) {
  if (mark === undefined) return {};
  const change = { id: next(), author: author.name, date: author.at };
  return mark === 'added' ? { insertion: change } : { deletion: change };
}

/** Text as Word's runs; a line feed is a new line, a tab by itself a tab, and what is left blank is marked yellow. */
export function runsOf(
  pieces: readonly Piece[],
  tracking: Tracking,
  look: IRunOptions = {},
): ParagraphChild[] {
  return pieces.flatMap(({ text, mark }) =>
    text.split('\n').flatMap((line, at) =>
      aroundBlanks(line).flatMap((part, piece): ParagraphChild[] => {
        const breaks = at > 0 && piece === 0;
        if (part === '' && !breaks) return [];
        const said = part === '\t' ? { children: [new Tab()] } : { text: part };
        const blank = piece % 2 === 1 ? { highlight: HighlightColor.YELLOW } : {};
        const run = { ...look, ...said, ...blank, ...(breaks ? { break: 1 } : {}) };
        if (mark === undefined) return [new TextRun(run)];
        const { author, next } = tracking;
        const change = { ...run, id: next(), author: author.name, date: author.at };
        return [mark === 'added' ? new InsertedTextRun(change) : new DeletedTextRun(change)];
      }),
    ),
  );
}
