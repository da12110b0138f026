/** `a`, `a and b`, `a, b and c`. */
export function inOneLine(parts: readonly string[]): string {
  return new Intl.ListFormat('en-GB').format(parts);
}

/** Words as they stand within a sentence: `Stop and search` is `stop and search`. */
export function lowerFirst(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}

/** Words as a sentence begins with them. */
export function upperFirst(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * Text as a terminal may show it. A file or an agreement that somebody else wrote can hold characters that clear the
 * screen, rename the window or turn words round (C0, C1 and bidirectional controls): they are shown as `\\u001b`, which
 * JSON reads as the same character. Line feeds and tabs stay.
 */
export function withoutControls(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be shown
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A number with its noun: `1 entry`, `1,204 entries`. */
export function counted(number: number, one: string, several: string): string {
  return `${number.toLocaleString('en-GB')} ${number === 1 ? one : several}`;
}
