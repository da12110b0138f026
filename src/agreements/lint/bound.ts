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
  const short = new Set(block.flatMap(({ text }) => text.toLowerCase().split(/[^a-z]+/)));
  const signed = (words: readonly string[]) =>
    words.length === 0 || words.some((word) => signs.has(word) || (word.length < 4 && short.has(word)));
  const own = parties.map((party) => ({
    ...party,
    own: [...ownWords(party.name, parties), ...shortOf(party.name, sentences)],
  }));
  if (!own.some((party) => party.own.some((word) => signs.has(word)))) return [];
  const first = block[0]?.pieces[0]?.line ?? Number.POSITIVE_INFINITY;
  const known = wordsOf(parties.map(({ name }) => name).join(' '));
  const places = inSeveral(parties);
  const given = sentences
    .filter(({ pieces }) => (pieces[0]?.line ?? 0) < first)
    .flatMap(dutiesIn)
    .filter(({ name }) => isOther([...wordsOf(name)], known, bodies.test(name) ? places : none, signs));
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

const none: ReadonlySet<string> = new Set();
const kinds = new Set(
  'police constabulary council trust authority board university homes association hospital hospitals school college commissioner'.split(
    ' ',
  ),
);

// A body of other words than the parties and who signs; two words of its own are enough where it is of another kind.
function isOther(
  all: readonly string[],
  known: ReadonlySet<string>,
  places: ReadonlySet<string>,
  signs: ReadonlySet<string>,
): boolean {
  const words = all.filter((word) => !places.has(word));
  const own = words.filter((word) => !known.has(word) && !signs.has(word));
  const kind = words.find((word) => kinds.has(word));
  return (
    own.length > 0 && (own.length === words.length || (own.length > 1 && own.some((word) => word === kind)))
  );
}

// “Police and Crime Commissioner for Northby (“the PCC”)”: those who sign may be called that.
function shortOf(name: string, sentences: readonly Sentence[]): string[] {
  return sentences.flatMap(({ text }) => {
    const at = text.indexOf(name);
    const after = at === -1 ? '' : text.slice(at + name.length, at + name.length + 100);
    const short = /^[^(|;]{0,80}\((?:the )?["“](?:the )?([\w ]{2,30})["”]/.exec(after)?.[1] ?? '';
    return short
      .toLowerCase()
      .split(' ')
      .filter((word) => word.length > 1);
  });
}

// What several parties have in their names is where they are.
function inSeveral(parties: readonly NamedParty[]): Set<string> {
  const all = parties.flatMap(({ name }) => [...wordsOf(name)]);
  return new Set(all.filter((word, at) => all.indexOf(word) !== at));
}

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
// What “will” do something may be a room or a system; these words are of bodies.
const will =
  /^(?:[A-Z\d][\w.]{0,5} )?((?:[A-Z][\w’'&-]+)(?: (?:(?:of|and|for|the|&) )?[A-Z][\w’'&-]+){1,6})(?:, [^,]{3,80},)? will (?:not |also |only )?(?:send|supply|provide|give|keep|hold|maintain|run|host|operate|share|pass|return|delete|destroy|check|tell|inform|notify|make|ensure|allow|let|report|collect|store|process|use|comply|sign)\b/;
const bodies =
  /\b(?:Hub|Authority|Commission|Council|Trust|Ltd|Limited|Charity|University|Association|College|Foundation|Constabulary|Homes|Housing|Hospitals?|School|Academy|Centre|Refuge|Society|CIC|LLP|plc|Surgery|Practice|Network|(?:\w+ ){2}Services?)\b/;
const member =
  /^(?:[A-Z\d][\w.]{0,5} )?((?:[A-Z][\w’'&-]+)(?: (?:(?:of|and|for|the|&) )?[A-Z][\w’'&-]+){1,6})(?:, [^,]{3,80},)?(?: and [\w’' ]{3,60})? (?:is|are) (?:an? )?(?:core |full |associate |statutory )?(?:members?|partners?) (?:of|in)\b/;
// Roles and rooms, not bodies.
const notBodies =
  /\b(?:Officers?|Guardian|Directors?|Heads?|Managers?|Co-?ordinators?|Constable|Commissioners?|Groups?|Boards?|Committees?|Part(?:y|ies)|Partners?|Partnership|Agenc(?:y|ies)|Controllers?|Processors?|Chief|Executives?|Leads?|Data|Information|Acts?|Government|Courts?|Representatives?|Teams?|Staff|Panels?|Secretary|Ministers?|Agreement|Protocol|Schedules?|Annex|Appendix|Section|Clause|Each|Any|All|Both|Neither|Every|Either|No|Owners?|Users?|Subjects?|Signator(?:y|ies)|Personal|Requests?|Access|Organisations?|Professionals?|Recipients?|Days?|Owner)\b/;

const notNames = /^\w*\d|\b(?:What|Who|How|When|Where|Why|Which|It|They|There|This|That|These|Those|If)\b/;

function dutiesIn(sentence: Sentence): NamedParty[] {
  if (/\bnot (?:a )?part(?:y|ies)\b/i.test(sentence.text)) return [];
  const willing = will.exec(sentence.text)?.[1];
  const name =
    (must.exec(sentence.text) ?? member.exec(sentence.text))?.[1] ??
    (willing !== undefined && bodies.test(willing) ? willing : undefined);
  if (name === undefined || notBodies.test(name) || notNames.test(name)) return [];
  const body = name.replace(/^The /, '');
  return body.includes(' ') ? [{ name: body, line: lineAt(sentence, 0) }] : []; // “The SPOCs” are of a party
}
