import { resolve } from 'node:path';
import {
  command,
  exits,
  type Outcome,
  optionalValue,
  refusedOutcome,
  value,
  values,
} from '../../platform/command.ts';
import type { Json } from '../../platform/pure/canonical-json.ts';
import { londonDay } from '../../platform/pure/dates.ts';
import { counted, inOneLine } from '../../platform/pure/words.ts';
import { type Refusal, refuse } from '../../platform/refusal.ts';
import { noFile, showProblems, textOf, writeNew } from '../agreement-file.ts';
import { blanksLeft, withLines } from '../check-document.ts';
import { type Agreement, parseAgreement } from '../document.ts';
import { readLaw } from '../law.ts';
import { type Facts, type KnownDataSet, startFrom } from './draft.ts';
import { type FillFile, readFillFile } from './fill-file.ts';
import { fitting, knownDataSets, knownParty } from './known.ts';
import { readTemplates, type Template, templateIds } from './template.ts';
import { writeDraft } from './write-draft.ts';

export const agreementTemplates = command({
  brief: 'List the templates to start an agreement from, and what each is for',
  flags: {},
  run: async () => {
    const all = readTemplates();
    const json = all.map(({ id, type, name, use, parties }) => ({
      id,
      type,
      name,
      use,
      parties: parties.map((party) => party.id),
    }));
    const text = json
      .map(({ id, type, name, use, parties }) =>
        [`${id}: ${name} (${type})`, `    ${use}`, `    Parties: ${inOneLine(parties)}`].join('\n'),
      )
      .join('\n');
    return { exit: exits.done, json: { templates: json } as Json, text };
  },
});

type Flags = { template: string; out: string; party?: string[]; from?: string; fill?: string };

export const agreementNew = command<Flags>({
  brief: 'Start an agreement from a template',
  full: 'Writes a document in which what is known is filled in, and all else stands as [say how long]. Parties and data sets are known from an agreement that they have already.',
  flags: {
    template: value('TEMPLATE', `One of ${inOneLine(templateIds)}`),
    party: values('PLACE=ORG', 'Who has a place of the template, such as police=westmarch-police'),
    from: optionalValue(
      'AGREEMENT',
      'An agreement (YAML or JSON) that the parties and data sets are known from',
    ),
    fill: optionalValue('FILE', 'What blanks are filled with (YAML): values, and dataSets by their ids'),
    out: value('FILE.yaml', 'The new file to write'),
  },
  run: async (at, flags) => {
    const template = readTemplates().find(({ id }) => id === flags.template);
    if (!template) {
      const says = `There is no template ${flags.template}. There are ${inOneLine(templateIds)}.`;
      return refusedOutcome(refuse('not-found', 'agreement.no-template', says));
    }
    const parties = partiesOf(template, flags.party ?? []);
    if ('kind' in parties) return refusedOutcome(parties);
    const from = await knownFrom(at.folder, flags.from);
    if ('exit' in from) return from;
    const fill = await filledFrom(at.folder, flags.fill, template);
    if ('exit' in fill) return fill;
    const document = startFrom(
      template,
      factsOf(template, parties, from, fill, londonDay(at.now)),
      readLaw(),
    );
    const text = writeDraft(document, template.name);
    const refused = await writeNew(resolve(at.folder, flags.out), text);
    if (refused) return refusedOutcome(refused);
    const blanks = blanksLeft(text, document);
    return {
      exit: exits.done,
      json: { file: flags.out, template: template.id, blanks } as Json,
      text: [
        `${flags.out} is written. ${counted(blanks.length, 'place has', 'places have')} something left to say:`,
        ...blanks.map(({ line, path, says }) => `  line ${line}, ${path}\n      ${says}`),
      ].join('\n'),
    };
  },
});

function partiesOf({ parties }: Template, given: readonly string[]): Map<string, string> | Refusal {
  const places = parties.map(({ id }) => id);
  const named = given.map((one) => one.split('='));
  const wrong = named.find(([place = '', slug = '']) => !places.includes(place) || slug === '');
  if (wrong) {
    const says = `“${wrong.join('=')}” is no place and party. Write a place, =, and a short name. Places: ${inOneLine(places)}.`;
    return refuse('invalid', 'agreement.party', says);
  }
  return new Map(named.map(([place = '', slug = '']) => [place, slug]));
}

async function knownFrom(folder: string, file: string | undefined): Promise<Agreement[] | Outcome> {
  if (file === undefined) return [];
  const text = await textOf(folder, file);
  if (text === null) return noFile(file);
  const parsed = parseAgreement(text);
  if (parsed.ok) return [parsed.agreement];
  const says = `${file} is no whole agreement: run chirograph agreement check on it.`;
  return refusedOutcome(refuse('invalid', 'agreement.from', says));
}

async function filledFrom(
  folder: string,
  file: string | undefined,
  template: Template,
): Promise<FillFile | Outcome> {
  if (file === undefined) return { values: {}, dataSets: {} };
  const text = await textOf(folder, file);
  if (text === null) return noFile(file);
  const fill = readFillFile(text, template);
  if (fill.ok) return fill.known;
  const says = `${file} does not fit:\n${showProblems(withLines(text, fill.problems))}`;
  return refusedOutcome(refuse('invalid', 'agreement.fill', says));
}

function factsOf(
  template: Template,
  places: ReadonlyMap<string, string>,
  from: readonly Agreement[],
  fill: FillFile,
  today: string,
): Facts {
  const parties = Object.fromEntries([...places].map(([place, slug]) => [place, knownParty(from, slug)]));
  const dataSets = fitting(template, parties, knownDataSets(from)).map(
    ({ values: known, ...one }): KnownDataSet => ({
      ...one,
      values: { ...known, ...fill.dataSets[one.dataSet.id] },
    }),
  );
  return { today, parties, dataSets, values: fill.values };
}
