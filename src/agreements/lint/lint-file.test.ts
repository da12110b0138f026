import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { paragraph, wordOf } from '../../../test/support/word.ts';
import { zipOf } from '../../../test/support/zip.ts';
import type { Day } from '../../platform/pure/dates.ts';
import { lintFile } from './lint-file.ts';

vi.setConfig({ testTimeout: 120_000 });

const asOf = '2026-11-22' as Day;
let folder: string;
let within: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lint-'));
  within = join(folder, 'within');
  await mkdir(within);
});
afterAll(() => rm(folder, { recursive: true }));

async function lintOf(name: string, content: Buffer | string) {
  const path = join(folder, name);
  await writeFile(path, content);
  const linted = await lintFile({ path, named: name, asOf, within });
  return linted.ok ? linted.found : linted;
}
const vector = (name: string) =>
  readFile(new URL(`../../../test/vectors/agreements/${name}`, import.meta.url));

describe('the same agreement', () => {
  it('as Word and as PDF lacks the same, and says where in each', async () => {
    const [word, pdf] = [
      await lintOf('a.docx', await vector('protocol.docx')),
      await lintOf('a.pdf', await vector('protocol.pdf')),
    ];
    if ('ok' in word || 'ok' in pdf) throw new Error('refused');
    const brief = ({ components }: typeof word) =>
      components.map(({ id, status, lacks }) => [id, status, lacks]);
    expect(brief(pdf)).toEqual(brief(word));
    expect(word.outdated).toMatchObject([{ id: 'D01', line: 19 }]);
    expect(pdf.outdated).toMatchObject([{ id: 'D01', page: 2, line: 7 }]);
    expect(pdf.dates).toEqual(word.dates);
    expect(word.dates).toMatchObject({ commencement: '2024-05-25', signatures: ['2024-05-20'] });
  });

  it('is told by what it begins with, whatever its name ends with', async () => {
    expect(await lintOf('b.pdf', await vector('protocol.docx'))).toHaveProperty('title');
  });
});

describe('a file that is not to be read is refused, and says what to do', () => {
  const document = (xml: string) =>
    zipOf([
      {
        name: '_rels/.rels',
        bytes:
          '<Relationships><Relationship Id="a" Type="x/officeDocument" Target="word/document.xml"/></Relationships>',
      },
      { name: 'word/document.xml', bytes: xml },
    ]);
  const entity =
    '<!DOCTYPE w:document [<!ENTITY x SYSTEM "file:///etc/passwd">]><w:document><w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>';
  it.each([
    ['entities.docx', () => document(entity), 'lint.damaged'],
    ['bomb.docx', () => document(`<w:document>${' '.repeat(80_000_000)}</w:document>`), 'lint.too-large'],
    ['deep.docx', () => document(`<w:document>${'<w:p>'.repeat(200)}`), 'lint.damaged'],
    ['sheet.docx', () => document('<worksheet/>'), 'lint.not-word'],
    [
      'nothing.docx',
      () => zipOf([{ name: 'mimetype', bytes: 'application/vnd.oasis.opendocument.text' }]),
      'lint.not-word',
    ],
    ['cut.docx', async () => (await vector('protocol.docx')).subarray(0, 9_000), 'lint.damaged'],
    ['macros.docx', () => wordOf(paragraph('x'), [{ type: 'vbaProject', xml: '<x/>' }]), 'lint.macros'],
    ['old.doc', () => Buffer.from('d0cf11e0a1b11ae10000', 'hex'), 'lint.old-word'],
    ['locked.pdf', () => vector('locked.pdf'), 'lint.encrypted'],
    ['scan.pdf', () => vector('scan.pdf'), 'lint.scanned'],
    ['cut.pdf', () => Buffer.from('%PDF-1.7\n1 0 obj'), 'lint.damaged'],
    ['rich.txt', () => Buffer.from('{\\rtf1 hello}'), 'lint.form'],
    ['bytes.txt', () => Buffer.of(0x41, 0, 0x42), 'lint.not-text'],
    ['large.txt', () => Buffer.alloc(20_000_001, 'a'), 'lint.large'],
    ['a.odt', () => Buffer.from('hello'), 'lint.form'],
  ])('%s', async (name, content, code) => {
    const refused = await lintOf(name, await content());
    expect(refused).toMatchObject({ ok: false, code });
    expect('says' in refused && refused.says).toMatch(/\. .*|save|ask|give/i);
  });

  it('a folder, nothing at all, and what a link leads away to', async () => {
    for (const name of ['.', 'not-there.docx'])
      expect(await lintFile({ path: join(folder, name), named: name, asOf })).toMatchObject({
        kind: 'not-found',
      });
    await symlink('/dev/zero', join(folder, 'zero.txt'));
    expect(await lintFile({ path: join(folder, 'zero.txt'), named: 'zero.txt', asOf })).toMatchObject({
      kind: 'not-found',
    });
  });

  it('and leaves nothing behind', async () => {
    expect(await readdir(within)).toEqual([]);
  });
});

it.skipIf(!existsSync('/usr/bin/prlimit'))(
  'a PDF that unpacks to two gigabytes has no more memory than it is given (skipped where the system cannot say)',
  async () => {
    const flush = { finishFlush: constants.Z_FULL_FLUSH };
    const block = deflateRawSync(Buffer.alloc(10_000_000, ' '), flush);
    const stream = Buffer.concat([
      Buffer.of(0x78, 0x9c),
      ...Array.from({ length: 200 }, () => block),
      Buffer.of(3, 0),
    ]);
    const objects = [
      '<</Type/Catalog/Pages 2 0 R>>',
      '<</Type/Pages/Kids[3 0 R]/Count 1>>',
      '<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>',
    ].map((object, at) => `${at + 1} 0 obj${object}endobj\n`);
    const contents = `4 0 obj<</Length ${stream.length}/Filter/FlateDecode>>stream\n`;
    const end = '\nendstream endobj\ntrailer<</Root 1 0 R>>\n';
    const pdf = [`%PDF-1.4\n${objects.join('')}${contents}`, stream, end].map((part) =>
      Buffer.from(part as string),
    );
    expect(await lintOf('bomb.pdf', Buffer.concat(pdf))).toMatchObject({ ok: false, code: 'lint.too-large' });
  },
);

it('text in any bytes is read: what is no UTF-8 as Windows writes it', async () => {
  const found = await lintOf(
    'w.txt',
    Buffer.from('It rests on the \x93Data Protection Act 1998\x94.', 'latin1'),
  );
  expect(found).toMatchObject({ outdated: [{ id: 'D01', line: 1 }] });
});
