import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { inPlainWords, type Problem, problemOf, readYaml } from '../platform/pure/read-document.ts';
import { DataSet, type Field } from './data-set.ts';

/** The data sets of a file of terms, or everything that is wrong with it. */
export type ReadTerms = { ok: true; dataSets: DataSet[] } | { ok: false; problems: Problem[] };

const noTerms =
  'A file of terms starts with “chirograph: terms/1”, an agreement with “chirograph: agreement/1”.';

const TermsFile = z.strictObject({
  chirograph: z.literal('terms/1', { error: noTerms }),
  datasets: z.array(DataSet).min(1, 'List at least one data set.'),
});

// What an agreement says of a data set to people, and the pipeline has no use for.
const forPeople = ['title', 'personalData', 'clause'];

/**
 * Reads terms from the text of a file in a folder: the data sets alone, or those of an agreement. A hierarchy may be
 * written out, or named as a file (`;` between levels, the leaf first): its path is from that folder.
 */
export async function readTerms(text: string, folder: string): Promise<ReadTerms> {
  const read = readYaml(text);
  if (!read.ok) return read;
  if (!z.looseObject({}).safeParse(read.value).success) {
    return { ok: false, problems: [{ path: 'document', says: noTerms }] };
  }
  const problems: Problem[] = [];
  const resolved = await withHierarchies(dataSetsOf(read.value), folder, problems);
  if (problems.length > 0) return { ok: false, problems };
  const shaped = TermsFile.safeParse(resolved, { error: inPlainWords });
  if (!shaped.success) return { ok: false, problems: shaped.error.issues.map(problemOf) };
  return { ok: true, dataSets: shaped.data.datasets };
}

/** The file of terms that is named; null where it cannot be read. */
export async function readTermsFile(path: string): Promise<ReadTerms | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null ? null : readTerms(text, dirname(path));
}

/** The JSON Schema (2020-12) of a file of terms, with a whole example. */
export function termsJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(TermsFile.meta({ title: 'Chirograph terms, version 1', examples: [example] }), {
    io: 'input',
    override: ({ jsonSchema, path }) => {
      if (path[path.length - 1] !== 'hierarchy') return;
      const { description, ...lines } = jsonSchema;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      const file = { type: 'string', description: 'The path of a file: “;” between levels, the value first' };
      Object.assign(jsonSchema, { anyOf: [file, { ...lines, description }] });
    },
  });
}

const example = {
  chirograph: 'terms/1',
  datasets: [
    {
      id: 'stop-and-search',
      format: { type: 'csv', delimiter: ',' },
      output: 'csv',
      readBy: 'people',
      fields: [
        { name: 'Date', type: 'timestamp', role: 'other', use: { to: 'month' } },
        { name: 'Gender', type: 'string', role: 'quasi-identifier', use: 'keep' },
        {
          name: 'Age range',
          type: 'string',
          role: 'quasi-identifier',
          use: 'generalise',
          hierarchy: [
            ['10-17', 'under 25', '*'],
            ['18-24', 'under 25', '*'],
            ['25-34', '25 and over', '*'],
            ['over 34', '25 and over', '*'],
          ],
        },
        {
          name: 'Outcome',
          type: 'string',
          role: 'sensitive',
          use: 'keep',
          required: true,
          warnings: ['required'],
        },
        { name: 'Crime ID', type: 'string', role: 'identifier', use: 'pseudonymise' },
      ],
      protection: { k: 5, suppressionLimit: 0.05, l: 2 },
      rows: [{ field: 'Gender', not: [''] }],
      checks: [
        { check: 'age', field: 'Date', most: 'P3M' },
        { check: 'row-count', least: 100, severity: 'warning' },
        { check: 'drift', most: 0.2, severity: 'warning' },
      ],
    },
  ],
} as const;

function dataSetsOf(value: unknown): unknown {
  const document = z.looseObject({
    chirograph: z.string(),
    terms: z.looseObject({ datasets: z.array(z.looseObject({})) }),
  });
  const agreement = document.safeParse(value);
  if (!agreement.success || agreement.data.chirograph !== 'agreement/1') return value;
  const datasets = agreement.data.terms.datasets.map((dataSet) =>
    Object.fromEntries(Object.entries(dataSet).filter(([key]) => !forPeople.includes(key))),
  );
  return { chirograph: 'terms/1', datasets };
}

// Only what is where a hierarchy belongs is looked at; whether the rest is terms is said afterwards.
async function withHierarchies(value: unknown, folder: string, problems: Problem[]): Promise<unknown> {
  const shape = z.looseObject({ datasets: z.array(z.looseObject({ fields: z.array(z.looseObject({})) })) });
  const terms = shape.safeParse(value);
  if (!terms.success) return value;
  for (const [set, dataSet] of terms.data.datasets.entries()) {
    for (const [at, field] of dataSet.fields.entries()) {
      if (typeof field['hierarchy'] !== 'string') continue;
      const lines = await readHierarchy(resolve(folder, field['hierarchy']));
      if (lines) field['hierarchy'] = lines;
      else {
        const says = `There is no file ${field['hierarchy']} that can be read as a hierarchy: a line for each value, with “;” between its levels.`;
        problems.push({ path: `datasets[${set}].fields[${at}].hierarchy`, says });
      }
    }
  }
  return terms.data;
}

async function readHierarchy(path: string): Promise<NonNullable<Field['hierarchy']> | null> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
    return parse(text, { delimiter: ';', relax_column_count: true, skip_empty_lines: true });
  } catch {
    return null;
  }
}
