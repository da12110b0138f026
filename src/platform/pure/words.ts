/** `a`, `a and b`, `a, b and c`. */
export function inOneLine(parts: readonly string[]): string {
  return new Intl.ListFormat('en-GB').format(parts);
}

/** Words as they stand within a sentence: `Stop and search` is `stop and search`. */
export function lowerFirst(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}
