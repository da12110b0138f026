import { resolve } from 'node:path';
import { integrateOwn } from '../ledger/index.ts';
import { openFor, openToAct } from '../organisations/cli.ts';
import { command, exits, refusedOutcome, value } from '../platform/command.ts';
import type { Json } from '../platform/pure/canonical-json.ts';
import { newId } from '../platform/pure/ids.ts';
import { refuse } from '../platform/refusal.ts';
import { noFile, readAgreementFile, showProblems, textOf, writeNew } from './agreement-file.ts';
import { checkDocument } from './check-document.ts';
import { agreementDigest, agreementJsonSchema, parseAgreement } from './document.ts';
import { readLaw } from './law.ts';
import { proposeAgreement } from './propose-agreement.ts';
import { findAgreement } from './store.ts';
import { exportAgreement } from './verify-agreement.ts';

export { agreementDiff } from './diff/diff-cli.ts';
export { agreementDraft } from './draft/draft-cli.ts';
export { agreementWrite } from './export/write-cli.ts';
export { agreementLint } from './lint/lint-cli.ts';
export { agreementNew, agreementTemplates } from './templates/templates-cli.ts';

export const agreementCheck = command<Record<never, never>, [string]>({
  brief: 'Check an agreement document: valid, complete, consistent',
  flags: {},
  args: [{ brief: 'A YAML or JSON file', placeholder: 'FILE' }],
  run: async (at, _flags, file) => {
    const text = await textOf(at.folder, file);
    if (text === null) return noFile(file);
    const parsed = parseAgreement(text);
    const checked = checkDocument(text, readLaw());
    const problems = checked.ok ? [] : checked.problems;
    const digest = parsed.ok ? agreementDigest(parsed.agreement) : null;
    return {
      exit: problems.length === 0 ? exits.done : exits.refused,
      json: { file, ok: problems.length === 0, digest, problems } as Json,
      text: problems.length === 0 ? `${file} is a whole agreement.\n${digest}` : showProblems(problems),
    };
  },
});

export const agreementPropose = command<{ as: string }, [string]>({
  brief: 'Put an agreement before its parties, to sign',
  full: 'It must be whole, as agreement check says, and your organisation one of its parties. People sign it, by page.',
  flags: { as: value('ORG', 'The organisation you act for, by its short name') },
  args: [{ brief: 'A YAML or JSON file', placeholder: 'FILE' }],
  run: async (at, flags, file) => {
    const checked = await readAgreementFile(at.folder, file, (text) => checkDocument(text, readLaw()));
    if (!checked.ok) return checked.outcome;
    const opened = await openToAct(at, flags.as);
    if (!opened.ok) return refusedOutcome(opened);
    const { instance, caller } = opened;
    const { agreement } = checked;
    const proposed = await proposeAgreement(instance.database, caller, newId(), agreement, at.now);
    if (!proposed.ok) return refusedOutcome(proposed);
    await integrateOwn(instance, caller.organisation.id);
    const { reference } = agreement;
    return {
      exit: exits.done,
      json: { reference, version: agreement.version, digest: proposed.digest },
      text: `${reference} is before its parties, and their logs say so. It waits for their signatures.\n${proposed.digest}`,
    };
  },
});

export const agreementSchema = command({
  brief: 'Print the JSON Schema of an agreement document',
  flags: {},
  run: async () => {
    const schema = agreementJsonSchema() as Json;
    return { exit: exits.done, json: schema, text: JSON.stringify(schema, null, 2) };
  },
});

export const agreementExport = command<{ as: string; out: string }, [string]>({
  brief: 'Write an agreement and its signatures to a file that anyone can verify',
  flags: {
    as: value('ORG', 'The organisation you act for, by its short name'),
    out: value('FILE', 'The new file to write'),
  },
  args: [{ brief: 'The reference of the agreement', placeholder: 'ID' }],
  run: async (at, flags, reference) => {
    const opened = await openFor(at, flags.as);
    if (!opened.ok) return refusedOutcome(opened);
    const { organisation } = opened.caller;
    const kept = await opened.instance.database.read(
      { organisationId: organisation.id, personId: null },
      (db) => findAgreement(db, reference),
    );
    if (!kept) {
      return refusedOutcome(
        refuse('not-found', 'agreement.not-found', `${organisation.name} has no agreement ${reference}.`),
      );
    }
    const path = resolve(at.folder, flags.out);
    const refused = await writeNew(path, exportAgreement(kept));
    if (refused) return refusedOutcome(refused);
    return {
      exit: exits.done,
      json: { path, reference, digest: kept.digest, signatures: kept.signatures.length },
      text: `${path} holds ${reference} and ${kept.signatures.length} signatures.\nAnyone can check it, offline:\n  chirograph verify ${path}`,
    };
  },
});
