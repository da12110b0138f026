import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openArchive } from '../../platform/zip.ts';
import { blanksIn } from '../blanks.ts';
import { type CheckedDocument, checkDocument } from '../check-document.ts';
import { type Agreement, parseAgreement } from '../document.ts';
import { unsigned, writeForm } from '../export/forms.ts';
import { readLaw } from '../law.ts';
import { lint } from '../lint/lint.ts';
import { readLintLaw } from '../lint/lint-law.ts';
import { agreementMarkdown } from '../markdown.ts';
import { readText } from '../read/read-text.ts';
import { readWord } from '../read/read-word.ts';
import type { Reading } from '../read/reading.ts';
import { type Facts, startFrom } from './draft.ts';
import { blankNames, readFillFile } from './fill-file.ts';
import { fitting, knownDataSets, knownParty } from './known.ts';
import { readTemplates, type Template, type TemplateId } from './template.ts';
import { writeDraft } from './write-draft.ts';

const law = readLaw();
const lintLaw = readLintLaw();
const templates = readTemplates();
const componentIds = lintLaw.components.map(({ id }) => id);
const example = exampleAgreement();
const today = '2026-11-22';

const council = {
  ...knownParty([example], 'westmarch-opcc'),
  organisation: 'avonbury-council',
  legalName: 'Avonbury Borough Council',
  status: 'a local authority',
};

// What the example's bodies would write where a template leaves a blank.
const values: Facts['values'] = {
  reference: 'ISA-2027-001',
  owner: 'Head of Information Governance',
  'starts-on': '2027-01-04',
  'ends-on': '2030-01-03',
  purpose: 'to see whether stop and search is used fairly',
  objectives: 'that each month the use of stop and search is looked at by age, gender and ethnicity',
  necessity: 'nobody else holds the records',
  alternatives: 'published counts do not combine these fields',
  benefits: 'scrutiny that the public can trust',
  function: 'its function in section 10 of the Police Reform and Social Responsibility Act 2011',
  'function-back': 'its function in section 10 of the Police Reform and Social Responsibility Act 2011',
  compatible: 'Article 8A(3)(e) is met',
  equality: 'EIA-2026-031 of 2 November 2026, which found no adverse impact',
  'notice-day': '2026-11-02',
  notice: 'to update both',
  others: 'none',
  assurance: 'approved on 2 November 2026',
};
const dataSetValues = {
  subjects: 'people who were stopped and searched',
  special: 'Officer-defined ethnicity',
  offences: 'Object of search and Outcome',
  'screened-on': '2026-11-02',
  screening: 'dpia-done',
  'screening-reference': 'DPIA-2026-044',
};

const parties: Record<TemplateId, Record<string, Agreement['parties'][number] | Partial<typeof council>>> = {
  dsa: {
    provider: knownParty([example], 'westmarch-police'),
    recipient: knownParty([example], 'westmarch-opcc'),
  },
  isa: {
    'first-partner': knownParty([example], 'westmarch-police'),
    'second-partner': knownParty([example], 'westmarch-opcc'),
  },
  mou: {
    provider: knownParty([example], 'westmarch-police'),
    recipient: knownParty([example], 'westmarch-opcc'),
  },
  'opcc-police': {
    police: knownParty([example], 'westmarch-police'),
    commissioner: knownParty([example], 'westmarch-opcc'),
  },
  'council-police': { council, police: knownParty([example], 'westmarch-police') },
  wales: { 'first-partner': knownParty([example], 'westmarch-police'), 'second-partner': council },
};

const gateways = { gateway: 'G1', 'gateway-back': 'G1' };
const roleOf = (template: Template, slug: string) =>
  Object.entries(parties[template.id]).find(([, { organisation }]) => organisation === slug)?.[0] ?? '';

/** A template with all its blanks filled by the example's facts. */
function filledIn(template: Template): Facts {
  const own = template.id === 'opcc-police' || template.id === 'council-police' ? {} : gateways;
  const policies = Object.fromEntries(
    template.parties.map(({ id }, at) => [`${id}.policy`, `APD-0${at + 1}`]),
  );
  const [searches] = example.terms.datasets;
  if (!searches) throw new Error('The example has no data set.');
  const known = { frequency: 'monthly', 'standing-approval': true, period: 'P1Y', ...dataSetValues };
  return {
    today,
    parties: parties[template.id],
    dataSets: [{ dataSet: searches, from: roleOf(template, 'westmarch-police'), values: known }],
    values: { ...values, ...own, ...policies },
  };
}

function exampleAgreement(): Agreement {
  const text = readFileSync(new URL('../../../examples/isa-2026-001.yaml', import.meta.url), 'utf8');
  const parsed = parseAgreement(text);
  if (!parsed.ok) throw new Error('The example is not whole.');
  return parsed.agreement;
}

async function readBack(word: Uint8Array): Promise<Reading> {
  const folder = mkdtempSync(join(tmpdir(), 'chirograph-template-'));
  writeFileSync(join(folder, 'a.docx'), word);
  const file = await open(join(folder, 'a.docx'));
  try {
    return await readWord(await openArchive(file.fd));
  } finally {
    await file.close();
    rmSync(folder, { recursive: true });
  }
}

describe('words', () => {
  test.each(templates)(
    '$id: every sentence names components that there are, and every component is answered',
    ({ outline, clauses }) => {
      const placed = outline.flatMap(({ opens, clauses: names }) => [opens, ...names]);
      const answered = placed.flatMap((name) => clauses[name]?.says.flatMap(({ answers }) => answers) ?? []);
      expect(answered.filter((id) => !componentIds.includes(id))).toEqual([]);
      const conditional = lintLaw.components.filter(({ importance }) => importance === 'if-it-applies');
      const lacking = componentIds.filter((id) => !answered.includes(id));
      expect(lacking.filter((id) => !conditional.some((one) => one.id === id))).toEqual([]);
    },
  );

  test.each(templates)(
    '$id: every clause that is its own or shared by all has a place',
    ({ id, outline, clauses }) => {
      const placed = outline.flatMap(({ opens, clauses: names }) => [opens, ...names]);
      // In Wales what is said about purposes and movement stands in the introduction and under security.
      const elsewhere = id === 'wales' ? ['purposes', 'movement'] : [];
      expect(Object.keys(clauses).filter((name) => !placed.includes(name))).toEqual(elsewhere);
    },
  );
});

describe.each(templates)('$id', (template) => {
  let checked: CheckedDocument;
  let agreement: Agreement;
  beforeAll(() => {
    checked = checkDocument(writeDraft(startFrom(template, filledIn(template), law), template.name), law);
    if (checked.ok) agreement = checked.agreement;
  });

  test('with its blanks filled it is a whole agreement, whichever name it goes by [R41]', () => {
    expect(checked.ok ? [] : checked.problems).toEqual([]);
  });

  test('its words lack nothing that an agreement has to say, and nothing in them is out of date or does not fit [R38, R39, R49, R50]', () => {
    const found = lint(readText(agreementMarkdown(agreement)), lintLaw, today);
    const lacking = found.components.filter(({ status }) => status === 'missing' || status === 'weak');
    expect(lacking.map(({ id, status, lacks }) => ({ id, status, lacks }))).toEqual([]);
    expect(found.outdated.map(({ id, text }) => `${id} ${text}`)).toEqual([]);
    expect(found.logic).toEqual([]);
  });

  test('as a Word file it lacks nothing either, and nothing in its schedules is out of date or does not fit', async () => {
    const file = await writeForm('docx', agreement, law, unsigned(agreement));
    const found = lint(await readBack(file), lintLaw, today);
    const lacking = found.components.filter(({ status }) => status === 'missing' || status === 'weak');
    expect(lacking.map(({ id, lacks }) => ({ id, lacks }))).toEqual([]);
    expect([...found.outdated, ...found.logic]).toEqual([]);
  });

  test('duties are laid down with must, and law is cited in full, as a lawyer writes it', () => {
    const text = agreement.clauses.map((clause) => clause.text).join('\n');
    expect(text.match(/\b(shall|will)\b/g)).toBeNull();
    expect(text).toContain('The recipient must not pass the data to any third party');
    expect(text.match(/\bss?\.\d|\bArt \d|\bSch \d|[<>]|\b[a-z]+-[a-z]+-[a-z]+-[a-z]+\b/g)).toBeNull();
  });

  test('it says what its end does, what outlives it, what it is in law, and how it is to be read [R51]', () => {
    const text = agreement.clauses.map((clause) => clause.text).join('\n');
    const { disposal, liability } = clauseNumbers(agreement);
    expect(text).toContain(
      `On termination or expiry the recipient must destroy all shared data, and certify it under clause ${disposal}`,
    );
    const survive = /After the end, these clauses bind a party .*: ([\d., and]+)\./.exec(text)?.[1] ?? '';
    const surviving = survive.split(/, | and /);
    expect(surviving).toEqual(expect.arrayContaining([disposal, liability]));
    const order = agreement.clauses.map(({ id }) => id).filter((id) => surviving.includes(id));
    expect(surviving).toEqual(order);
    expect(text).toContain('The parties mean to keep this agreement, and it is not a contract.');
    expect(text).toContain('It is to be read under the law of England and Wales.');
    expect(text).toContain('Where a clause and a term differ, only what both allow may be done');
  });

  test('a clause of several sentences has a letter for each, and every letter stands on a line of its own', () => {
    const [several] = agreement.clauses.filter(({ heading }) => heading === 'Requests and refusals');
    expect(several?.text.split('\n').map((line) => line.slice(0, 4))).toEqual(
      ['(a)', '(b)', '(c)', '(d)', '(e)', '(f)'].map((letter) => `${letter} `),
    );
  });

  test('with nothing known it says at each place what to fill in, and is not whole', () => {
    const nothing = { today, parties: {}, dataSets: [], values: {} };
    const document = startFrom(template, nothing, law);
    const text = writeDraft(document, template.name);
    const left = checkDocument(text, law);
    const problems = left.ok ? [] : left.problems;
    expect(problems.map(({ path }) => path)).toEqual(blanksIn(document).map(({ path }) => path));
    expect(problems.every(({ line, says }) => line !== null && says.startsWith('Fill in'))).toBe(true);
    expect(text).toContain('[say how long it is kept, such as P1Y]');
    const clauses = (document['clauses'] as Agreement['clauses']).map((clause) => clause.text).join('\n');
    expect(clauses).toContain('for [say how long it is kept] from the day');
    expect(clauses.match(/\bP1Y|law\/gateways|dpia-|: true/g)).toBeNull();
  });
});

function clauseNumbers({ clauses }: Agreement) {
  const of = (heading: string) => clauses.find((clause) => clause.heading === heading)?.id;
  return { disposal: of('Retention and disposal'), liability: of('Liability and costs') };
}

describe('what is known is filled in', () => {
  const template = templates.find(({ id }) => id === 'opcc-police') ?? expect.fail('no template');
  const bodies = parties['opcc-police'];

  test('data sets come with what an agreement says of them, in the directions of the template only', () => {
    const known = fitting(template, bodies, knownDataSets([example]));
    expect(known.map(({ dataSet, from }) => `${dataSet.id} from ${from}`)).toEqual([
      'stop-and-search from police',
      'street-crime from police',
    ]);
    expect(known.map((one) => one.values)).toMatchObject([
      { frequency: 'monthly', period: 'P1Y', 'standing-approval': true },
      { frequency: 'monthly', period: 'P1Y', special: 'none' },
    ]);
    const turned = {
      police: knownParty([example], 'westmarch-opcc'),
      commissioner: knownParty([example], 'westmarch-police'),
    };
    expect(fitting(template, turned, knownDataSets([example]))).toEqual([]);
  });

  test('the newest agreement says what a party is; of a party that none names only its short name is known', () => {
    const moved = structuredClone(example);
    moved.startsOn = '2026-06-01';
    for (const party of moved.parties) party.address = '1 New Street, Westmarch WM1 3CC';
    expect(knownParty([example, moved], 'westmarch-opcc').address).toBe('1 New Street, Westmarch WM1 3CC');
    expect(knownParty([example], 'avonbury-council')).toEqual({ organisation: 'avonbury-council' });
  });

  test('words and terms say the same: what is filled in once stands in both', () => {
    const facts = filledIn(template);
    const values = { ...facts.values, 'breach-hours': '12', 'review-first': 'P3M' };
    const checked = checkDocument(writeDraft(startFrom(template, { ...facts, values }, law), ''), law);
    const { clauses, terms } = checked.ok ? checked.agreement : expect.fail('not whole');
    const said = (id: string) => clauses.find((clause) => clause.id === id)?.text;
    expect(terms.incidents.tellPartnerWithinHours).toBe(12);
    expect(said(terms.incidents.clause)).toContain('within 12 hours');
    expect(terms.review.firstAfter).toBe('P3M');
    expect(said(terms.review.clause)).toContain('3 months after it starts');
    const [first] = terms.datasets;
    expect(said(first?.clause ?? '')).toContain('Date (as month), Gender,');
    expect(said(first?.clause ?? '')).toContain(
      'Rows alike in Gender, Age range and Officer-defined ethnicity',
    );
  });

  test('a data set that holds none of it has no condition for it', () => {
    const facts = filledIn(template);
    const dataSets = facts.dataSets.map((one) => ({ ...one, values: { ...one.values, special: 'none' } }));
    const checked = checkDocument(writeDraft(startFrom(template, { ...facts, dataSets }, law), ''), law);
    const { terms } = checked.ok ? checked.agreement : expect.fail('not whole');
    expect(terms.conditions.map(({ party, condition }) => `${party} ${condition}`)).toEqual([
      'westmarch-police gdpr-10',
      'westmarch-opcc gdpr-10',
      'westmarch-police sch1-06',
      'westmarch-opcc sch1-06',
    ]);
  });

  test('a file of values that names a blank that there is not is refused', () => {
    const read = (text: string) => readFillFile(text, template);
    expect(read('values: { police.policy: APD-07, breach-hours: 12 }')).toMatchObject({
      ok: true,
      known: { values: { 'police.policy': 'APD-07', 'breach-hours': 12 }, dataSets: {} },
    });
    expect(read('values: { breech-hours: 12 }')).toMatchObject({
      ok: false,
      problems: [{ path: 'values.breech-hours' }],
    });
    expect(read('dataSets: { street-crime: { reference: X } }')).toMatchObject({ ok: false });
    expect(blankNames(template)).toContain('commissioner.escalates');
  });

  test('what is typed is words, and never a blank of another', () => {
    const facts = filledIn(template);
    const values = { ...facts.values, objectives: 'what <police.dpo-email> says: [say nothing]' };
    const left = checkDocument(writeDraft(startFrom(template, { ...facts, values }, law), ''), law);
    expect(left.ok ? [] : left.problems.map(({ says }) => says)).toEqual([
      'Fill in what is left blank: [say nothing].',
    ]);
  });
});
test('what a sentence answers it says itself: without those of one component no other is missing', () => {
  const template = templates.find(({ id }) => id === 'opcc-police') ?? expect.fail('no template');
  for (const id of componentIds) {
    const document = startFrom(without(template, id), filledIn(template), law) as unknown as Agreement;
    const { components } = lint(readText(agreementMarkdown(document)), lintLaw, today);
    const missing = components.filter(({ status }) => status === 'missing').map((one) => one.id);
    expect(missing.filter((one) => one !== id)).toEqual([]);
  }
});

function without(template: Template, component: string): Template {
  const nothing = (one: Template['clauses'][string]['says'][number]) =>
    one.answers.includes(component) ? { ...one, text: 'Left out.' } : one;
  const clauses = Object.entries(template.clauses).map(
    ([name, clause]) => [name, { ...clause, says: clause.says.map(nothing) }] as const,
  );
  return { ...template, clauses: Object.fromEntries(clauses) };
}
