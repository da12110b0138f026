import { withoutControls } from '../../platform/pure/words.ts';

/**
 * Text as a document may print it. What XML cannot hold (controls, halves of characters, U+FFFE and U+FFFF) and what turns
 * words round on the page is written as its number, `\u202e`: nobody signs a sentence that reads otherwise than it is.
 */
export function printable(text: string): string {
  return withoutControls(text.replaceAll('\r\n', '\n').replaceAll('\t', ' '))
    .toWellFormed()
    .replaceAll('\uFFFE', '\\ufffe')
    .replaceAll('\uFFFF', '\\uffff');
}
