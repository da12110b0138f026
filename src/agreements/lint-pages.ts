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
import { blanksLeft } from './check-document.ts';
import { confirmPage, readBack } from './draft/confirm-page.ts';
import { draftAgreement } from './draft/draft-agreement.ts';
import { writeReadDraft } from './draft/write-read.ts';
import type { Law } from './law.ts';
import { lintFile, mostBytes } from './lint/lint-file.ts';
import type { LintLaw } from './lint/lint-law.ts';
import { reportOf } from './lint/report.ts';
import { draftPage } from './propose-pages.ts';
import { mayPropose, notYoursToRead as notYours } from './rules.ts';

// It goes back and forth in a form, which may weigh 256 KB.
const longest = 180 * 1024;
const tooLong =
  'The agreement is too long for a form. Make the draft by command: chirograph agreement draft FILE --out DRAFT.yaml';
const form = { page: 'lint-page.njk', model: { r: null } };

/** Reading an agreement as people have it: given as a file, and told what it needs. Nothing of it is kept. */
export function lintRoutes(instance: Instance, law: LintLaw, powers: Law): Route[] {
  const show = async ({ visitor }: Exchange): Promise<Answer> =>
    holdsRole(callerOf(visitor), mayPropose) ? form : { refused: notYours };

  const read = async ({ visitor, form: fields, upload, now }: Exchange): Promise<Answer> => {
    if (!holdsRole(callerOf(visitor), mayPropose)) return { refused: notYours };
    if (!upload)
      return { refused: refuse('invalid', 'lint.no-file', 'Choose the agreement', 'file'), ...form };
    const named = basename(upload.name.replaceAll('\\', '/')).slice(0, 200);
    const asOf = londonDay(now);
    const asked = fieldOf(fields, 'want');
    const want =
      asked === 'word' ? { commented: true as const } : asked === 'draft' ? { draft: true as const } : {};
    const linted = await withStaging(instance, async (folder) => {
      const path = join(folder, 'agreement');
      await pipeline(upload.stream, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
      return lintFile({ path, named, asOf, within: folder }, want);
    });
    if (!linted.ok) return { refused: { ...linted, field: 'file' }, ...form };
    const { found, commented, read: toConfirm } = linted;
    if (toConfirm) {
      const model = confirmPage(toConfirm, named, powers);
      return model.read.length > longest
        ? { refused: refuse('rules', 'draft.long', tooLong, 'file'), ...form }
        : { page: 'draft-confirm.njk', model };
    }
    if (!commented) return { page: 'lint-page.njk', model: { r: reportOf(found, law, named, asOf) } };
    const name = `${basename(named, extname(named))} with comments.docx`;
    const type = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
    return { file: commented, name, type };
  };

  const confirm = async ({ visitor, form: fields }: Exchange): Promise<Answer> => {
    if (!holdsRole(callerOf(visitor), mayPropose)) return { refused: notYours };
    const given = readBack(fieldOf(fields, 'read'));
    if (!given)
      return {
        refused: refuse(
          'invalid',
          'draft.not-read',
          'Give the agreement again: what was read of it did not come back whole.',
          'file',
        ),
        ...form,
      };
    const confirmed = new Set([fields['confirm'] ?? []].flat());
    const draft = draftAgreement(given, confirmed, powers);
    const named = fieldOf(fields, 'file').slice(0, 200);
    const text = writeReadDraft(draft, named);
    return draftPage(text, blanksLeft(text, draft.document), named);
  };

  const path = paths.readAgreement();
  return [
    { method: 'GET', path, who: 'signed-in', handle: show },
    { method: 'POST', path, who: 'signed-in', handle: read, upload: { maxBytes: mostBytes } },
    { method: 'POST', path: paths.confirmRead(), who: 'signed-in', handle: confirm },
  ];
}
