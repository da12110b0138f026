import { agreementWords } from './agreement-words.ts';
import { approvalWords, dataWords } from './data-words.ts';
import { type Alternative, isPrepared, isReleased, type ReleaseFacts } from './facts.ts';

/** Words that every rule's sentences may use. */
export const wordsOfAgreement: readonly string[] = Object.keys(agreementWords);

/** Words that only rules about a release may use: a request that is being decided has no data yet. */
export const wordsOfData: readonly string[] = Object.keys(dataWords);

/** Words that only rules about a release that is about to leave may use: before that nobody has approved it. */
export const wordsOfApproval: readonly string[] = Object.keys(approvalWords);

/** The `{words}` that a sentence asks for; throws on a brace that belongs to none. */
export function wordsIn(sentence: string): string[] {
  if (/[{}]/.test(sentence.replace(/\{[^{}]+\}/g, '')))
    throw new Error(`a brace is left over in "${sentence}"`);
  return [...sentence.matchAll(/\{([^{}]+)\}/g)].map(([, word = '']) => word);
}

/** Fills a sentence's `{words}` from the facts. `alternative` is a smaller set that would help, if there is one. */
export function fill(sentence: string, facts: ReleaseFacts, alternative: Alternative | null): string {
  return sentence.replace(/\{([^{}]+)\}/g, (_, word: string) => say(word, facts, alternative));
}

function say(word: string, facts: ReleaseFacts, alternative: Alternative | null): string {
  if (hasOwn(agreementWords, word)) return agreementWords[word](facts);
  if (hasOwn(dataWords, word) && isPrepared(facts)) return dataWords[word](facts, alternative);
  if (hasOwn(approvalWords, word) && isReleased(facts)) return approvalWords[word](facts);
  throw new Error(`Nothing is known to say for {${word}}`);
}

function hasOwn<T extends object>(table: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(table, key);
}
