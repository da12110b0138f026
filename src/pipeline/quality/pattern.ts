const longest = 200; // characters
const mostRepeats = 1000; // RE2 compiles no more

/**
 * What is wrong with a regular expression; null if nothing is. It is the part of RE2 that reads alike everywhere: groups,
 * alternatives, sets, counts, and `\d`, `\w`, `\s`, `\b` and their opposites. RE2 matches in a time that grows with the text
 * only, for it has no look-around and no back reference.
 */
export function faultOfPattern(pattern: string): string | null {
  if (pattern.length > longest) return `A pattern has at most ${longest} characters.`;
  const repeats = repeatsOf([...pattern]);
  if (repeats === null)
    return 'A pattern has groups, alternatives, sets such as [A-Z], counts such as {2}, and \\d, \\w, \\s and \\b: no look-around, no back reference, no other escape.';
  return repeats > mostRepeats ? `The counts of a pattern multiply to at most ${mostRepeats}.` : null;
}

const classes = new Set('dDwWsS');
const marks = new Set('^$\\.*+?()[]{}|/-');
const signs = new Set('*+?{}|)]');

// Reads the pattern from left to right, once. Gives the most that its counts can repeat a part, or null if it is no pattern.
function repeatsOf(text: readonly string[]): number | null {
  let at = 0;
  const take = (sign: string) => {
    if (text[at] !== sign) return false;
    at += 1;
    return true;
  };

  const alternatives = (): number | null => {
    let most = 1;
    do {
      while (at < text.length && text[at] !== '|' && text[at] !== ')') {
        const repeats = part();
        if (repeats === null) return null;
        most = Math.max(most, repeats);
      }
    } while (take('|'));
    return most;
  };

  const part = (): number | null => {
    if (take('^') || take('$')) return 1;
    if (text[at] === '\\' && (text[at + 1] === 'b' || text[at + 1] === 'B')) {
      at += 2;
      return 1;
    }
    const inside = atom();
    const times = inside === null ? null : count();
    return inside === null || times === null ? null : inside * times;
  };

  const atom = (): number | null => {
    if (take('(')) {
      if (take('?') && !take(':')) return null;
      const inside = alternatives();
      return take(')') ? inside : null;
    }
    if (take('[')) return set() ? 1 : null;
    if (take('\\')) return escaped() === null ? null : 1;
    const sign = text[at];
    if (sign === undefined || signs.has(sign)) return null;
    at += 1;
    return 1;
  };

  const escaped = (): string | null => {
    const sign = text[at];
    if (sign === undefined || !(classes.has(sign) || marks.has(sign))) return null;
    at += 1;
    return sign;
  };

  const member = (): { sign: string; one: boolean } | null => {
    if (take('\\')) {
      const sign = escaped();
      return sign === null ? null : { sign, one: !classes.has(sign) };
    }
    const sign = text[at];
    if (sign === undefined || sign === '[' || sign === ']') return null;
    at += 1;
    return { sign, one: true };
  };

  const set = (): boolean => {
    take('^');
    do {
      const from = member();
      if (!from) return false;
      if (text[at] === '-' && text[at + 1] !== ']') {
        at += 1;
        const to = member();
        if (!to || !from.one || !to.one || from.sign > to.sign) return false;
      }
    } while (!take(']'));
    return true;
  };

  const number = (): number | null => {
    const from = at;
    while (at < from + 4 && text[at] !== undefined && '0123456789'.includes(text[at] ?? ' ')) at += 1;
    return at === from ? null : Number(text.slice(from, at).join(''));
  };

  const count = (): number | null => {
    if (take('*') || take('+') || take('?')) {
      take('?');
      return 1;
    }
    if (!take('{')) return 1;
    const least = number();
    if (least === null) return null;
    const most = take(',') ? (number() ?? least) : least;
    if (!take('}') || most < least) return null;
    take('?');
    return Math.max(1, most);
  };

  const repeats = alternatives();
  return at === text.length ? repeats : null;
}
