import { createHmac } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { sha256Hex } from '../../src/platform/pure/hash.ts';
import { type Answer, aCommandLine, type CommandLine } from '../support/command.ts';

// `chirograph data protect` as somebody types it: no database, no account, files in and files out.

vi.setConfig({ testTimeout: 60_000 });

const key = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
const people = [
  'Name,NHS,Age,Sex,Outcome,Shoe size',
  ...Array.from({ length: 6 }, (_, at) => `Amina,943476591${at},3${at},F,${at % 2 ? 'A' : 'B'},5`),
  'Tom,,47,M,A,9',
].join('\n');
const terms = `chirograph: terms/1
datasets:
  - id: people
    format: { type: csv, delimiter: "," }
    fields:
      - { name: NHS, type: string, role: identifier, use: pseudonymise }
      - { name: Name, type: string, role: identifier, use: drop }
      - { name: Age, type: integer, role: quasi-identifier, use: generalise, hierarchy: ages.csv }
      - { name: Sex, type: string, role: quasi-identifier, use: keep }
      - { name: Outcome, type: string, role: sensitive, use: keep }
    protection: { k: 5, suppressionLimit: 0.2, l: 2 }
`;

let line: CommandLine;
const at = (name: string) => join(line.folder, name);

beforeAll(() => {
  line = aCommandLine();
  writeFileSync(at('people.csv'), people);
  writeFileSync(at('terms.yaml'), terms);
  writeFileSync(
    at('ages.csv'),
    [30, 31, 32, 33, 34, 35, 47].map((age) => `${age};${age - (age % 10)}s;*\n`).join(''),
  );
  writeFileSync(at('key'), key);
});
afterAll(() => line.close());

type Asked = { file?: string; terms?: string; dataset?: string; out?: string; key?: string | null };
function asked({
  file = 'people.csv',
  terms: of = 'terms.yaml',
  dataset = 'people',
  out = 'o.csv',
  key: by = 'key',
}: Asked) {
  const keyFile = by === null ? [] : ['--key-file', at(by)];
  return ['data', 'protect', at(file), '--terms', at(of), '--dataset', dataset, '--out', at(out), ...keyFile];
}

async function protect(of: Asked, ...more: string[]): Promise<Answer & { json: Record<string, unknown> }> {
  const answer = await line.run(...asked(of), ...more, '--json');
  return { ...answer, json: JSON.parse(answer.out) };
}
const hmac = (value: string) => createHmac('sha256', key).update(value, 'utf8').digest('hex');
const left = () => readdirSync(line.folder).filter((name) => name.startsWith('.chirograph-'));

test('what leaves is a workbook where its name says so, and people are told of what looks like a formula', async () => {
  writeFileSync(at('notes.csv'), 'note\n=1+1\nplain\n');
  const [head = ''] = terms.split('    fields:');
  const notes = `${head}    readBy: people\n    fields:\n      - { name: note, type: string, role: other, use: keep }\n`;
  writeFileSync(at('notes.yaml'), notes);
  const make = (out: string) =>
    line.run(
      'data',
      'protect',
      at('notes.csv'),
      '--terms',
      at('notes.yaml'),
      '--dataset',
      'people',
      '--out',
      at(out),
    );
  expect((await make('notes.xlsx')).out).toContain('They leave as text, which a spreadsheet does not run.');
  expect(readFileSync(at('notes.xlsx')).subarray(0, 2).toString()).toBe('PK');
  expect((await make('people.out.csv')).out).toContain(
    'In what leaves an apostrophe stands before 1 value, so that',
  );
  expect(readFileSync(at('people.out.csv'), 'utf8')).toBe('"note"\n"\'=1+1"\n"plain"\n');
  expect(await make('notes.ods')).toMatchObject({ exit: 2 });
});

test('what leaves is what the terms say, in their order, and nothing is left beside it', async () => {
  const { exit, json } = await protect({ out: 'out.csv' });
  expect(exit).toBe(0);
  expect(json).toMatchObject({
    rows: { in: 7, out: 6, suppressed: 1 },
    fields: { kept: ['NHS', 'Age', 'Sex', 'Outcome'], dropped: ['Name', 'Shoe size'] },
    k: {
      required: 5,
      before: { classes: 7, smallest: 1, rowsBelow: 7 },
      after: { classes: 1, smallest: 6, rowsBelow: 0 },
    },
    generalisation: { levels: { Age: 1 }, nodes: 3, optimal: true },
    quality: [],
    output: { path: at('out.csv') },
  });
  const rows = Array.from({ length: 6 }, (_, n) => `${hmac(`943476591${n}`)},30s,F,${n % 2 ? 'A' : 'B'}\n`);
  expect(readFileSync(at('out.csv'), 'utf8')).toBe(`NHS,Age,Sex,Outcome\n${rows.join('')}`);
  expect(left()).toEqual([]);
});

test('the key may be written in hex, and the same file gives the same bytes, as CSV and as Parquet', async () => {
  writeFileSync(at('key.hex'), `${key.toString('hex').toUpperCase()}\n`);
  for (const ending of ['csv', 'parquet']) {
    const one = await protect({ out: `one.${ending}` });
    const again = await protect({ out: `other.${ending}`, key: 'key.hex' });
    expect([one.exit, again.exit]).toEqual([0, 0]);
    expect(readFileSync(at(`one.${ending}`)).equals(readFileSync(at(`other.${ending}`)))).toBe(true);
  }
});

test('a column that holds identifiers, and that the terms call something else, is a warning in words', async () => {
  writeFileSync(
    at('other.yaml'),
    terms.replace('role: identifier, use: pseudonymise', 'role: other, use: keep'),
  );
  writeFileSync(at('other.csv'), people.replaceAll(/943476591\d/g, '9434765919'));
  const answer = await line.run(...asked({ file: 'other.csv', terms: 'other.yaml', out: 'other-out.csv' }));
  expect(answer).toMatchObject({ exit: 0, err: '' });
  expect(answer.out).toContain(
    'Warning. NHS is not an identifier in the terms, so there is no NHS number in it: not so in 6 rows, in rows 2, 3, 4, 5, 6 and 7.',
  );
  expect(answer.out).not.toContain('94347');
});

describe('encrypted to whoever may open it', () => {
  test('each of several can, the same rows come out, and nothing lies there in clear', async () => {
    const identities = [await generateX25519Identity(), await generateX25519Identity()];
    const to = await Promise.all(identities.map(identityToRecipient));
    const { json: plain } = await protect({ out: 'clear.csv' });
    const { exit, json } = await protect(
      { out: 'sealed.csv.age' },
      ...to.flatMap((one) => ['--recipient', one]),
    );
    expect(exit).toBe(0);
    const file = readFileSync(at('sealed.csv.age'));
    const { sha256, bytes } = plain['output'] as { sha256: string; bytes: number };
    expect(json['output']).toEqual({
      path: at('sealed.csv.age'),
      sha256: sha256Hex(file),
      bytes: file.length,
      plain: { sha256, bytes },
    });
    for (const identity of identities) {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      expect(sha256Hex(await decrypter.decrypt(file))).toBe(sha256);
    }
    expect(existsSync(at('sealed.csv'))).toBe(false);
    expect(left()).toEqual([]);
  });

  test.each([
    ['somebody who is no age recipient', 'people.csv.age', 'age1nobody', 'is not an age recipient'],
    ['a name that does not say so', 'people-out.csv', null, 'must end in .age'],
  ])('%s is a usage fault', async (_, out, wrong, says) => {
    const recipient = wrong ?? (await identityToRecipient(await generateX25519Identity()));
    const answer = await line.run(...asked({ out }), '--recipient', recipient);
    expect(answer).toMatchObject({ exit: 2, err: expect.stringContaining(says) });
    expect(existsSync(at(out))).toBe(false);
  });
});

describe('a refusal writes nothing, leaves what was there, and says which check, field and rows', () => {
  test.each([
    ['a row too few of something', `${people}\nRita,1,31\n`, 'ragged', null, [9]],
    ['a value that is not of its type', `${people}\nRita,1,old,F,A,4\n`, 'type', 'Age', [9]],
    [
      'a value that is in no line of the hierarchy',
      `${people}\nRita,1,99,F,A,4\n`,
      'in-hierarchy',
      'Age',
      [9],
    ],
    ['a column that is not there', people.replace('Sex', 'Gender'), 'missing-column', 'Sex', [1]],
  ])('%s', async (_, text, check, field, rows) => {
    writeFileSync(at('bad.csv'), text);
    writeFileSync(at('kept.csv'), 'as it was\n');
    const answer = await protect({ file: 'bad.csv', out: 'kept.csv' });
    expect(answer.exit).toBe(11);
    expect(answer.json['output']).toBeNull();
    expect(answer.json['quality']).toContainEqual(expect.objectContaining({ check, field, rows }));
    expect(readFileSync(at('kept.csv'), 'utf8')).toBe('as it was\n');
    expect(`${answer.out}${answer.err}`).not.toMatch(/Rita|old\b|99/);
    expect(left()).toEqual([]);
  });

  test('more held back than the terms allow', async () => {
    writeFileSync(at('strict.yaml'), terms.replace('0.2', '0.1'));
    const answer = await line.run(...asked({ terms: 'strict.yaml', out: 'none.csv' }));
    expect(answer).toMatchObject({ exit: 11, err: '' });
    expect(answer.out).toContain('Even at the highest levels, 1 of 7 rows (14.29%)');
    expect(existsSync(at('none.csv'))).toBe(false);
  });
});

describe('what is asked wrongly is told in words', () => {
  test.each([
    ['no such file', { file: 'none.csv' }, 4, 'There is no file here'],
    ['no such terms', { terms: 'none.yaml' }, 4, 'none.yaml'],
    ['no such data set', { dataset: 'cars' }, 4, 'They have: people'],
    ['an output of no known form', { out: 'out.txt' }, 2, '.csv, .xlsx or .parquet'],
    ['an output in no folder', { out: 'none/out.csv' }, 4, 'no folder'],
    ['a key that is none', { key: 'terms.yaml' }, 2, '32 bytes'],
    ['terms that are none', { terms: 'people.csv' }, 2, 'chirograph: terms/1'],
    ['an encrypted output for nobody', { out: 'out.csv.age' }, 2, '--recipient'],
  ])('%s', async (_, wrong: Asked, exit, says) => {
    const answer = await line.run(...asked(wrong));
    expect(answer.exit).toBe(exit);
    expect(`${answer.out}${answer.err}`).toContain(says);
  });

  test('an output in the place of the file itself, by whichever name', async () => {
    writeFileSync(at('only.csv'), people);
    symlinkSync(at('only.csv'), at('link.csv'));
    for (const out of ['only.csv', 'link.csv']) {
      const answer = await line.run(...asked({ file: 'only.csv', out }));
      expect(answer).toMatchObject({ exit: 5, err: expect.stringContaining('is the file to protect') });
    }
    expect(readFileSync(at('only.csv'), 'utf8')).toBe(people);
  });

  test('no key where one is needed', async () => {
    expect(await line.run(...asked({ key: null }))).toMatchObject({
      exit: 2,
      err: expect.stringContaining('--key-file'),
    });
  });

  test('a hierarchy that is not there, by its place in the terms', async () => {
    writeFileSync(at('lost.yaml'), terms.replace('ages.csv', 'lost.csv'));
    const answer = await protect({ terms: 'lost.yaml' });
    expect(answer.exit).toBe(2);
    expect(answer.json['problems']).toEqual([
      { path: 'datasets[0].fields[2].hierarchy', says: expect.stringContaining('lost.csv') },
    ]);
  });
});

test('Ctrl-C stops it in good order, and what a killed run left a day ago is cleared away', async () => {
  const rows = Array.from({ length: 400_000 }, (_, n) => `Amina,${n},3${n % 6},F,A,5\n`).join('');
  writeFileSync(at('long.csv'), `${people.split('\n', 1)[0]}\n${rows}`);
  mkdirSync(at('.chirograph-old'));
  mkdirSync(at('.chirograph-new'));
  const yesterday = Date.now() / 1000 - 90_000;
  utimesSync(at('.chirograph-old'), yesterday, yesterday);
  const { child, ended } = line.start(...asked({ file: 'long.csv', out: 'long-out.csv' }));
  const made = () => left().some((name) => !['.chirograph-old', '.chirograph-new'].includes(name));
  while (!made()) await new Promise((go) => setTimeout(go, 20));
  // It hears of it from the terminal, and from every program in between.
  const telling = setInterval(() => made() && child.kill('SIGINT'), 1);
  const answer = await ended.finally(() => clearInterval(telling));
  expect(answer.exit).toBe(1);
  expect(answer.err).toContain('Stopped before it was done. Nothing was written.');
  expect(left()).toEqual(['.chirograph-new']);
  expect(existsSync(at('long-out.csv'))).toBe(false);
});

describe('the last time', () => {
  beforeAll(() => {
    writeFileSync(at('drift.yaml'), `${terms}    checks: [{ check: drift, most: 0.5 }]\n`);
    writeFileSync(at('few.csv'), people.split('\n').slice(0, 3).join('\n'));
  });

  test('is what the command answered, and what differs too much from it does not leave', async () => {
    const first = await protect({ terms: 'drift.yaml' });
    expect(first.json['quality']).toEqual([]);
    writeFileSync(at('last.json'), JSON.stringify(first.json));
    expect((await protect({ terms: 'drift.yaml' }, '--last', at('last.json'))).exit).toBe(0);
    const few = await protect(
      { terms: 'drift.yaml', file: 'few.csv', out: 'few-o.csv' },
      '--last',
      at('last.json'),
    );
    expect(few.exit).toBe(11);
    expect(few.json['quality']).toContainEqual({
      check: 'drift',
      field: null,
      says: 'The number of rows is within 50% of the last time’s',
      failed: 1,
      found: '2 rows, and 7 rows the last time',
      rows: [],
      blocks: true,
    });
    expect(existsSync(at('few-o.csv'))).toBe(false);
  });

  test.each([
    ['an answer that let nothing leave', { output: null }],
    ['an answer of fewer rows than none', { rows: { in: 7, outside: 9 } }],
    ['an answer of more blanks than rows', { blanks: [{ field: 'Age', rows: 8 }] }],
  ])('is not %s', async (_, wrong) => {
    const { json } = await protect({ terms: 'drift.yaml' });
    writeFileSync(at('wrong.json'), JSON.stringify({ ...json, ...wrong }));
    const answer = await protect({ terms: 'drift.yaml' }, '--last', at('wrong.json'));
    expect(answer).toMatchObject({ exit: 2, json: { error: { code: 'data.last' } } });
  });

  test.each(['people.csv', 'nothing.json'])('is not %s', async (file) => {
    const answer = await protect({ terms: 'drift.yaml' }, '--last', at(file));
    expect([answer.exit, JSON.stringify(answer.json)]).toEqual([
      expect.any(Number),
      expect.stringContaining(file),
    ]);
    expect(answer.exit).not.toBe(0);
  });
});
