import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Agreement, parseAgreement } from './document.ts';
import { readLaw } from './law.ts';
import { choosePage, fillPage, knownOf } from './start-page.ts';
import { readTemplates } from './templates/template.ts';

const police = { id: 'o1', slug: 'westmarch-police', name: 'Westmarch Police' };
const opcc = { id: 'o2', slug: 'westmarch-opcc', name: 'Westmarch Police and Crime Commissioner' };
const council = { id: 'o3', slug: 'avonbury-council', name: 'Avonbury Council' };
const example = exampleAgreement();
const templates = readTemplates();
const law = readLaw();
const today = '2026-11-22';

function template(id: string) {
  return templates.find((one) => one.id === id) ?? expect.fail(`no template ${id}`);
}

describe('what is known of two bodies', () => {
  test('the data sets between them, with what they agreed', () => {
    const { dataSets } = knownOf(police, opcc, [example], [example], today);
    expect(dataSets.map(({ dataSet, of }) => `${dataSet.id} of ${of}`)).toEqual([
      'stop-and-search of ISA-2026-001',
      'street-crime of ISA-2026-001',
    ]);
    expect(dataSets[0]?.values).toMatchObject({ 'standing-approval': true, period: 'P1Y' });
  });

  test('those that are given to others, without what was agreed with them', () => {
    const { dataSets } = knownOf(police, council, [], [example], today);
    expect(dataSets.map(({ from, to, values }) => ({ from, to, values }))).toEqual([
      { from: 'westmarch-police', to: 'avonbury-council', values: {} },
      { from: 'westmarch-police', to: 'avonbury-council', values: { special: 'none' } },
    ]);
  });

  test('what is in force between them, which may cover what is needed [R48]', () => {
    const inForce = (day: string) => knownOf(police, opcc, [example], [], day).inForce.length;
    expect([inForce('2026-01-04'), inForce(today), inForce('2031-01-05')]).toEqual([0, 1, 0]);
  });

  test('not those that others gave', () => {
    expect(knownOf(opcc, council, [], [example], today).dataSets).toEqual([]);
  });
});

describe('the page to fill in', () => {
  test('asks for nothing that the template or an agreement says', () => {
    const page = fillPage(
      template('opcc-police'),
      knownOf(police, opcc, [example], [example], today),
      law,
      {},
    );
    const asked = page.toSay.map(({ field }) => field);
    expect(asked).toContain('say-objectives');
    expect(asked).toContain('say-police.policy');
    expect(asked).not.toContain('say-gateway');
    expect(asked).not.toContain('say-purpose');
    expect(asked.filter((field) => /address|spoc|dpo|legal/.test(field))).toEqual([]);
    expect(page.bodies.map(({ from }) => from)).toEqual(['ISA-2026-001', 'ISA-2026-001']);
    expect(page.places.filter(({ checked }) => checked).map(({ value }) => value)).toEqual(['police']);
  });

  test('offers the powers that are law, and none that is not in force', () => {
    const page = fillPage(template('dsa'), knownOf(police, council, [], [], today), law, {});
    const powers = page.toSay.find(({ field }) => field === 'say-gateway')?.items?.map(({ value }) => value);
    expect(powers).toContain('G1');
    expect(powers).not.toContain('G12');
    expect(page.places.some(({ checked }) => checked)).toBe(false);
  });

  test('has a label of its own for everything that it asks', () => {
    for (const one of templates) {
      const page = fillPage(one, knownOf(police, opcc, [example], [], today), law, {});
      const labels = [...page.toSay, ...page.usual].map(({ label }) => label);
      expect(labels.filter((label, at) => labels.indexOf(label) < at)).toEqual([]);
      expect(labels.every((label) => /^[A-Z]/.test(label))).toBe(true);
    }
  });
});

test('words that found nobody stay, to be mended; those that found somebody have done their work', () => {
  const find = (bodies: (typeof council)[]) => choosePage(templates, [], { words: 'avn', bodies }, {}).find;
  expect([find([]), find([council])]).toEqual(['avn', '']);
});

test('a body that is found by its name alone is chosen already; one that is known stands once', () => {
  const looked = { words: 'avon', bodies: [council] };
  expect(choosePage(templates, [opcc, council], looked, {}).partners).toMatchObject([
    { value: 'avonbury-council', checked: true },
    { value: 'westmarch-opcc', checked: false },
  ]);
});

function exampleAgreement(): Agreement {
  const text = readFileSync(new URL('../../examples/isa-2026-001.yaml', import.meta.url), 'utf8');
  const parsed = parseAgreement(text);
  if (!parsed.ok) throw new Error('The example is not whole.');
  return parsed.agreement;
}
