import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { integrateOwn } from '../ledger/index.ts';
import { openToAct } from '../organisations/cli.ts';
import type { PipelineReport } from '../pipeline/index.ts';
import { type CommandAt, command, exits, type Outcome, refusedOutcome, value } from '../platform/command.ts';
import type { Json } from '../platform/pure/canonical-json.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { loadRulebook, shippedRules, showFindings, verdictWords } from '../rulebook/index.ts';
import { collectRelease } from './collect-release.ts';
import { undeliverable } from './deliver.ts';
import { destroyRelease } from './destroy-release.ts';
import { rebuildRelease } from './rebuild-release.ts';
import { DestroyRelease } from './rules.ts';
import { type Shared, shareData } from './share-data.ts';
import { sweep } from './sweep.ts';

const as = value('ORG', 'The organisation you act for, by its short name');
const out = value('DIR', 'The folder to make, with what comes of it; it must be new or empty');
const releaseArgument = [{ brief: 'The id or reference of the release', placeholder: 'RELEASE' }] as const;

type ShareFlags = {
  as: string;
  agreement: string;
  dataset: string;
  to: string;
  purpose: string;
  input: string;
  out: string;
};

export const share = command<ShareFlags>({
  brief: 'Share a file under a signed agreement, from decision to receipt',
  full: 'The rules speak first. Only what was agreed leaves, encrypted to the recipient, and it is in both logs. A refusal lists every rule that fails, and leaves nothing in DIR.',
  flags: {
    as,
    agreement: value('ID', 'The reference of the agreement, such as ISA-2026-001'),
    dataset: value('ID', 'The data set, as the agreement names it'),
    to: value('ORG', 'The organisation to share with, by its short name'),
    purpose: value('ID', 'The purpose, as the agreement names it'),
    input: value('FILE', 'The file to share from'),
    out,
  },
  run: async (at, flags) => {
    const opened = await openFromFile(at, flags);
    if (!opened.ok) return refusedOutcome(opened);
    const { instance, caller, input, folder } = opened;
    const { agreement, dataset, to, purpose } = flags;
    const given = { agreement, dataSet: dataset, to, purpose, input, out: folder };
    const shared = await shareData(instance, loadRulebook(shippedRules), caller, given, at.now);
    return shared.ok ? showShared(shared) : refusedOutcome(shared);
  },
});

export const collect = command<{ as: string; out: string }, [string]>({
  brief: 'Collect a release as its recipient: check it, open it, acknowledge it',
  flags: { as, out },
  args: [...releaseArgument],
  run: async (at, flags, release) => {
    const opened = await openInto(at, flags);
    if (!opened.ok) return refusedOutcome(opened);
    const { instance, caller, folder } = opened;
    const collected = await collectRelease(instance, caller, release, folder, at.now);
    if (!collected.ok) return refusedOutcome(collected);
    const { reference, files } = collected;
    return {
      exit: exits.done,
      json: { release: { reference }, files },
      text: `${reference} is collected, and both logs say so.\n\n${list(files)}\n\nWhen you no longer need it, destroy it and say so:\n  chirograph destroy ${reference} --as ${flags.as} --method "how it was destroyed"`,
    };
  },
});

export const destroy = command<{ as: string; method: string }, [string]>({
  brief: 'Certify that a release you collected has been destroyed',
  flags: { as, method: value('TEXT', 'How it was destroyed') },
  args: [...releaseArgument],
  run: async (at, flags, release) => {
    const given = DestroyRelease.safeParse(flags);
    if (!given.success) {
      return refusedOutcome(
        refuse('invalid', 'release.no-method', given.error.issues[0]?.message ?? 'Say how'),
      );
    }
    const opened = await openToAct(at, flags.as);
    if (!opened.ok) return refusedOutcome(opened);
    const { instance, caller } = opened;
    await sweep(instance, at.now);
    const destroyed = await destroyRelease(instance, caller, release, given.data.method, null, at.now);
    if (!destroyed.ok) return refusedOutcome(destroyed);
    await integrateOwn(instance, caller.organisation.id);
    return {
      exit: exits.done,
      json: { release: { reference: destroyed.reference }, destroyed: true },
      text: `The destruction of ${destroyed.reference} is certified, and both logs say so.`,
    };
  },
});

export const rebuild = command<{ as: string; input: string; out: string }, [string]>({
  brief: 'Make again, as its sender, what a release sent, and prove that it is the same',
  full: 'Runs the agreed terms over the file that it was sent from, with the key, the group size and the day of that time; also once the recipient has destroyed it. DIR holds the data, opened, and only if it is what the manifest names, to the byte; your log says that you made it. Destroy it when you no longer need it.',
  flags: { as, input: value('FILE', 'The file that the release was made from'), out },
  args: [...releaseArgument],
  run: async (at, flags, release) => {
    const opened = await openFromFile(at, flags);
    if (!opened.ok) return refusedOutcome(opened);
    const { instance, caller, input, folder } = opened;
    const rebuilt = await rebuildRelease(instance, caller, release, { input, out: folder }, at.now);
    if (!rebuilt.ok) return refusedOutcome(rebuilt);
    const { reference } = rebuilt;
    if (!rebuilt.same) {
      const says = 'What can be made of this file now is not what was sent. Nothing is written.';
      return {
        exit: exits.notVerified,
        json: { release: { reference }, same: false, differs: rebuilt.differs },
        text: `${says}\n\n${list(rebuilt.differs)}`,
      };
    }
    await integrateOwn(instance, caller.organisation.id);
    const { files, sha256 } = rebuilt;
    return {
      exit: exits.done,
      json: { release: { reference }, same: true, files, sha256 },
      text: `${reference} is made again, to the byte: SHA-256 ${sha256}. Your log says so.\n\n${list(files)}`,
    };
  },
});

/** Opens for whoever acts, with the file that they name to read from and the folder that they name to make. */
async function openFromFile(at: CommandAt, flags: { as: string; input: string; out: string }) {
  // A link is the caller's own affair: what it leads to is what is read.
  const named = resolve(at.folder, flags.input);
  const input = await realpath(named).catch(() => named);
  const unusable = await unusableInput(input);
  if (unusable) return unusable;
  const opened = await openInto(at, flags);
  return opened.ok ? { ...opened, input } : opened;
}

/** Opens for whoever acts, with the folder that they name to make. What was cut off before is swept. */
async function openInto(at: CommandAt, flags: { as: string; out: string }) {
  const folder = resolve(at.folder, flags.out);
  const unusable = await undeliverable(folder);
  if (unusable) return unusable;
  const opened = await openToAct(at, flags.as);
  if (!opened.ok) return opened;
  await sweep(opened.instance, at.now);
  return { ...opened, folder };
}

function showShared(shared: Shared): Outcome {
  const { evaluation } = shared;
  const decision = {
    verdict: evaluation.verdict,
    findings: evaluation.findings,
    rulebook: evaluation.rulebook,
  };
  const smallerSet = evaluation.smallerSet;
  switch (shared.outcome) {
    case 'sent':
      return {
        exit: exits.done,
        json: {
          decision,
          release: { id: shared.id, reference: shared.reference },
          package: shared.files,
          receipt: shared.receipt,
        },
        text: `${shared.reference} is sent: encrypted to its recipient, and in both logs.\n\n${list(shared.files)}\n\nAnyone can check it, offline:\n  chirograph verify ${parentOf(shared.receipt)}`,
      };
    case 'refused':
      return {
        exit: evaluation.verdict === 'smaller-set' ? exits.smallerSet : exits.refused,
        json: {
          decision: { ...decision, smallerSet },
          request: { reference: shared.reference },
          data: shared.report && aboutData(shared.report),
        } as Json,
        text: [
          verdictWords[evaluation.verdict],
          showFindings(evaluation.findings),
          ...(smallerSet ? [smallerSet.says] : []),
          `Nothing has left. The refusal is ${shared.reference}, in both logs.`,
        ].join('\n\n'),
      };
    case 'waiting':
      return {
        exit: exits.noAuthority,
        json: {
          decision,
          request: { reference: shared.reference, state: 'waiting' },
          error: {
            code: 'share.needs-decision',
            says: 'The agreement does not approve this in advance, so a person has to decide.',
          },
        },
        text: `The agreement does not approve this in advance, so a person has to decide. Nothing has left.\nThe request is ${shared.reference}, waiting for whoever decides in your organisation.`,
      };
  }
}

// Columns and row numbers only: never a person's values.
function aboutData({ missing, dropped, wrongTypes, quality, problem, rows }: PipelineReport): Json {
  return { missing, dropped, wrongTypes, quality, problem, rows } as Json;
}

function list(files: string[]): string {
  return files.map((file) => `  ${file}`).join('\n');
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

async function unusableInput(path: string): Promise<Refusal | null> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile()) return null;
  const says = found ? `${path} is not a file.` : `There is no file ${path}. Check the path.`;
  return refuse('not-found', 'share.no-input', says);
}
