import { type Heading, lineAt, type Reading, type Sentence } from '../read/reading.ts';
import { unboundIn } from './bound.ts';
import type { FoundComponent } from './components.ts';
import { leftBlank } from './left-blank.ts';
import { onwardConflict } from './onward.ts';
import type { NamedParty } from './parties.ts';
import { actingIn } from './signing.ts';

/** Something in a document that does not fit with something else in it: where, what, and where the other is. */
export type LogicFault = { id: string; line: number; other?: number; says: string };

/** What contradicts itself, or is left open, in a document whose components, parties and signatures were found. */
export function findFaults(
  reading: Reading,
  components: readonly FoundComponent[],
  parties: readonly NamedParty[],
  block: readonly Sentence[],
): LogicFault[] {
  const component = (id: string) => components.find((one) => one.id === id);
  const [retention, rights] = [component('C29'), component('C19')];
  const faults: (LogicFault | null)[] = [
    retention && retention.evidence.length > 0 && retention.lacks.includes('a period')
      ? {
          id: 'retention-no-period',
          line: retention.evidence[0]?.line ?? 1,
          says: 'It says that information is destroyed, and not after how long.',
        }
      : null,
    rights?.lacks.includes('who answers')
      ? {
          id: 'no-sar-procedure',
          line: rights.evidence[0]?.line ?? 1,
          says: 'Nothing says who answers people who ask for their information.',
        }
      : null,
    onwardConflict(reading),
    foiConflict(reading),
    ...contentsFaults(reading),
    ...leftBlank(reading),
    ...unboundIn(reading, parties, block),
    ...actingIn(block).map((line) => ({
      id: 'acting-signatory',
      line,
      says: 'Somebody signs who only acts in the post. Check, and keep, that they had the authority on that day.',
    })),
  ];
  return faults.filter((fault) => fault !== null);
}

function foiConflict({ sentences }: Reading): LogicFault | null {
  const foi = sentences.some(({ text }) => /\bfreedom of information\b|\bFOIA?\b/i.test(text));
  const found = sentences.find(
    ({ text }) =>
      /\b(not|never|no|nothing|only)\b/i.test(text) &&
      /\b(releas|disclos|provid|answer)/i.test(text) &&
      /\b(consent|authority|permission|approval|agreed)\b/i.test(text) &&
      !/\b(consent|permission|approval)\b.{0,40}\b(not (required|needed)|is needed)\b|\bno .{0,20}\b(consent|permission)\b/i.test(
        text,
      ) &&
      /\b(requests? from the (public|press)|freedom of information|FOIA?|members? of the public)\b/i.test(
        text,
      ),
  );
  if (!foi || !found) return null;
  return {
    id: 'foi-consent-conflict',
    line: lineAt(found, /\b(consent|authority|permission|approval|agreed)\b/i.exec(found.text)?.index ?? 0),
    says: 'A public authority cannot make an answer under the Freedom of Information Act wait for another’s consent: it can only ask first.',
  };
}

// A list of contents that does not name a section, or names one that is not there. Forms and lists in annexes have numbers of their own.
function contentsFaults({ headings, contents, sentences }: Reading): LogicFault[] {
  if (contents.length === 0) return [];
  const annex = headings.findIndex(({ text }) =>
    /^(appendix|appendices|annex|annexe|schedule)\b/i.test(text),
  );
  const body = headings.slice(0, annex === -1 ? undefined : annex);
  const listed = new Set(contents.map(sameHeading));
  const there = new Set([
    ...headings.map(sameHeading),
    ...sentences.map(({ text, pieces }) => sameHeading({ text, number: null, line: pieces[0]?.line ?? 1 })),
  ]);
  const numbered = body.filter(({ number }) => number !== null && !number.includes('.'));
  const missing = numbered.filter((heading) => !listed.has(sameHeading(heading)));
  const gone = contents.filter(
    ({ number, ...entry }) =>
      number !== null && !number.includes('.') && !there.has(sameHeading({ number, ...entry })),
  );
  const unread = missing.length === numbered.length || gone.length === contents.length;
  if (unread) return [];
  return [
    ...missing.map(({ line, number, text }) => ({
      id: 'contents-mismatch',
      line,
      says: `Section ${number}, ${text}, is not in the list of contents.`,
    })),
    ...gone.map(({ line, number, text }) => ({
      id: 'contents-mismatch',
      line,
      says: `The list of contents names section ${number}, ${text}, and there is none.`,
    })),
  ];
}

const sameHeading = ({ text }: Heading) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
