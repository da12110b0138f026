import { expect, test } from 'vitest';
import { citation } from './citation.ts';
import { readLaw } from './law.ts';

const law = readLaw();
const gateway = (id: string) => citation(law.gateways.get(id) ?? expect.fail(id));
const condition = (id: string) => citation(law.conditions.get(id) ?? expect.fail(id));

test.each([
  ['G1', 'section 115 of the Crime and Disorder Act 1998'],
  ['G2', 'section 17A of the Crime and Disorder Act 1998 and SI 2007/1831'],
  ['G3', 'sections 5 to 7 of the Crime and Disorder Act 1998'],
  ['G6', 'section 325(3) to (4) of the Criminal Justice Act 2003'],
  [
    'G9',
    'sections 44A to 44F of the Police, Crime, Sentencing and Courts Act 2022 and their code of practice',
  ],
  ['G11', 'sections 10 and 11 of the Children Act 2004'],
  ['G16', 'section 35 of the Digital Economy Act 2017'],
  ['G24', 'Civil Contingencies Act 2004; SI 2005/2042 Part 8, regulations 45 to 54'],
  [
    'G30',
    'the common law, section 1 of the Localism Act 2011 and section 111 of the Local Government Act 1972',
  ],
])('a lawyer reads %s as %s', (id, says) => {
  expect(gateway(id)).toBe(says);
});

test.each([
  ['gdpr-9-2-g', 'Article 9(2)(g) of the UK GDPR'],
  [
    'gdpr-10',
    'Article 10(1) of the UK GDPR and section 10(4) to (5) and section 11(2) of the Data Protection Act 2018',
  ],
  ['sch1-06', 'paragraph 6 of Part 2 of Schedule 1 to the Data Protection Act 2018'],
  ['sch8-01', 'paragraph 1 of Schedule 8 to the Data Protection Act 2018'],
])('and %s as %s', (id, says) => {
  expect(condition(id)).toBe(says);
});

test('nothing that the law holds is left in short', () => {
  const all = [law.gateways, law.lawfulBases, law.conditions].flatMap((one) => [...one.values()]);
  const left = all
    .filter((one) => !one.law.includes(';') || one.section === '-')
    .map(citation)
    .filter((says) => /\b(s|ss|Art|Sch|Pt|para|regs?)[. ]?\d|\(inserted|\bDPA\b/.test(says));
  expect(left).toEqual([]);
});
