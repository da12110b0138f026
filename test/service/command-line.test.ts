import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, aCommandLine, type CommandLine, processesOn } from '../support/command.ts';

// The command line that outside checks rely on: its numbers, its JSON, and what it leaves behind.

const examples = join(import.meta.dirname, '../../examples');
const stopAndSearch = join(examples, 'data/2024-01-bedfordshire-stop-and-search.csv');

let line: CommandLine;
const at = (name: string) => join(line.folder, name);

const sharing = (but: Record<string, string> = {}) => {
  const flags = {
    as: 'westmarch-police',
    agreement: 'ISA-2026-001',
    dataset: 'stop-and-search',
    to: 'westmarch-opcc',
    purpose: 'hold-to-account',
    input: stopAndSearch,
    ...but,
  };
  return ['share', ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])];
};

/** The one JSON document on standard output, of a command that exited as expected and said nothing else there. */
function json(answer: Answer, exit = 0): Record<string, unknown> {
  expect(answer.exit, answer.err + answer.out).toBe(exit);
  expect(answer.err).toBe('');
  expect(answer.out.endsWith('}\n')).toBe(true);
  return JSON.parse(answer.out) as Record<string, unknown>;
}

/** The stop and searches of January with what `change` makes of the text. */
function changed(name: string, change: (text: string) => string): string {
  const path = at(name);
  writeFileSync(path, change(readFileSync(stopAndSearch, 'utf8')));
  return path;
}

let release: { id: string; reference: string };

beforeAll(async () => {
  line = aCommandLine();
  const first = json(await line.run('example', '--json'));
  expect(first).toEqual({
    organisations: ['westmarch-police', 'westmarch-opcc', 'avonbury-council'],
    agreement: 'ISA-2026-001',
    dataSets: ['stop-and-search', 'street-crime'],
    purposes: ['hold-to-account', 'complaint-reviews'],
  });
  expect(json(await line.run('example', '--json')), 'made again').toEqual(first);
});
afterAll(() => {
  expect(processesOn(line.dataFolder)).toEqual([]);
  line.close();
});

describe('share', () => {
  test('0: what the rules allow and the agreement approves has gone', async () => {
    const out = at('release');
    const answer = json(await line.run(...sharing({ out }), '--json'));
    expect(Object.keys(answer)).toEqual(['decision', 'release', 'package', 'receipt']);
    expect(answer['decision']).toMatchObject({ verdict: 'share', findings: expect.any(Array) });
    release = answer['release'] as typeof release;
    expect(release).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      reference: expect.stringMatching(/^REL-\d{4}-\d{4}$/),
    });
    const paths = answer['package'] as string[];
    expect(paths).toEqual(
      [
        'data-movement-record.txt',
        'manifest.json',
        'receipt.tlog-proof',
        'standard-terms.txt',
        'stop-and-search.csv.age',
      ].map((name) => join(out, name)),
    );
    expect(paths.map((path) => basename(path))).toEqual(readdirSync(out).sort());
    expect(answer['receipt']).toBe(join(out, 'receipt.tlog-proof'));
    expect(readFileSync(join(out, 'stop-and-search.csv.age'), 'utf8')).toMatch(/^age-encryption\.org\/v1\n/);
  });

  test('3: what the agreement does not approve in advance waits for a person, and DIR is absent', async () => {
    const out = at('waiting');
    const answer = json(await line.run(...sharing({ out, purpose: 'complaint-reviews' }), '--json'), 3);
    expect(answer).toMatchObject({
      decision: { verdict: 'share' },
      request: { state: 'waiting', reference: expect.any(String) },
    });
    expect(existsSync(out)).toBe(false);
  });

  test('4: what is not there, by name', async () => {
    const out = at('none');
    const answer = json(await line.run(...sharing({ out, agreement: 'ISA-1999-001' }), '--json'), 4);
    expect(answer).toEqual({
      error: { code: 'share.no-agreement', says: expect.stringContaining('ISA-1999-001') },
    });
    expect(existsSync(out)).toBe(false);
  });

  test('5: a folder that is not empty is left as it is, and nothing is sent', async () => {
    const out = at('taken');
    mkdirSync(out);
    writeFileSync(join(out, 'mine'), 'mine');
    const answer = json(await line.run(...sharing({ out }), '--json'), 5);
    expect(answer).toMatchObject({ error: { code: 'out.not-empty' } });
    expect(readdirSync(out)).toEqual(['mine']);
    expect(readFileSync(join(out, 'mine'), 'utf8')).toBe('mine');
  });

  test('5: a folder that cannot be made is said before anything is sent', async () => {
    mkdirSync(at('elsewhere'));
    symlinkSync(at('elsewhere'), at('link'));
    const before = readdirSync(join(line.dataFolder, 'packages'));
    const answer = json(await line.run(...sharing({ out: at('link') }), '--json'), 5);
    expect(answer).toMatchObject({ error: { code: 'out.not-made' } });
    expect(readdirSync(join(line.dataFolder, 'packages'))).toEqual(before);
    expect(readdirSync(at('elsewhere'))).toEqual([]);
  });

  test('10: too many to hold back, and a smaller set passes', async () => {
    const out = at('smaller');
    const input = changed('self-defined.csv', (text) =>
      text.replace(/Self-defined|Officer-defined/g, (word) =>
        word === 'Self-defined' ? 'Officer-defined' : 'Self-defined',
      ),
    );
    const answer = json(await line.run(...sharing({ out, input }), '--json'), 10);
    expect(answer['decision']).toMatchObject({ verdict: 'smaller-set' });
    expect(existsSync(out)).toBe(false);
  });

  test('11: a refusal lists each rule that fails, in JSON and in words, and leaves no DIR', async () => {
    const out = at('refused');
    const input = changed('no-gender.csv', (text) => text.replace('Gender', 'Sex'));
    const args = sharing({ out, input, purpose: 'marketing' });
    const answer = json(await line.run(...args, '--json'), 11);
    const { verdict, findings } = answer['decision'] as { verdict: string; findings: object[] };
    expect(verdict).toBe('refuse');
    for (const rule of ['columns-present', 'purpose-in-agreement']) {
      expect(findings).toContainEqual(
        expect.objectContaining({
          rule,
          severity: 'must',
          outcome: 'fails',
          found: expect.any(String),
          limit: expect.any(String),
          fixedBy: expect.any(String),
          cite: expect.any(Array),
        }),
      );
    }
    const told = await line.runWith({ NO_COLOR: '1' }, ...args);
    expect(told).toMatchObject({ exit: 11, err: '' });
    expect(told.out).toContain('Gender');
    expect(told.out).toContain('Nothing has left.');
    expect(told.out).not.toContain('\u001b');
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(join(line.dataFolder, 'staging'))).toEqual([]);
  });

  test('2: a flag that is unknown, with a line that helps and nothing on standard output', async () => {
    const answer = await line.run(...sharing({ out: at('unknown') }), '--dry-run');
    expect(answer).toMatchObject({ exit: 2, out: '' });
    expect(answer.err).toContain('--dry-run');
    expect(answer.err).not.toContain('    at ');
  });
});

describe('verify', () => {
  test('needs no data folder and makes none', async () => {
    const nowhere = { CHIROGRAPH_DATA: at('nowhere'), DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    const answer = json(await line.runWith(nowhere, 'verify', at('release'), '--json'));
    expect(answer['ok']).toBe(true);
    for (const check of answer['checks'] as object[]) {
      expect(check).toMatchObject({
        name: expect.any(String),
        ok: expect.any(Boolean),
        detail: expect.any(String),
      });
    }
    expect(answer['checks']).toContainEqual(expect.objectContaining({ name: 'keys-trusted', ok: false }));
    expect(existsSync(at('nowhere'))).toBe(false);
  });

  test('--keys takes what keys show prints; the keys of another body fail', async () => {
    for (const [slug, exit] of [
      ['westmarch-police', 0],
      ['westmarch-opcc', 12],
    ] as const) {
      const keys = at(`${slug}.json`);
      const shown = await line.run('keys', 'show', '--as', slug);
      expect(shown).toMatchObject({ exit: 0, err: '' });
      writeFileSync(keys, shown.out);
      const answer = json(await line.run('verify', at('release'), '--keys', keys, '--json'), exit);
      expect(answer['ok']).toBe(exit === 0);
      expect(answer['checks']).toContainEqual(
        expect.objectContaining({ name: 'keys-trusted', ok: exit === 0 }),
      );
    }
  });

  test('12: says which check fails, in JSON and in words', async () => {
    const path = at('receipt-changed.tlog-proof');
    const receipt = readFileSync(join(at('release'), 'receipt.tlog-proof'), 'utf8');
    writeFileSync(path, receipt.replace(/^index \d+/m, 'index 0'));
    const answer = json(await line.run('verify', path, '--json'), 12);
    expect(answer).toMatchObject({ ok: false });
    expect(answer['checks']).toContainEqual(
      expect.objectContaining({ name: 'receipt-inclusion', ok: false }),
    );
    const told = await line.run('verify', path, at('release'));
    expect(told).toMatchObject({ exit: 12, err: '' });
    expect(told.out).toContain('✗ receipt-inclusion');
    expect(told.out).toContain('NOT verified');
  });
});

describe('collect and destroy', () => {
  test('the recipient collects by reference, verifies, and certifies destruction; the log says all of it', async () => {
    const out = at('collected');
    const args = ['collect', release.reference, '--as', 'westmarch-opcc', '--out', out, '--json'];
    const collected = json(await line.run(...args));
    expect(collected).toMatchObject({ release: { reference: release.reference } });
    expect((collected['files'] as string[]).sort()).toEqual(
      readdirSync(out)
        .sort()
        .map((name) => join(out, name)),
    );
    expect(readFileSync(join(out, 'stop-and-search.csv'), 'utf8')).toMatch(/^Type,Date,Gender,/);

    const destroying = ['destroy', release.id, '--as', 'westmarch-opcc', '--method', 'deleted', '--json'];
    expect(json(await line.run(...destroying))).toEqual({
      release: { reference: release.reference },
      destroyed: true,
    });
    expect(json(await line.run(...destroying), 5)).toMatchObject({
      error: { code: 'release.not-collected' },
    });

    const rebuilding = (input: string, to: string) =>
      line.run(
        ...[
          'rebuild',
          release.reference,
          '--as',
          'westmarch-police',
          '--input',
          input,
          '--out',
          to,
          '--json',
        ],
      );
    writeFileSync(at('changed.csv'), readFileSync(stopAndSearch, 'utf8').replaceAll('Male', 'Female'));
    const again = json(await rebuilding(stopAndSearch, at('rebuilt')));
    expect(again).toMatchObject({ release: { reference: release.reference }, same: true });
    expect(readFileSync(join(at('rebuilt'), 'stop-and-search.csv'))).toEqual(
      readFileSync(join(out, 'stop-and-search.csv')),
    );
    expect(json(await rebuilding(at('changed.csv'), at('rebuilt-not')), 12)).toMatchObject({
      same: false,
      differs: expect.arrayContaining([expect.stringContaining('This is not the file it was sent from')]),
    });
    expect(existsSync(at('rebuilt-not'))).toBe(false);

    const log = at('log');
    json(await line.run('ledger', 'export', '--as', 'westmarch-opcc', '--out', log, '--json'));
    expect(json(await line.run('ledger', 'audit', '--json'))).toMatchObject({ ok: true, findings: [] });
    expect(readdirSync(log).sort()).toEqual(['checkpoint', 'tile', 'vkey']);
    const keys = at('westmarch-opcc.json');
    expect(json(await line.run('verify', log, out, '--json'))).toMatchObject({ ok: true });
    expect(json(await line.run('verify', log, '--keys', keys, '--json'))).toMatchObject({ ok: true });
    const bundles = readdirSync(join(log, 'tile/entries'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    for (const act of ['sent', 'collected', 'destroyed'])
      expect(bundles.join('')).toContain(`"release.${act}"`);
  });
});

describe('keys export', () => {
  test('writes an identity that only its owner can read, never over another file', async () => {
    const path = at('identity.txt');
    const args = ['keys', 'export', '--as', 'westmarch-opcc', '--age-identity', path, '--json'];
    expect(json(await line.run(...args))).toEqual({ path, recipient: expect.stringMatching(/^age1/) });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const before = readFileSync(path, 'utf8');
    expect(before).toMatch(/^AGE-SECRET-KEY-1/m);
    expect(json(await line.run(...args), 5)).toMatchObject({ error: { code: 'keys.file-not-made' } });
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
});

describe('agreement', () => {
  test('check says that a whole agreement is whole, and what another lacks; schema describes both', async () => {
    const whole = join(examples, 'isa-2026-001.yaml');
    const checked = json(await line.run('agreement', 'check', whole, '--json'));
    expect(checked).toMatchObject({
      ok: true,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      problems: [],
    });
    const lacking = at('lacking.yaml');
    writeFileSync(lacking, readFileSync(whole, 'utf8').replace(/^marking: .*$/m, ''));
    const found = json(await line.run('agreement', 'check', lacking, '--json'), 11);
    expect(found).toMatchObject({
      ok: false,
      problems: [{ path: 'marking', says: expect.stringContaining('missing') }],
    });
    const schema = json(await line.run('agreement', 'schema', '--json'));
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: expect.arrayContaining(['parties', 'clauses', 'terms']),
    });
  });

  test('export writes what verifies, and what other things verify by', async () => {
    const path = at('ISA-2026-001.json');
    const args = ['agreement', 'export', 'ISA-2026-001', '--as', 'westmarch-opcc', '--out', path, '--json'];
    expect(json(await line.run(...args))).toMatchObject({ path, signatures: 2 });
    expect(json(await line.run('verify', path, '--json'))).toMatchObject({ ok: true });
    expect(json(await line.run('verify', at('release'), '--keys', path, '--json'))).toMatchObject({
      ok: true,
    });
    expect(json(await line.run(...args), 5), 'never over another file').toMatchObject({ error: {} });
  });
});

test('two commands at once on one data folder both succeed, each with a reference of its own', async () => {
  const outs = [at('one'), at('two')];
  const answers = await Promise.all(outs.map((out) => line.run(...sharing({ out }), '--json')));
  const references = answers.map((answer) => (json(answer)['release'] as typeof release).reference);
  expect(new Set(references).size).toBe(2);
  expect(json(await line.run('verify', ...outs, '--json'))).toMatchObject({ ok: true });
});

describe('data sets to and from the Open Data Contract Standard', () => {
  test('the data set of an agreement goes out, comes back, and is good terms', async () => {
    const agreement = join(examples, 'isa-2026-001.yaml');
    const out = await line.run('terms', 'export', agreement, '--dataset', 'stop-and-search');
    expect(out.exit, out.err).toBe(0);
    writeFileSync(at('searches.odcs.yaml'), out.out);
    const back = json(await line.run('terms', 'import', at('searches.odcs.yaml'), '--json'));
    expect(back).toMatchObject({
      terms: { chirograph: 'terms/1', datasets: [{ id: 'stop-and-search' }] },
      notCarried: [],
    });
    const terms = await line.run('terms', 'import', at('searches.odcs.yaml'));
    writeFileSync(at('searches.yaml'), terms.out);
    const again = await line.run('terms', 'export', at('searches.yaml'), '--dataset', 'stop-and-search');
    expect(again.out).toBe(out.out);
  });

  test('what is no such document is refused, and a file that is not there is not found', async () => {
    writeFileSync(at('none.odcs.yaml'), 'kind: Recipe\n');
    expect((await line.run('terms', 'import', at('none.odcs.yaml'), '--json')).exit).toBe(11);
    expect((await line.run('terms', 'import', at('nowhere.odcs.yaml'), '--json')).exit).toBe(4);
  });
});
