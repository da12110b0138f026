import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkDocument, withLines } from './check-document.ts';
import { readLaw } from './law.ts';

const text = readFileSync(new URL('../../examples/isa-2026-001.yaml', import.meta.url), 'utf8');
const lines = text.split('\n');
const law = readLaw();

/** The problems of the example with one text in place of another, each with the words of its line. */
function found(before: string | RegExp, after: string) {
  const changed = text.replace(before, after);
  expect(changed).not.toBe(text);
  const checked = checkDocument(changed, law);
  if (checked.ok) return [];
  return checked.problems.map(({ says, line }) => [says, line && changed.split('\n')[line - 1]?.trim()]);
}

test('the example has nothing wrong with it, as YAML or as JSON', () => {
  const checked = checkDocument(text, law);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  expect(checkDocument(JSON.stringify(checked.agreement), law)).toMatchObject({ ok: true });
});

test('a problem is shown at its line: of its shape, of its parts, of its law, of the text itself', () => {
  expect(found('version: 1', 'version: 0')).toEqual([[expect.any(String), 'version: 0']]);
  expect(found('maySign: [chief-executive]', 'maySign: [emperor]')).toEqual([
    [expect.stringContaining('This must be one of'), 'maySign: [emperor]'],
  ]);
  expect(found('endsOn: 2031-01-04', 'endsOn: 2025-01-04')[0]).toEqual([
    expect.stringContaining('before the start'),
    'endsOn: 2025-01-04',
  ]);
  expect(found('marking: OFFICIAL', 'marking: OFFICIAL\nmarking: OFFICIAL')[0]?.[1]).toBe(
    'marking: OFFICIAL',
  );
});

test('what is missing is shown where it is missing from, and what is of no line at none', () => {
  const at = (path: string) => withLines(text, [{ path, says: '' }])[0]?.line;
  expect(lines[(at('terms.shares[0].nothing') ?? 0) - 1]).toContain('dataSet: stop-and-search');
  expect(at('nothing')).toBeNull();
  expect(at('document')).toBeNull();
  expect(at('line 7')).toBe(7);
});
