import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../ledger/index.ts';
import { acts, showEntry } from './acts.ts';

const police = '019b0000-0000-7000-8000-000000000001';
const opcc = '019b0000-0000-7000-8000-000000000002';
const names: Record<string, string> = { [police]: 'Westmarch Police', [opcc]: 'Westmarch OPCC' };
const nameOf = (id: string) => names[id] ?? id;

function entry(act: string, more: Partial<Entry> = {}): Entry {
  return {
    act,
    at: '2026-11-22T10:00:00.000Z',
    by: police,
    detail: { reference: 'REL-2026-0001' },
    id: '019b0000-0000-7000-9000-000000000001',
    parties: [police, opcc],
    person: null,
    subject: { id: '019b0000-0000-7000-9000-000000000002', type: 'release' },
    v: 1,
    ...more,
  };
}

test('every act that the service records has words, and no words are for an act that it does not', () => {
  const source = join(import.meta.dirname, '..');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  const recorded = files
    .filter((file) => file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file))
    .flatMap((file) => [
      ...readFileSync(join(source, file), 'utf8').matchAll(
        /\b(?:act: |recordAct\(tx, (?:[\w()]+|\{.+?\}), )(?:\w+ \? )?'(.+?)'(?: : '(.+?)')?/g,
      ),
    ])
    .flatMap(([, one, other]) => [one, other])
    .filter((act) => act !== undefined);
  expect([...new Set(recorded)].sort()).toEqual(Object.keys(acts).sort());
});

describe('an entry in plain words', () => {
  test('who did it, with whom, and where to look', () => {
    expect(showEntry(entry('release.sent'), nameOf)).toMatchObject({
      title: 'Data sent',
      says: 'Westmarch Police sent data to Westmarch OPCC.',
      link: { text: 'REL-2026-0001', href: '/releases/REL-2026-0001' },
    });
  });

  test('a refusal counts what failed, and leads to the request that both parties can see', () => {
    const detail = { reference: 'REL-2026-0002', failing: ['one', 'two'] };
    const subject = { id: '019b0000-0000-7000-9000-000000000003', type: 'request' };
    const shown = showEntry(entry('release.refused', { detail, subject }), nameOf);
    expect(shown.says).toBe(
      'The rules stopped a release from Westmarch Police to Westmarch OPCC. Nothing left. 2 checks failed.',
    );
    expect(shown.link?.href).toBe(`/requests/${subject.id}`);
  });

  test('what the agreement approved in advance says so', () => {
    const detail = { reference: 'REQ-2026-0001', decidedBy: 'agreement' };
    expect(showEntry(entry('request.agreed', { detail }), nameOf).says).toContain('approves it in advance');
  });

  test('an act of one body alone names nobody else, and has no link', () => {
    const shown = showEntry(
      entry('keys.exported', {
        parties: [police],
        detail: {},
        subject: { id: police, type: 'organisation' },
      }),
      nameOf,
    );
    expect(shown).toMatchObject({
      says: 'Westmarch Police took out the key that opens files sent to it.',
      link: null,
    });
  });

  test('an act of a later version is shown by its name', () => {
    expect(showEntry(entry('incident.opened'), nameOf).title).toBe('incident.opened');
  });

  test('no sentence is left with a gap in it', () => {
    for (const act of Object.keys(acts))
      expect(showEntry(entry(act), nameOf).says).not.toMatch(/[{}]|undefined/);
  });
});
