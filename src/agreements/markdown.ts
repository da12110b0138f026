import { showDay } from '../platform/pure/dates.ts';
import { orBlank } from './blanks.ts';
import type { Agreement } from './document.ts';
import { inSentence } from './names.ts';

const documents: Record<Agreement['type'], string> = {
  ISA: 'Information sharing agreement',
  DSA: 'Data sharing agreement',
  MoU: 'Memorandum of understanding',
};

/** The words of an agreement as Markdown, as people read and sign them on paper: its head
 * with the parties, its clauses, and a place to sign for each party. */
export function agreementMarkdown({ parties, clauses, ...about }: Agreement): string {
  const head = [
    `# ${about.title}`,
    `**${orBlank(about.type, (one) => documents[one])}**`,
    `Reference: ${about.reference}, version ${about.version}. Marking: ${about.marking}.`,
    `It starts on ${orBlank(about.startsOn, showDay)} and ends on ${orBlank(about.endsOn, showDay)}. Document owner: ${about.owner}.`,
  ];
  const named = parties.flatMap(({ legalName, status, address, registration, contacts: { spoc, dpo } }) => [
    `**${legalName}**`,
    [
      `Legal status: ${status}. Address: ${address}.`,
      `Information Commissioner registration: ${registration}.`,
      `Single point of contact: ${spoc.title}, ${spoc.email}.`,
      `Data protection officer: ${dpo.title}, ${dpo.email}.`,
    ]
      .map((line) => `- ${line}`)
      .join('\n'),
  ]);
  const words = clauses.flatMap(({ id, heading, text }) => {
    const level = '#'.repeat(id.split('.').length + 1);
    return [`${level} ${id}${heading === undefined ? '' : ` ${heading}`}`, ...paragraphs(text)];
  });
  const places = parties.map(({ legalName }) =>
    [`Signed for and on behalf of ${inSentence(legalName)}:`, 'Signature:', 'Name:', 'Post:', 'Date:']
      .map((line) => `- ${line}`)
      .join('\n'),
  );
  return `${[...head, ...named, ...words, ...places].join('\n\n')}\n`;
}

// Lines of a clause are paragraphs, which Markdown would join; those of a bulleted list it keeps apart.
function paragraphs(text: string): string[] {
  return text.split(/\n(?![-•*] )/).filter((line) => line.trim() !== '');
}
