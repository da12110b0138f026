import type { Reading } from '../read/reading.ts';

const between = /\bbetween:? (?:the |\(1\) )?(?=[A-Z])/;
// Names that have an “and” in them.
const joined =
  /\b(Police|Fire|Health|Social|Families|Housing|Children|Transport|Environment|Justice|Adults?|Care|Work|Food|Sport|Business|Digital)(?:,? \w+)? and (?=[A-Z])/g;
const kept = '\u0000';

/** The parties as a document names them, where it says between whom it is. */
export function partiesOf({ sentences }: Reading): string[] {
  for (const { text } of sentences.slice(0, 60)) {
    const found = between.exec(text);
    if (!found) continue;
    const [list = ''] = text
      .slice(found.index + found[0].length)
      .slice(0, 400)
      .split(/[.;]/, 1);
    const names = list
      .replaceAll(joined, (name) => name.replaceAll(' and ', ` ${kept} `))
      .split(/,? and (?:the )?(?=[A-Z(])|; ?|, (?:the )?(?=[A-Z])/)
      .map((name) =>
        name
          .replaceAll(kept, 'and')
          .replaceAll(/[(“"][^(“")”]{0,60}[)”"]/g, '')
          .replaceAll('  ', ' ')
          .replace(/^(the|\(?\d\)) /i, '')
          .trim(),
      )
      .filter((name) => name.length > 2);
    if (names.length > 1) return names;
  }
  return [];
}
