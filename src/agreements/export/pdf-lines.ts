import { aroundBlanks } from '../blanks.ts';

/** How wide a text is, in points. */
export type Measure = (text: string) => number;

const longest = 400; // characters: no line has more, and a word of a million is not measured whole

/**
 * Text in lines no wider than `width` points. A line is broken at a space, or after a hyphen or a slash; a word that is too
 * long for a line by itself, wherever it has to be. The space at which a line is broken stays at its end, for who hears it.
 */
export function inLines(text: string, width: number, measure: Measure): string[] {
  const over = (line: string) => line.length > longest || measure(line.trimEnd()) > width;
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const part of paragraph.match(/[^\s/-]+[\s/-]*|[\s/-]+/g) ?? []) {
      if (line !== '' && over(`${line}${part}`)) {
        lines.push(line);
        line = '';
      }
      line += part;
      while (over(line)) {
        const fits = mostThatFit(line, width, measure);
        lines.push(line.slice(0, fits));
        line = line.slice(fits);
      }
    }
    return [...lines, line];
  });
}

/** A part of a line, and whether it is left blank. */
type Part = { text: string; blank: boolean };

/** Each of the lines of a text in parts, what is left blank apart: a blank may go on on the next line. */
export function partsOfLines(lines: readonly string[]): Part[][] {
  const all = aroundBlanks(lines.join('')).map((text, at): Part => ({ text, blank: at % 2 === 1 }));
  return lines.map((line) => {
    const parts: Part[] = [];
    let left = line.length;
    for (let next = all.shift(); next && left > 0; next = all.shift()) {
      parts.push({ ...next, text: next.text.slice(0, left) });
      const rest = next.text.slice(left);
      left -= next.text.length;
      if (left > 0) continue;
      if (rest !== '') all.unshift({ ...next, text: rest });
      break;
    }
    return parts;
  });
}

// How many characters of a text fit, found by halving; at least one, and never half of one.
function mostThatFit(text: string, width: number, measure: Measure): number {
  let [fits, over] = [0, Math.min(text.length, longest + 1)];
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2);
    if (measure(text.slice(0, middle)) <= width) fits = middle;
    else over = middle;
  }
  const whole = isHalf(text.charCodeAt(fits - 1)) ? fits - 1 : fits;
  return whole > 0 ? whole : isHalf(text.charCodeAt(0)) ? 2 : 1;
}

const isHalf = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
