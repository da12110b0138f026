import { lineAt, type Reading, type Sentence } from '../read/reading.ts';
import type { LogicFault } from './faults.ts';
import type { NamedParty } from './parties.ts';

/**
 * Who is named as a party, or is given duties, and does not sign. Bodies are compared by the words of their names that are theirs alone;
 * nothing is said where none of the parties is seen to sign.
 */
export function unboundIn(
  { sentences }: Reading,
  parties: readonly NamedParty[],
  block: readonly Sentence[],
): LogicFault[] {
  const signs = wordsOf(block.map(({ text }) => text).join(' '));
  const signed = (words: readonly string[]) => words.length === 0 || words.some((word) => signs.has(word));
  const own = parties.map((party) => ({ ...party, own: ownWords(party.name, parties) }));
  if (!own.some((party) => party.own.some((word) => signs.has(word)))) return [];
  const first = block[0]?.pieces[0]?.line ?? Number.POSITIVE_INFINITY;
  const known = wordsOf(parties.map(({ name }) => name).join(' '));
  const given = sentences
    .filter(({ pieces }) => (pieces[0]?.line ?? 0) < first)
    .flatMap(dutiesIn)
    .filter(({ name }) => [...wordsOf(name)].every((word) => !known.has(word) && !signs.has(word)));
  const unbound = [...own.filter((party) => !signed(party.own)), ...given];
  return [...new Map(unbound.map((one) => [one.name.toLowerCase(), one])).values()].map(({ name, line }) => ({
    id: 'party-not-bound',
    line,
    says: `${name} has a part in this, and is not among those who sign.`,
  }));
}

const wordsOf = (text: string): Set<string> =>
  new Set(
    text
      .toLowerCase()
      .split(/[^a-z]+/)
      .filter((word) => word.length > 3 || word === 'pcc'),
  );

// Without the words that another party has in its name too.
function ownWords(name: string, parties: readonly NamedParty[]): string[] {
  const others = wordsOf(
    parties
      .filter((party) => party.name !== name)
      .map((party) => party.name)
      .join(' '),
  );
  const words = [...wordsOf(name)];
  const own = words.filter((word) => !others.has(word));
  return own.length > 0 ? own : words;
}

const must =
  /^(?:[A-Z\d][\w.]{0,5} )?((?:[A-Z][\w’'&-]+)(?: (?:(?:of|and|for|the|&) )?[A-Z][\w’'&-]+){1,6})(?:, [^,]{3,80},)? (?:must|shall|undertakes to|agrees to) /;
const member =
  /^(?:[A-Z\d][\w.]{0,5} )?((?:[A-Z][\w’'&-]+)(?: (?:(?:of|and|for|the|&) )?[A-Z][\w’'&-]+){1,6})(?:, [^,]{3,80},)?(?: and [\w’' ]{3,60})? (?:is|are) (?:an? )?(?:core |full |associate |statutory )?(?:members?|partners?) of\b/;
// Roles and rooms, not bodies.
const notBodies =
  /\b(?:Officers?|Guardian|Directors?|Heads?|Managers?|Co-?ordinators?|Constable|Commissioners?|Groups?|Boards?|Committees?|Part(?:y|ies)|Partners?|Partnership|Agenc(?:y|ies)|Controllers?|Processors?|Chief|Executives?|Leads?|Data|Information|Acts?|Government|Courts?|Representatives?|Teams?|Staff|Panels?|Secretary|Ministers?|Agreement|Protocol|Schedules?|Annex|Appendix|Section|Clause|Each|Any|All|Both|Neither|Every|Either|No|Owners?|Users?|Subjects?|Signator(?:y|ies)|Personal|Requests?|Access|Organisations?|Professionals?|Recipients?|Days?|Owner)\b/;

function dutiesIn(sentence: Sentence): NamedParty[] {
  if (/\bnot (?:a )?part(?:y|ies)\b/i.test(sentence.text)) return [];
  const name = (must.exec(sentence.text) ?? member.exec(sentence.text))?.[1];
  if (name === undefined || notBodies.test(name)) return [];
  return [{ name: name.replace(/^The /, ''), line: lineAt(sentence, 0) }];
}
