import { lineAt, type Reading, type Sentence } from '../read/reading.ts';
import type { LogicFault } from './faults.ts';

// Who has to agree before information is passed on, where different sentences say different things.

const onward =
  /\b(?:third[- ]part(?:y|ies)|further shar\w*|further shared|further disseminat\w*|onward|shared further|disclosed further|pass(?:ed|es)?(?: it)? on|passed to|given to any(?:body|one)?|pass information|disclos\w* to any(?:body|one)?|released? to any(?:body|one)?|(?:give|given|gives)\b.{0,40}\bto (?:any(?:body|one)?|a person)\b|(?:another|any other) (?:partner|party|agency|body|organisation|person))\b/i;
const withOthers = /\b(?:shared?|disclosed?)\b.{0,40}\bwith (?:its|their|any|others?|(?:the )?members)\b/i;
const passes = /\b(?:pass|give|disclose)\b/i;
const toAnybody = /\bpass(?:es|ed)? (?:it )?to any(?:body|one)?\b/i;
const consent = /\b(?:consent|authority|permissions?|approval|agree(?:d|s|ment)?|authoris\w*)\b/i;
const needed =
  /\b(?:without|unless|until|only with|subject to|must obtain|with the|prior|express|written)\b/i;
const mayShare = /\b(?:may|can)\b.{0,20}\b(?:pass(?:ed)?|shared?|disclosed?|given?)\b/i;
const atWill =
  /\b(?:(?:if|where|when|whenever|as) (?:it|they|he or she|the \w+(?: \w+){0,3}) (?:thinks?|considers?|sees? fit|believes?|chooses?|wish(?:es)?|decides?|is satisfied|are satisfied|would help)|as appropriate|as part of (?:normal|usual|routine|ordinary)|at (?:its|their) (?:own )?discretion)\b/i;
const freely =
  /\bmay (?:also )?(?:be )?(?:pass|passed|shared?|disclosed?|given?|released?)\b.{0,200}\b(?:without (?:going back|further|asking|reference|the need|the consent|seeking|having to)|freely)\b|\b(?:no|not need)\b.{0,20}\b(?:consent|permission)\b.{0,20}\b(?:needed|required)\b/i;
const free = /\bfree to (?:pass|share|disclose|give)\b/i;
const useful =
  /\b(?:if|where|when|whenever) (?:it|this|that) (?:would|will|may) (?:help|be (?:helpful|useful))\b.{0,60}\b(?:may|can)\b.{0,20}\b(?:pass|share|disclose|give)\b/i;
const never = /\b(?:in|under) (?:any|no) circumstances\b/i;
const goesOut = /\b(?:leaves?|passed|shared?|disclosed?|given?|released?|go(?:es)?)\b/i;
const supplier =
  /\b(?:suppl\w*|originat\w*|original|owners?|other part(?:y|ies)|provid\w*|disclos(?:ed|ing)|from which it came|it came from|source|gave|sender|holds?|partner(?:[’']s)? which|controller|each other)\b/i;
const asked =
  /\b(?:consent|authority|permissions?|agreement|approval) (?:of|from|by) (?:the |any |its )?([\w’' ]{3,40})/i;

/** The first two rules of passing on that do not go together. */
export function onwardConflict({ sentences }: Reading): LogicFault | null {
  const rules = sentences.flatMap((sentence) => ruleIn(sentence));
  const [first] = rules;
  const other = first && rules.find(({ who }) => who !== first.who && differ(who, first.who));
  if (!other) return null;
  return {
    id: 'onward-rules-conflict',
    line: other.line,
    other: first.line,
    says: 'Who agrees before information is passed on is not the same everywhere. Keep one rule.',
  };
}

// Somebody who is not told from the supplier may be the supplier; nobody is not.
function differ(one: string, other: string): boolean {
  const vague = [one, other].includes('somebody');
  return !vague || [one, other].includes('nobody');
}

// “may share it with … where it thinks fit”
function isAtWill(text: string): boolean {
  const shares = mayShare.exec(text);
  return shares !== null && atWill.test(text.slice(shares.index, shares.index + 300));
}

function ruleIn(sentence: Sentence): { who: string; line: number }[] {
  const { text } = sentence;
  const at =
    onward.exec(text) ??
    withOthers.exec(text) ??
    toAnybody.exec(text) ??
    (isAtWill(text) ? passes.exec(text) : null) ??
    free.exec(text) ??
    useful.exec(text) ??
    (goesOut.test(text) ? never.exec(text) : null);
  if (!at || /\b(?:freedom of information|FOIA?|subject access)\b/i.test(text)) return [];
  const line = lineAt(sentence, at.index);
  if (never.test(text)) return [{ who: 'no one may', line }];
  if (isAtWill(text) || [freely, free, useful].some((one) => one.test(text)))
    return [{ who: 'nobody', line }];
  const given = consent.exec(text);
  if (!given || !needed.test(text)) return [];
  const near = text.slice(Math.max(0, given.index - 80), given.index + 100);
  const named = asked.exec(text.slice(given.index));
  const someone = named?.[1]
    ?.toLowerCase()
    .split(/\b(?:prior|to|before|being|for|in|and|is|who|which|that)\b/, 1)[0]
    ?.trim();
  if (someone !== undefined && !supplier.test(someone)) {
    if (/^(?:party|partner|agency|organisation|data subject|individual|person|subject)/.test(someone))
      return supplier.test(near) ? [{ who: 'supplier', line }] : [];
    return [{ who: someone, line: lineAt(sentence, given.index) }];
  }
  return [{ who: supplier.test(near) ? 'supplier' : 'somebody', line: lineAt(sentence, given.index) }];
}
