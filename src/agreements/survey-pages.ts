import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { callerOf, holdsRole } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { type Answer, type Exchange, fieldOf, type Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { londonDay } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { withStaging } from '../platform/staging.ts';
import type { LintLaw } from './lint/lint-law.ts';
import { mayPropose, notYoursToRead as notYours } from './rules.ts';
import { surveyPage } from './survey/page.ts';
import { type Survey, surveyFolder } from './survey/survey.ts';
import { csvOf, tableOf } from './survey/table.ts';
import { mostFiles, unpack } from './survey/unpack.ts';
import { workbookOf } from './survey/workbook.ts';

const mostBytes = 100_000_000;
const form = { page: 'survey-page.njk', model: { s: null, mostFiles } };

/** Reading many agreements in one go: packed into one file, and told as one table. Nothing of them is kept. */
export function surveyRoutes(instance: Instance, law: LintLaw): Route[] {
  const show = async ({ visitor }: Exchange): Promise<Answer> =>
    holdsRole(callerOf(visitor), mayPropose) ? form : { refused: notYours };

  const read = async ({ visitor, form: fields, upload, now, ending }: Exchange): Promise<Answer> => {
    if (!holdsRole(callerOf(visitor), mayPropose)) return { refused: notYours };
    if (!upload)
      return { refused: refuse('invalid', 'survey.no-file', 'Choose the agreements', 'file'), ...form };
    const named = basename(upload.name.replaceAll('\\', '/')).slice(0, 200);
    const survey = await withStaging(instance, async (folder): Promise<({ ok: true } & Survey) | Refusal> => {
      const [path, into] = [join(folder, 'agreements.zip'), join(folder, 'agreements')];
      await pipeline(upload.stream, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
      await mkdir(into, { mode: 0o700 });
      const unpacked = await unpack(path, into, named);
      if (!unpacked.ok) return unpacked;
      return surveyFolder(
        { folder: into, named, asOf: londonDay(now), law, within: folder },
        () => {},
        ending,
      );
    });
    if (!survey.ok) return { refused: { ...survey, field: 'file' }, ...form };
    const name = basename(named, extname(named));
    const want = fieldOf(fields, 'want');
    if (want === 'csv')
      return {
        file: Buffer.from(csvOf(tableOf(survey))),
        name: `${name}.csv`,
        type: 'text/csv; charset=utf-8',
      };
    if (want === 'xlsx') {
      const file = Buffer.from(await workbookOf(tableOf(survey)));
      return { file, name: `${name}.xlsx`, type: spreadsheet };
    }
    return { page: 'survey-page.njk', model: { s: surveyPage(survey, law, named), mostFiles } };
  };

  const path = paths.surveyAgreements();
  return [
    { method: 'GET', path, who: 'signed-in', handle: show },
    { method: 'POST', path, who: 'signed-in', handle: read, upload: { maxBytes: mostBytes } },
  ];
}

const spreadsheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
