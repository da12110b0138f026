import { Document, isMap, isNode, isPair, isScalar, visit } from 'yaml';
import { upperFirst } from '../../platform/pure/words.ts';
import { inPlace } from '../lint/report.ts';
import type { Draft } from './draft-agreement.ts';
import type { Suggestion } from './find-terms.ts';

/** A draft as YAML that people mend. Beside every value that was read stands where, how sure that is, and the words. */
export function writeReadDraft({ document, from }: Draft, file: string): string {
  const written = new Document(document, { aliasDuplicateObjects: false });
  for (const [path, suggestion] of from) comment(written, stepsOf(path), ` ${inWords(suggestion, file)}`);
  visit(written, {
    Scalar: (key, node) => {
      if (key !== 'key' && isScalar(node) && typeof node.value === 'string' && node.value.length > 90)
        node.type = 'BLOCK_FOLDED';
    },
  });
  written.commentBefore = [
    ` Read in ${file.replaceAll(/\s+/g, ' ')}.`,
    ' What was read is beside the words that it was read from. Where it is right, take “[say if this is right]” away; where it is not,',
    ' write what is so. Fill in each other [say ...]. Until then this is no whole agreement. Read every clause: the words are those of the document.',
  ].join('\n');
  return written.toString({ lineWidth: 120 });
}

/** Where a value was read, how sure that is, and the words. */
export function inWords({ clause, place, confidence, quote }: Suggestion, file: string): string {
  const where = inPlace(place, file);
  const words = quote.replaceAll(/\s+/g, ' ').slice(0, 200);
  return `${clause === null ? upperFirst(where) : `Clause ${clause}, ${where}`}, ${confidence}: “${words}”`;
}

function stepsOf(path: string): (string | number)[] {
  return path
    .replaceAll(']', '')
    .split(/[.[]/)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

function comment(written: Document, steps: (string | number)[], text: string): void {
  const last = steps.at(-1);
  const parent = written.getIn(steps.slice(0, -1), true) ?? written.contents;
  const map = steps.length === 1 ? written.contents : parent;
  if (!isMap(map)) return;
  const pair = map.items.find((one) => isPair(one) && isScalar(one.key) && one.key.value === last);
  if (pair && isNode(pair.key)) pair.key.commentBefore = text;
}
