import { z } from 'zod';
import { inPlainWords, type Problem, problemOf, readYaml } from '../../platform/pure/read-document.ts';
import { inOneLine } from '../../platform/pure/words.ts';
import type { Template, Value } from './template.ts';

const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const FillFile = z.strictObject({
  values: values.exactOptional(),
  dataSets: z.record(z.string(), values).exactOptional(),
});

/** What a person filled in beforehand: the blanks of a template by their names, and those of data sets by theirs. */
export type FillFile = {
  values: Record<string, Value>;
  dataSets: Record<string, Record<string, Value>>;
};

/** Reads a file of what is known, for one template: a blank that it does not have is a problem, and not passed over. */
export function readFillFile(
  text: string,
  template: Template,
): { ok: true; known: FillFile } | { ok: false; problems: Problem[] } {
  const read = readYaml(text);
  if (!read.ok) return read;
  const shaped = FillFile.safeParse(read.value, { error: inPlainWords });
  if (!shaped.success) return { ok: false, problems: shaped.error.issues.map(problemOf) };
  const { values: own = {}, dataSets = {} } = shaped.data;
  const problems = [
    ...unknownNames('values', Object.keys(own), blankNames(template)),
    ...Object.entries(dataSets).flatMap(([id, of]) =>
      unknownNames(`dataSets.${id}`, Object.keys(of), Object.keys(template.dataSetBlanks)),
    ),
  ];
  return problems.length > 0 ? { ok: false, problems } : { ok: true, known: { values: own, dataSets } };
}

/** The names of the blanks that a template has beside those of its data sets. */
export function blankNames({ blanks, parties, partyBlanks }: Template): string[] {
  return [
    ...Object.keys(blanks),
    ...parties.flatMap(({ id }) => Object.keys(partyBlanks).map((name) => `${id}.${name}`)),
  ];
}

function unknownNames(path: string, names: readonly string[], known: readonly string[]): Problem[] {
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: `${path}.${name}`,
      says: `This template has no such blank. It has: ${inOneLine(known)}.`,
    }));
}
