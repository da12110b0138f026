import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { command, exits, type Outcome, optionalValue, refusedOutcome } from '../../platform/command.ts';
import type { Json } from '../../platform/pure/canonical-json.ts';
import { refuse } from '../../platform/refusal.ts';
import { stoppable } from '../../platform/stoppable.ts';
import { findingOf } from '../report.ts';
import { formatOf, profileFile } from './profile-file.ts';
import type { Profile } from './profile-report.ts';
import { profileText } from './profile-words.ts';

const delimiters: Record<string, string> = { comma: ',', semicolon: ';', tab: '\t', bar: '|' };

export const dataProfile = command<{ delimiter?: string; sheet?: string }, [string]>({
  brief: 'Say what a file holds, and which of its columns point at people',
  full: 'Nothing is written and nothing leaves. Texts of the file are never shown: only counts, lengths, and the least and greatest of numbers and dates.',
  flags: {
    delimiter: optionalValue('SIGN', 'What stands between values, if it is guessed wrongly: , ; | or tab'),
    sheet: optionalValue('NAME', 'The sheet of a spreadsheet, if not the first that shows'),
  },
  args: [{ brief: 'The file to look at: .csv, .xlsx, .parquet or .jsonl', placeholder: 'FILE' }],
  run: async (at, flags, file) => {
    const format = formatOf(file);
    if (flags.delimiter !== undefined) {
      const delimiter = delimiters[flags.delimiter] ?? flags.delimiter;
      if (format.type !== 'csv' || !Object.values(delimiters).includes(delimiter))
        return refusedOutcome(noDelimiter);
      format.delimiter = delimiter;
    }
    if (flags.sheet !== undefined) {
      if (format.type !== 'xlsx') return refusedOutcome(noSheet);
      format.sheet = flags.sheet;
    }
    const named = resolve(at.folder, file);
    // A link is the caller's own affair: what it leads to is what is read.
    const input = await realpath(named).catch(() => named);
    return showProfile(file, await stoppable((ending) => profileFile(input, format, ending)));
  },
});

const noDelimiter = refuse(
  'invalid',
  'data.delimiter',
  'The delimiter is , ; | or tab, and only a CSV file has one.',
);

const noSheet = refuse('invalid', 'data.sheet', 'Only a spreadsheet (.xlsx) has sheets.');

function showProfile(file: string, profile: Profile): Outcome {
  const { problem, ...rest } = profile;
  if (problem?.check === 'no-file') return refusedOutcome(refuse('not-found', 'data.no-file', problem.says));
  const quality = problem ? [findingOf(problem)] : [];
  return {
    exit: problem ? exits.refused : exits.done,
    json: { file, ...rest, quality } as Json,
    text: problem ? problem.says : profileText(file, profile),
  };
}
