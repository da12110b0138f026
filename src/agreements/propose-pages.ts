import { actorOf, callerOf, holdsRole } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import type { Database } from '../platform/database.ts';
import { type Answer, type Exchange, fieldOf, type Route } from '../platform/http/index.ts';
import { londonDay } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { agreementPage } from './agreement-page.ts';
import { checkDocument, type Found, withLines } from './check-document.ts';
import { type Agreement, agreementDigest } from './document.ts';
import type { Law } from './law.ts';
import { notYoursToPropose, problemsHere, proposeAgreement } from './propose-agreement.ts';
import { mayPropose } from './rules.ts';
import type { KeptAgreement } from './store.ts';

// The text goes back and forth in a form, which may weigh 256 KB. A longer agreement is proposed by command.
const longest = 200 * 1024;

/** The form to propose with: what was given, and everything that is wrong with it, each at its line. */
function proposePage(text: string, problems: readonly Found[], started: string | null = null) {
  const lines = text.split('\n');
  return {
    text,
    started,
    kilobytes: longest / 1024,
    problems: problems.map(({ path, line, says }) => ({
      where: line === null ? path : `Line ${line}`,
      path: line === null || path.startsWith('line ') ? null : path,
      words: line === null ? null : (lines[line - 1] ?? '').trim().slice(0, 200),
      says,
    })),
  };
}

/** The page to mend and propose a draft with; `started`: what it was started from, in words. */
export function draftPage(text: string, problems: readonly Found[] = [], started: string | null = null) {
  return { page: 'propose.njk', model: proposePage(text, problems, started) };
}

/** Proposing an agreement: given as text or a file, checked, looked at as its parties will see it, and put before them. */
export function proposeRoutes(database: Database, law: Law): Route[] {
  const show = async ({ visitor }: Exchange): Promise<Answer> =>
    holdsRole(callerOf(visitor), mayPropose) ? draftPage('') : { refused: notYoursToPropose };

  const check = async (exchange: Exchange): Promise<Answer> => {
    const { visitor, now } = exchange;
    const caller = callerOf(visitor);
    if (!holdsRole(caller, mayPropose)) return { refused: notYoursToPropose };
    const given = await textOf(exchange);
    if (!given.ok) return { refused: given, ...draftPage('') };
    const { text } = given;
    const checked = checkDocument(text, law);
    if (!checked.ok) return { refused: notWhole(checked.problems), ...draftPage(text, checked.problems) };
    const { agreement } = checked;
    const here = await database.read(actorOf(caller), (db) => problemsHere(db, caller, agreement));
    const found = withLines(text, here);
    if (found.length > 0) return { refused: notWhole(found), ...draftPage(text, found) };
    if (fieldOf(exchange.form, 'do') === 'propose') return propose(exchange, agreement, text);
    const reader = { organisation: caller.organisation, roles: [] };
    const shown = agreementPage(draftOf(agreement), [], reader, law, londonDay(now));
    return { page: 'propose-check.njk', model: { ...shown, text } };
  };

  const propose = async (exchange: Exchange, agreement: Agreement, text: string): Promise<Answer> => {
    const { visitor, idempotencyKey, now } = exchange;
    const caller = callerOf(visitor);
    const proposed = await proposeAgreement(database, caller, newId(), agreement, now, idempotencyKey);
    if (!proposed.ok) return { refused: proposed, ...draftPage(text) };
    const notice = `${agreement.reference} is before its parties. It waits for their signatures.`;
    return { goTo: paths.agreement(agreement.reference), notice };
  };

  const path = paths.proposeAgreement();
  return [
    { method: 'GET', path, who: 'signed-in', handle: show },
    { method: 'POST', path, who: 'signed-in', handle: check, upload: { maxBytes: longest } },
  ];
}

/** What was given: the file where there is one, or what was pasted. */
async function textOf({ form, upload }: Exchange): Promise<{ ok: true; text: string } | Refusal> {
  const pasted = form['text'] ?? '';
  if (!upload) {
    if (typeof pasted === 'string' && pasted.trim() !== '') return { ok: true, text: pasted };
    return refuse('invalid', 'agreement.nothing-given', 'Choose a file, or paste the agreement', 'file');
  }
  const chunks: Buffer[] = [];
  for await (const chunk of upload.stream) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes) || text.includes('\0')) {
    const says = 'The file is not plain text. Choose the agreement as YAML or JSON, saved as UTF-8';
    return refuse('invalid', 'agreement.not-text', says, 'file');
  }
  return { ok: true, text };
}

function notWhole(problems: readonly Found[]): Refusal {
  const count = problems.length === 1 ? 'There is 1 thing' : `There are ${problems.length} things`;
  return refuse(
    'invalid',
    'agreement.not-whole',
    `${count} to put right before it can be proposed`,
    'problems',
  );
}

// As it will be kept, before it is: so that the page of an agreement shows it.
function draftOf(agreement: Agreement): KeptAgreement {
  const digest = agreementDigest(agreement);
  return { id: '', state: 'draft', digest, document: '', agreement, partyIds: [], signatures: [] };
}
