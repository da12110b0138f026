import {
  Document,
  Footer,
  Header,
  LeaderType,
  Packer,
  PageNumber,
  Paragraph,
  Tab,
  TableOfContents,
  TabStopType,
  TextRun,
} from 'docx';
import { unzipSync, zipSync } from 'fflate';
import type { Instant } from '../../platform/pure/dates.ts';
import type { Block, Cell, Piece, Written } from './blocks.ts';
import { asIs, cellInPieces, inPieces } from './in-pieces.ts';
import { isCounted, type Numbered, numberedByWord } from './numbering.ts';
import { wordOf } from './word-blocks.ts';
import { clauseNumbers, colours, itemLists, page, styles, textWidth } from './word-look.ts';
import { runsOf, trackedBy, wholeMark } from './word-text.ts';

/**
 * An agreement as a Word file: real headings, numbers that Word counts itself, tables whose head is repeated. `at` is the
 * moment that the file says it is of: the same agreement and moment give the same bytes.
 */
export function writeWord(written: Written, at: Instant): Promise<Uint8Array> {
  const { lists, of } = numberedByWord(written.blocks);
  const tracking = trackedBy({ name: '', at });
  const blocks = written.blocks.map(inPieces);
  return wordFile(written, at, {
    lists: [...lists.map((list, index) => clauseNumbers(list, `clauses-${index}`)), ...itemLists],
    title: runsOf(asIs(written.title), tracking),
    facts: wordOf(factsOf(written.facts.map((row) => row.map(cellInPieces))), null, tracking),
    body: blocks.flatMap((block, index) => wordOf(block, of[index] ?? null, tracking)),
    contents: contentsOf(blocks),
  });
}

/**
 * An agreement as a Word file with what changed in it as tracked changes. Numbers of clauses are text: they too may have changed. The
 * (a), (b), (c) within them are Word's, which counts anew when a change is accepted or rejected.
 */
export function writeTrackedWord(
  written: Written<Piece[]> & { titleInPieces: Piece[] },
  at: Instant,
): Promise<Uint8Array> {
  const tracking = trackedBy({ name: 'Chirograph', at });
  return wordFile(written, at, {
    lists: itemLists,
    title: runsOf(written.titleInPieces, tracking),
    facts: wordOf(factsOf(written.facts), null, tracking),
    body: written.blocks.flatMap((block, at) => wordOf(block, countedItems(block, at), tracking)),
    contents: contentsOf(written.blocks),
  });
}

function countedItems(block: Block<Piece[]>, list: number): Numbered | null {
  if (block.kind !== 'items') return null;
  const stays = block.items.filter(({ text }) => wholeMark(text) !== 'removed');
  return isCounted(stays) ? { list, level: 0 } : null;
}

type Parts = {
  title: ReturnType<typeof runsOf>;
  lists: (ReturnType<typeof clauseNumbers> | (typeof itemLists)[number])[];
  facts: ReturnType<typeof wordOf>;
  body: ReturnType<typeof wordOf>;
  contents: { title: string; level: number }[];
};

const factsOf = (rows: Cell<Piece[]>[][]): Block<Piece[]> => ({
  kind: 'table',
  caption: 'About this agreement',
  head: null,
  widths: [0.22, 0.78],
  rows,
});

function contentsOf(blocks: readonly Block<Piece[]>[]): Parts['contents'] {
  const stays = (pieces: Piece[]) =>
    pieces.flatMap(({ text, mark }) => (mark === 'removed' ? [] : [text])).join('');
  return blocks.flatMap((block) => {
    if (block.kind !== 'heading' || block.level !== 1) return [];
    const title = [stays(block.number ?? []), stays(block.text)].filter((part) => part !== '').join('  ');
    return title === '' ? [] : [{ title, level: 1 }];
  });
}

async function wordFile(
  written: Written<unknown>,
  at: Instant,
  { lists, title: shownTitle, facts, body, contents }: Parts,
): Promise<Uint8Array> {
  const { title, reference, version, marking, digest, type, owner } = written;
  const named = `${reference}, version ${version}`;
  const pages = ['Page ', PageNumber.CURRENT, ' of ', PageNumber.TOTAL_PAGES];
  const document = new Document({
    title,
    subject: type,
    creator: owner,
    lastModifiedBy: owner,
    keywords: `${reference}, version ${version}, ${marking}`,
    description: `Digest ${digest}`,
    customProperties: [
      { name: 'Reference', value: reference },
      { name: 'Version', value: String(version) },
      { name: 'Marking', value: marking },
      { name: 'Digest', value: digest },
    ],
    compatabilityModeVersion: 15,
    styles,
    numbering: { config: lists },
    sections: [
      {
        properties: {
          page: {
            size: { width: page.width, height: page.height },
            margin: {
              left: page.side,
              right: page.side,
              top: page.top,
              bottom: page.bottom,
              header: page.header,
              footer: page.footer,
            },
          },
        },
        headers: { default: new Header({ children: [edge(named, marking, type)] }) },
        footers: { default: new Footer({ children: [edge(digest, null, pages), edge('', marking, '')] }) },
        children: [
          new Paragraph({ style: 'Kind', children: [new TextRun(type)] }),
          new Paragraph({ style: 'Title', children: shownTitle }),
          ...facts,
          new Paragraph({ style: 'ContentsTitle', children: [new TextRun('Contents')] }),
          // Word asks before it fills in a table that is marked as to be updated, and the library numbers the marks of a
          // linked one by process: so the entries stand there, and whoever wants page numbers presses F9.
          new TableOfContents('Contents', {
            headingStyleRange: '1-1',
            tabLeader: LeaderType.NONE,
            beginDirty: false,
            cachedEntries: contents,
          }),
          ...body,
        ],
      },
    ],
  });
  return dated(await Packer.toBuffer(document), at);
}

type Said = string | (string | (typeof PageNumber)[keyof typeof PageNumber])[];

/** A line at the edge of the page: left, middle, right. */
function edge(left: Said, middle: Said | null, right: Said, border = {}): Paragraph {
  const run = (said: Said, look = {}) => new TextRun({ ...look, children: [said].flat() });
  const tab = () => new TextRun({ children: [new Tab()] });
  return new Paragraph({
    style: 'Edge',
    ...border,
    tabStops: [
      ...(middle === null ? [] : [{ type: TabStopType.CENTER, position: textWidth / 2 }]),
      { type: TabStopType.RIGHT, position: textWidth },
    ],
    children: [
      run(left),
      ...(middle === null ? [] : [tab(), run(middle, { bold: true, color: colours.ink, size: 19 })]),
      tab(),
      run(right),
    ],
  });
}

// The library dates a file with the moment at which it runs, and so does the zip around it.
function dated(file: Uint8Array, at: Instant): Uint8Array {
  const parts = unzipSync(file);
  const core = 'docProps/core.xml';
  const xml = Buffer.from(parts[core] ?? []).toString('utf8');
  const second = `${at.slice(0, 19)}Z`;
  const moment = />\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z<\/dcterms:/g;
  parts[core] = Buffer.from(xml.replace(moment, `>${second}</dcterms:`));
  // A zip's times begin in 1980, and have no time zone.
  return zipSync(parts, { mtime: new Date(1980, 0, 1) });
}
