import { createWriteStream } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { callerOf, holdsRole } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { type Answer, type Exchange, fieldOf, type Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { londonDay } from '../platform/pure/dates.ts';
import { refuse } from '../platform/refusal.ts';
import { withStaging } from '../platform/staging.ts';
import { lintFile, mostBytes } from './lint/lint-file.ts';
import { readLintLaw } from './lint/lint-law.ts';
import { reportOf } from './lint/report.ts';
import { mayPropose } from './rules.ts';

const notYours = refuse(
  'no-authority',
  'agreement.not-yours-to-read',
  'Who looks after agreements reads them in here: a SPOC, a DPO, an asset owner, a SIRO or the chief executive.',
);
const form = { page: 'lint-page.njk', model: { r: null } };

/** Reading an agreement as people have it: given as a file, and told what it needs. Nothing of it is kept. */
export function lintRoutes(instance: Instance): Route[] {
  const law = readLintLaw();

  const show = async ({ visitor }: Exchange): Promise<Answer> =>
    holdsRole(callerOf(visitor), mayPropose) ? form : { refused: notYours };

  const read = async ({ visitor, form: fields, upload, now }: Exchange): Promise<Answer> => {
    if (!holdsRole(callerOf(visitor), mayPropose)) return { refused: notYours };
    if (!upload)
      return { refused: refuse('invalid', 'lint.no-file', 'Choose the agreement', 'file'), ...form };
    const named = basename(upload.name.replaceAll('\\', '/')).slice(0, 200);
    const asOf = londonDay(now);
    const want = fieldOf(fields, 'want') === 'word' ? ({ commented: true } as const) : {};
    const linted = await withStaging(instance, async (folder) => {
      const path = join(folder, 'agreement');
      await pipeline(upload.stream, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
      return lintFile({ path, named, asOf, within: folder }, want);
    });
    if (!linted.ok) return { refused: { ...linted, field: 'file' }, ...form };
    const { found, commented } = linted;
    if (!commented) return { page: 'lint-page.njk', model: { r: reportOf(found, law, named, asOf) } };
    const name = `${basename(named, extname(named))} with comments.docx`;
    const type = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
    return { file: commented, name, type };
  };

  const path = paths.readAgreement();
  return [
    { method: 'GET', path, who: 'signed-in', handle: show },
    { method: 'POST', path, who: 'signed-in', handle: read, upload: { maxBytes: mostBytes } },
  ];
}
