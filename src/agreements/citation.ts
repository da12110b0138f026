import { inOneLine } from '../platform/pure/words.ts';
import type { Provision } from './law.ts';

const short: Record<string, string> = {
  s: 'section',
  ss: 'sections',
  reg: 'regulation',
  regs: 'regulations',
  Art: 'Article',
  Arts: 'Articles',
  Sch: 'Schedule',
  Pt: 'Part',
  Ch: 'Chapter',
  para: 'paragraph',
  paras: 'paragraphs',
};

/**
 * A provision as a lawyer cites it, from the short form in which law/*.yaml has it: `s.36` of an Act is `section 36 of the
 * Police Reform and Social Responsibility Act 2011`. What that file notes in brackets beside it is left out.
 */
export function citation({ law, section }: Pick<Provision, 'law' | 'section'>): string {
  if (section === '-') return inOneLine(law.split('; ').map(ofAnAct));
  const [first = '', ...others] = section
    .replace(/ \([^()]{1,80}\)/g, '')
    .replace(' + code', '; their code of practice')
    .split('; ')
    .map(inFull);
  if (law.includes(';')) return `${law}, ${first}`;
  return [`${first} ${/^(paragraph|Schedule)/.test(first) ? 'to' : 'of'} the ${law}`, ...others].join(
    ' and ',
  );
}

// `Localism Act 2011 s.1`
function ofAnAct(law: string): string {
  const [, act, section] = /^(.{1,80}) s\.(\d{1,3})$/.exec(law) ?? [];
  if (act !== undefined) return `section ${section} of the ${act}`;
  return law === 'Common law' ? 'the common law' : law;
}

function inFull(section: string): string {
  if (section.startsWith('DPA ')) return `${inFull(section.slice(4))} of the Data Protection Act 2018`;
  const [, schedule, part, paragraph] = /^Sch (\d{1,2})(?: Pt (\d))? para (\d{1,2})$/.exec(section) ?? [];
  if (schedule !== undefined) {
    return `paragraph ${paragraph} of ${part === undefined ? '' : `Part ${part} of `}Schedule ${schedule}`;
  }
  const words = section
    .replace(
      /\b(ss?|regs?|Arts?|Sch|Pt|Ch|paras?)(?:\.| )(?=[\dA-Z])/g,
      (_, word: string) => `${short[word]} `,
    )
    .replace(/([\dA-Z)])-(?=[\d(])/g, '$1 to ');
  return inOneLine(words.split(', '));
}
