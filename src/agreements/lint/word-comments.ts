import { posix } from 'node:path';
import { zipSync } from 'fflate';
import { SaxesParser } from 'saxes';
import { relationsOf } from '../../platform/office.ts';
import { Unreadable } from '../../platform/unreadable.ts';
import type { Archive } from '../../platform/zip.ts';

/** What is said at the edge of a paragraph, counted as the reading counts them. */
export type Remark = { paragraph: number; text: string };

const mostBytes = 200_000_000;
const transitional = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const packages = 'http://schemas.openxmlformats.org/package/2006';
const commentsType = 'application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml';

/**
 * A Word file with comments at its paragraphs, beside those it has; nothing else of it is changed, and what does not belong to its text is copied
 * as it is. `at`: the moment that they are dated. Throws `Unreadable`.
 */
export async function withComments(
  archive: Archive,
  remarks: readonly Remark[],
  at: Date,
): Promise<Uint8Array> {
  const root = (await relationsOf(archive, '')).find(({ type }) => type === 'officeDocument');
  if (!root) throw new Unreadable('not-word');
  const parts = new Map<string, Buffer>();
  let length = 0;
  for (const name of archive.names) {
    if (name.endsWith('/')) continue;
    const chunks: Buffer[] = [];
    for await (const chunk of archive.read(name.toLowerCase())) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    length += bytes.length;
    if (length > mostBytes) throw new Unreadable('too-large');
    parts.set(name, bytes);
  }
  const nameOf = (lower: string) => archive.names.find((name) => name.toLowerCase() === lower) ?? lower;
  const textOf = (name: string) => (parts.get(name) ?? Buffer.alloc(0)).toString('utf8');

  const body = nameOf(root.part);
  const { paragraphs, namespace } = paragraphsIn(textOf(body));
  const related = await relationsOf(archive, root.part).catch(() => []);
  const existing = related.find(({ type, outside }) => type === 'comments' && !outside)?.part;
  const comments =
    existing === undefined ? posix.join(posix.dirname(body), 'comments.xml') : nameOf(existing);
  const before =
    existing === undefined ? `<w:comments xmlns:w="${namespace}"></w:comments>` : textOf(comments);
  const first = Math.max(-1, ...[...before.matchAll(/:id="(\d{1,9})"/g)].map(([, id]) => Number(id))) + 1;

  const placed = remarks.flatMap(({ paragraph, text }, index) => {
    const found = paragraphs[paragraph - 1] ?? paragraphs[0];
    return found ? [{ ...found, text, id: first + index }] : [];
  });
  parts.set(body, Buffer.from(marked(textOf(body), placed, namespace)));
  const written = placed.map(({ id, text }) => commentXml(id, text, at, namespace)).join('');
  parts.set(comments, Buffer.from(beforeEnd(before, written)));
  if (existing === undefined) {
    const relations = posix.join(posix.dirname(body), '_rels', `${posix.basename(body)}.rels`);
    const name = nameOf(relations.toLowerCase());
    const old = parts.has(name)
      ? textOf(name)
      : `<Relationships xmlns="${packages}/relationships"></Relationships>`;
    const office =
      namespace === transitional
        ? 'http://schemas.openxmlformats.org/officeDocument/2006'
        : 'http://purl.oclc.org/ooxml/officeDocument';
    const relation = `<Relationship xmlns="${packages}/relationships" Id="chirographComments" Type="${office}/relationships/comments" Target="comments.xml"/>`;
    parts.set(name, Buffer.from(beforeEnd(old, relation)));
    const types = nameOf('[content_types].xml');
    const override = `<Override xmlns="${packages}/content-types" PartName="/${comments}" ContentType="${commentsType}"/>`;
    if (parts.has(types)) parts.set(types, Buffer.from(beforeEnd(textOf(types), override)));
  }
  return zipSync(Object.fromEntries(parts), { level: 6, mtime: at });
}

/** Where a paragraph begins to say something, and where it ends, in the XML; `empty`: it is `<p/>`. */
type Span = { start: number; end: number; empty: boolean };

function paragraphsIn(xml: string): { paragraphs: Span[]; namespace: string } {
  const parser = new SaxesParser({ xmlns: true });
  const paragraphs: Span[] = [];
  let namespace = transitional;
  let depth = 0;
  let skipped = 0;
  let open: Span | null = null;
  parser.on('opentag', ({ local, uri, isSelfClosing }) => {
    if (local === 'document') namespace = uri;
    if (skipped > 0 || local === 'Fallback') skipped += 1;
    else if (local === 'p') {
      depth += 1;
      if (depth === 1) open = { start: parser.position, end: parser.position, empty: isSelfClosing };
    }
  });
  parser.on('closetag', ({ local }) => {
    if (skipped > 0) {
      skipped -= 1;
      return;
    }
    // What a paragraph is like is said before what it says.
    if (local === 'pPr' && depth === 1 && open) open.start = parser.position;
    if (local !== 'p') return;
    depth -= 1;
    if (depth > 0 || !open) return;
    open.end = open.empty ? parser.position : xml.lastIndexOf('</', parser.position - 1);
    paragraphs.push(open);
    open = null;
  });
  parser.on('error', () => {
    throw new Unreadable('damaged');
  });
  parser.on('doctype', () => {
    throw new Unreadable('damaged');
  });
  parser.write(xml).close();
  return { paragraphs, namespace };
}

function marked(xml: string, placed: readonly (Span & { id: number })[], namespace: string): string {
  const own = `xmlns:w="${namespace}"`;
  const inserts = placed.flatMap(({ start, end, empty, id }) => {
    const from = `<w:commentRangeStart ${own} w:id="${id}"/>`;
    const to = `<w:commentRangeEnd ${own} w:id="${id}"/><w:r ${own}><w:commentReference w:id="${id}"/></w:r>`;
    // An empty paragraph is not opened for it: what is said of it stands behind it.
    return empty
      ? [{ at: end, text: `<w:p ${own}>${from}${to}</w:p>` }]
      : [
          { at: start, text: from },
          { at: end, text: to },
        ];
  });
  let text = '';
  let from = 0;
  for (const insert of inserts.toSorted((one, other) => one.at - other.at)) {
    text += xml.slice(from, insert.at) + insert.text;
    from = insert.at;
  }
  return text + xml.slice(from);
}

function commentXml(id: number, text: string, at: Date, namespace: string): string {
  const paragraphs = text
    .split('\n')
    .map((line) => `<w:p><w:r><w:t xml:space="preserve">${escaped(line)}</w:t></w:r></w:p>`);
  const date = `${at.toISOString().slice(0, 19)}Z`;
  return `<w:comment xmlns:w="${namespace}" w:id="${id}" w:author="Chirograph" w:initials="Ch" w:date="${date}">${paragraphs.join('')}</w:comment>`;
}

function beforeEnd(xml: string, insert: string): string {
  const end = xml.lastIndexOf('</');
  if (end === -1) {
    // A part that is empty may be written as one tag.
    const tag = xml.slice(xml.lastIndexOf('<')).trimEnd();
    const [, name] = /^<([\w:]+)/.exec(tag) ?? [];
    if (name === undefined || !tag.endsWith('/>')) throw new Unreadable('damaged');
    return `${xml.slice(0, xml.lastIndexOf('<'))}${tag.slice(0, -2)}>${insert}</${name}>`;
  }
  return xml.slice(0, end) + insert + xml.slice(end);
}

// XML has no place for most control characters, nor for half a character.
function escaped(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML cannot hold
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
  );
}
