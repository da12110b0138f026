import { strFromU8, unzipSync } from 'fflate';
import { SaxesParser } from 'saxes';
import { describe, expect, test, vi } from 'vitest';
import type { Agreement } from '../document.ts';
import { naughty, theExample, withClauses } from '../export/an-agreement.fixture.ts';
import { writeTrackedWord } from '../export/write-word.ts';
import { writtenAgreement } from '../export/written.ts';
import { readLaw } from '../law.ts';
import { compare, summary } from './compared.ts';
import { diffAgreements } from './diff.ts';
import { showAsPage } from './show-page.ts';
import { showAsText } from './show-text.ts';
import { trackedDocument } from './tracked.ts';

vi.setConfig({ testTimeout: 120_000 });

const law = readLaw();

/** The example once `change` has been at it. */
function changed(change: (agreement: Agreement) => void): Agreement {
  const agreement = structuredClone(theExample());
  change(agreement);
  return agreement;
}

const files = { was: 'a.yaml', now: 'b.yaml' };
const termsOf = (now: Agreement) => diffAgreements(theExample(), now, law).terms;
const one = <Item>(items: readonly Item[]): Item => {
  const [item] = items;
  if (item === undefined) throw new Error('There is none');
  return item;
};
const dataSet = (agreement: Agreement) => one(agreement.terms.datasets);

describe('a term that changed is said with what it means', () => {
  type Case = [
    string,
    (agreement: Agreement) => void,
    string | null,
    string | null,
    string | null,
    string | null,
  ];
  test.each<Case>([
    [
      'kept for longer',
      ({ terms }) => {
        one(terms.retention).period = 'P2Y';
      },
      'Kept for',
      '1 year',
      '2 years',
      'It is kept for longer.',
    ],
    [
      'kept for as long, in months',
      ({ terms }) => {
        one(terms.retention).period = 'P12M';
      },
      'Kept for',
      '1 year',
      '12 months',
      null,
    ],
    [
      'smaller groups',
      (agreement) => {
        dataSet(agreement).protection = { k: 3, suppressionLimit: 0.1 };
      },
      'Least size of a group (k)',
      '5',
      '3',
      'Smaller groups leave. It protects people less.',
    ],
    [
      'no groups',
      (agreement) => {
        dataSet(agreement).protection = { suppressionLimit: 0.1 };
      },
      'Least size of a group (k)',
      '5',
      null,
      'Smaller groups leave. It protects people less.',
    ],
    [
      'standing approval',
      ({ terms }) => {
        one(terms.shares).standingApproval = false;
      },
      'Approved in advance',
      'yes',
      'no',
      'A person decides each time.',
    ],
    [
      'more often',
      ({ terms }) => {
        one(terms.shares).frequency = 'weekly';
      },
      'How often',
      'monthly',
      'weekly',
      'It goes more often.',
    ],
    [
      'told later',
      ({ terms }) => {
        terms.incidents.tellPartnerWithinHours = 48;
      },
      'Tell the partner within, in hours',
      '24',
      '48',
      'The partner is told later.',
    ],
    [
      'never onward',
      ({ terms }) => {
        terms.onward.rule = 'never';
      },
      'Rule',
      'only with written consent',
      'never',
      'It may no longer be passed on at all.',
    ],
    [
      'reviewed less',
      ({ terms }) => {
        terms.review.every = 'P2Y';
      },
      'Then reviewed every',
      '12 months',
      '2 years',
      'It is reviewed less often.',
    ],
    [
      'a later end',
      (agreement) => {
        agreement.endsOn = '2032-01-04';
      },
      'Ends on',
      '4 January 2031',
      '4 January 2032',
      'It runs for longer.',
    ],
    [
      'a coarser column',
      (agreement) => {
        one(dataSet(agreement).fields).use = 'drop';
      },
      'What leaves',
      'as it is',
      'left out',
      'Less of this column leaves.',
    ],
    [
      'who may sign',
      ({ parties }) => {
        one(parties).maySign = ['siro'];
      },
      'May sign',
      'Chief executive, Information asset owner, Senior information risk owner',
      'Senior information risk owner',
      null,
    ],
  ])('%s', (_case, change, name, was, now, means) => {
    expect(termsOf(changed(change))).toEqual([expect.objectContaining({ name, was, now, means })]);
  });

  test('a column that came, and one that went', () => {
    const terms = termsOf(
      changed((agreement) => {
        const { fields } = dataSet(agreement);
        fields.shift();
        fields.push({ name: 'Religion', type: 'string', role: 'sensitive', use: 'keep' });
      }),
    );
    expect(terms.map(({ kind, about, means }) => [kind, about, means])).toEqual([
      ['added', 'Stop and search: Religion', 'One more column leaves.'],
      ['removed', 'Stop and search: Type', 'This column no longer leaves.'],
    ]);
  });

  test('a purpose that came', () => {
    const terms = termsOf(
      changed((agreement) => {
        agreement.terms.purposes.push({ id: 'research', says: 'Study it', clause: '2' });
      }),
    );
    expect(terms).toEqual([
      expect.objectContaining({
        kind: 'added',
        now: 'What it says: Study it',
        means: 'The data may be used for one more purpose.',
      }),
    ]);
  });

  test('columns in another order are no other columns, and are said', () => {
    const terms = termsOf(changed((agreement) => void dataSet(agreement).fields.reverse()));
    expect(terms).toEqual([expect.objectContaining({ about: 'The terms', now: 'in another order' })]);
  });
});

test('a term that changed while its clause did not is told: words and terms may differ now', () => {
  const now = changed(({ terms }) => {
    terms.termination.noticeDays = 90;
  });
  const compared = compare(theExample(), now, { was: '/home/me/a.yaml', now: '/home/me/b.yaml' }, law);
  const note = `Clause ${now.terms.termination.clause} says what it said before: check that it says this.`;
  expect(showAsText(compared)).toContain(`A party that leaves says so longer before.\n    ${note}`);
  expect(showAsPage(compared)).toContain(note);
  expect(showAsPage(compared)).not.toContain('/home/me');
});

test('law is cited as lawyers cite it, and kinds are said in words', () => {
  const [basis] = termsOf(
    changed(({ terms }) => {
      one(terms.lawfulBases).basis = 'gdpr-6-1-e';
    }),
  ).filter(({ kind }) => kind === 'added');
  expect(basis?.now).toBe('Lawful basis: Article 6(1)(e) of the UK GDPR');
  const [role] = termsOf(
    changed((agreement) => {
      one(dataSet(agreement).fields).role = 'quasi-identifier';
    }),
  );
  expect(role?.now).toBe('with others, could single somebody out');
});

test('drafts are compared with what is left blank in them', () => {
  const now = changed((agreement) => {
    agreement.endsOn = '[say the last day]';
    one(agreement.terms.retention).period = 'P1Y [say if this is right]';
  });
  expect(termsOf(now).map((term) => term.now)).toEqual(['[say the last day]', 'P1Y [say if this is right]']);
});

// What is compared is found by name, so a part that the schema gains must not be lost here.
test('no value of an agreement can change without being said', () => {
  const example = theExample();
  const { clauses: _, chirograph: __, ...rest } = example;
  const paths: string[][] = [];
  const walk = (value: unknown, path: string[]) => {
    if (typeof value !== 'object' || value === null) paths.push(path);
    else for (const [key, part] of Object.entries(value)) walk(part, [...path, key]);
  };
  walk(rest, []);
  expect(paths.length).toBeGreaterThan(150);
  for (const path of paths) {
    const other = structuredClone(example);
    const last = path.at(-1) ?? '';
    const inside = (held: Record<string, unknown>, step: string) => held[step] as Record<string, unknown>;
    const holder = path.slice(0, -1).reduce(inside, other as unknown as Record<string, unknown>);
    const value = holder[last];
    holder[last] = typeof value === 'string' ? `${value}x` : typeof value === 'number' ? value + 1 : !value;
    // A period or a day that is none stops here: what is put in is read before it is compared.
    if (/period|firstAfter|every|On$/.test(last)) continue;
    const { terms, words } = diffAgreements(example, other, law);
    const said = terms.length + words.filter(({ kind }) => kind !== 'same').length;
    expect(said, path.join('.')).toBeGreaterThan(0);
  }
});

describe('clauses', () => {
  test('a clause put in moves the numbers after it, and is the only one that is new', () => {
    const now = changed(({ clauses, terms }) => {
      const at = clauses.findIndex(({ id }) => id === '6.4');
      const after = clauses[at];
      if (after) after.id = '6.5';
      clauses.splice(at, 0, { id: '6.4', heading: 'Devices', text: 'Only devices that a party manages.' });
      terms.incidents.clause = '6.5';
    });
    const { words, terms } = diffAgreements(theExample(), now, law);
    const other = words
      .filter(({ kind }) => kind !== 'same')
      .map(({ was, now: id, kind }) => [was, id, kind]);
    expect(other).toEqual([
      [null, '6.4', 'added'],
      ['6.4', '6.5', 'renumbered'],
    ]);
    expect(terms).toEqual([]);
  });

  test('one that is gone stands after what it stood after', () => {
    const now = changed(({ clauses }) => {
      clauses.splice(
        clauses.findIndex(({ id }) => id === '8.5'),
        1,
      );
    });
    const { words } = diffAgreements(theExample(), now, law);
    const at = words.findIndex(({ kind }) => kind === 'removed');
    expect([words[at - 1]?.now, words[at]?.was, words[at + 1]?.now]).toEqual(['8.4', '8.5', '8.6']);
  });

  test('in another order are said', () => {
    expect(termsOf(changed(({ clauses }) => void clauses.reverse()))).toEqual([
      expect.objectContaining({ about: 'The clauses', now: 'in another order' }),
    ]);
  });
});

test('an agreement and itself say the same', () => {
  const compared = compare(theExample(), theExample(), files, law);
  expect(compared.same).toBe(true);
  expect(summary(compared)).toBe('They say the same, in the same places.');
});

describe('what is shown', () => {
  const now = changed((agreement) => {
    one(agreement.terms.retention).period = 'P2Y';
    agreement.title = 'Health & <b>Care</b>';
    const clause = agreement.clauses.find(({ id }) => id === '5.4');
    if (clause) clause.text = clause.text.replace('for 12 months', 'for 24 months');
  });
  const compared = compare(theExample(), now, files, law);

  test('in a terminal has each change and its clause', () => {
    const text = showAsText(compared);
    expect(text).toContain('2 changes to the terms and 1 clause changed.');
    expect(text).toContain('Kept for: [-1 year-] {+2 years+} (clause 5.4)\n    It is kept for longer.');
    expect(text).toContain(
      '5.4 Retention and disposal\n  The Commissioner will retain each file for [-12-]{+24+} months',
    );
  });

  test('on a page has no script, asks nothing of a network and says in words what colours say', () => {
    const page = showAsPage(compared);
    expect(page).not.toMatch(/<script|src=|href=|<b>Care/);
    expect(page).toContain(`default-src 'none'`);
    expect(page).toContain(
      '<del><span class="govuk-visually-hidden"> (taken out: </span>12<span class="govuk-visually-hidden">) </span></del>',
    );
    expect(page).toContain('Health &amp; &lt;b&gt;Care&lt;/b&gt;');
  });

  test('whatever is said in them, both are shown', () => {
    const other = compare(withClauses(naughty), withClauses([...naughty].reverse()), files, law);
    expect(showAsPage(other)).not.toMatch(/[\u202A-\u202E]|<script/);
    expect(showAsText(other)).toContain('clause');
  });
});

describe('in Word', () => {
  const written = (agreement: Agreement) => writtenAgreement(agreement, law, { signatures: [], open: 0 });
  const trackedWord = async (was: Agreement, now: Agreement) => {
    const file = await writeTrackedWord(
      trackedDocument(written(was), written(now)),
      '2026-11-22T10:00:00.000Z',
    );
    const xml = strFromU8(unzipSync(file)['word/document.xml'] ?? new Uint8Array());
    new SaxesParser().write(xml).close();
    return xml;
  };
  /** What stays of a document once every change is accepted, or rejected: its text, whoever wrote it. */
  const textAfter = (xml: string, what: 'accepted' | 'rejected') =>
    xml
      .replace(what === 'accepted' ? /<w:del .*?<\/w:del>/gs : /<w:ins .*?<\/w:ins>/gs, '')
      .match(/<w:(?:t|delText)(?: [^>]*)?>[^<]*/g)
      ?.map((one) => one.replace(/<[^>]*>/, ''))
      .join('')
      .replace(/\s+/g, '');
  const now = changed((agreement) => {
    agreement.title = 'Another title';
    agreement.clauses.splice(5, 1);
    agreement.clauses.push({ id: '11', heading: 'Added', text: 'At the end.\n(a) a list' });
    one(agreement.terms.retention).period = 'P2Y';
    one(agreement.parties).maySign = ['siro'];
    dataSet(agreement).fields.push({ name: 'Religion', type: 'string', role: 'sensitive', use: 'keep' });
  });

  test('accepting gives the new text, and rejecting the old', async () => {
    const xml = await trackedWord(theExample(), now);
    const same = await trackedWord(theExample(), theExample());
    const next = await trackedWord(now, now);
    expect(same).not.toMatch(/<w:(ins|del) /);
    // The contents are of the new text, and no tracked change.
    const body = (text = '') => text.slice(text.indexOf('Theparties', text.indexOf('Contents') + 20));
    expect(body(textAfter(xml, 'accepted'))).toBe(body(textAfter(next, 'accepted')));
    expect(body(textAfter(xml, 'rejected'))?.slice(-9000)).toBe(
      body(textAfter(same, 'rejected'))?.slice(-9000),
    );
  });

  test('a sentence put in is counted by Word, so that rejecting it gives the letters back', async () => {
    const lettered = (text: string) =>
      changed(({ clauses }) => {
        const [clause] = clauses;
        if (clause) clause.text = text;
      });
    const xml = await trackedWord(
      lettered('(a) The first of them.\n(b) The second of them.'),
      lettered('(a) The first of them.\n(b) Something else altogether.\n(c) The second of them.'),
    );
    const items = (xml.match(/<w:p>.*?<\/w:p>/gs) ?? []).filter((one) => one.includes('<w:ilvl w:val="1"/>'));
    const shown = items.map((one) => [/<w:ins [^>]*\/>/.test(one), textAfter(one, 'accepted')]);
    expect(shown).toEqual([
      [false, 'Thefirstofthem.'],
      [true, 'Somethingelsealtogether.'],
      [false, 'Thesecondofthem.'],
    ]);
    expect(xml).not.toMatch(/>\((?:b|c)\)</);
  });

  test('a paragraph and a row that came or went are tracked whole, with numbers of their own', async () => {
    const xml = await trackedWord(theExample(), now);
    expect(xml).toMatch(/<w:trPr>(?:(?!<\/w:trPr>).)*<w:ins /s);
    expect(xml).toMatch(/<w:pPr>(?:(?!<\/w:pPr>).)*<w:rPr><w:ins /s);
    const ids = [...xml.matchAll(/<w:(?:ins|del) [^>]*w:id="(\d+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(10);
  });
});
