import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { signingFingerprint } from '../organisations/index.ts';
import { type Caller, callerOf, holdsRole } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { type Answer, type Exchange, fieldOf, type Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { refuse, refuseForm } from '../platform/refusal.ts';
import type { Rulebook } from '../rulebook/index.ts';
import { approveRelease, judgeApproval, withdrawRelease } from './approve-release.ts';
import { acknowledgeRelease, halvesOf } from './collect-release.ts';
import { destroyRelease } from './destroy-release.ts';
import { listRoutes } from './list-pages.ts';
import { packageFolder } from './package-folder.ts';
import { findKnownRelease, type KnownRelease } from './page-known.ts';
import { leavesPage } from './page-leaves.ts';
import { qualityPage } from './page-quality.ts';
import { destroyPage, type Proof, receiptPage, receivePage } from './page-receipt.ts';
import { refusedPage } from './page-refused.ts';
import { prepareRoutes } from './prepare-pages.ts';
import { openReleaseFile } from './release-files.ts';
import { CertifyDestruction, mayDestroy, packageFiles, recipientFiles, releaseCan } from './rules.ts';
import { receiptOf } from './send-release.ts';

/** Preparing, looking at exactly what leaves, approving; collecting, keeping, certifying destruction. */
export function releaseRoutes(instance: Instance, rulebook: Rulebook): Route[] {
  return [
    ...prepareRoutes(instance, rulebook),
    ...listRoutes(instance),
    ...lookRoutes(instance, rulebook),
    ...sendRoutes(instance, rulebook),
    ...receiveRoutes(instance),
  ];
}

function lookRoutes(instance: Instance, rulebook: Rulebook): Route[] {
  const show = (exchange: Exchange) => showRelease(instance, rulebook, exchange);

  // How the sender got there is the sender's own: to anybody else there is no such page.
  const quality = async ({ visitor, params, now }: Exchange): Promise<Answer> => {
    const known = await findKnownRelease(instance, callerOf(visitor), params['id'] ?? '', now);
    if (!known?.workings) return { refused: noSuchRelease };
    return { page: 'quality.njk', model: qualityPage(known) };
  };

  const file = async ({ visitor, params }: Exchange): Promise<Answer> => {
    const name = params['name'] ?? '';
    const opened = await openReleaseFile(instance, callerOf(visitor), params['id'] ?? '', name);
    if (!opened.ok) return { refused: opened };
    const type = types[extname(name)] ?? 'application/octet-stream';
    return { file: opened.file, name, type };
  };

  return [
    { method: 'GET', path: paths.release(':id'), who: 'signed-in', handle: show },
    { method: 'GET', path: paths.releaseQuality(':id'), who: 'signed-in', handle: quality },
    { method: 'GET', path: paths.releaseFile(':id', ':name'), who: 'signed-in', handle: file },
  ];
}

const types: Record<string, string> = {
  '.csv': 'text/csv; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

async function showRelease(
  instance: Instance,
  rulebook: Rulebook,
  { visitor, params, query, now }: Exchange,
): Promise<Answer> {
  const caller = callerOf(visitor);
  const known = await findKnownRelease(instance, caller, params['id'] ?? '', now);
  const size = query['k'] === undefined ? null : Number(query['k']);
  return known ? pageOf(instance, rulebook, known, caller, size, now) : { refused: noSuchRelease };
}

type Shown = { page: string; model: object };

/** The page of a release as it stands, for this side of it. */
async function pageOf(
  instance: Instance,
  rulebook: Rulebook,
  known: KnownRelease,
  caller: Caller,
  size: number | null,
  now: Exchange['now'],
): Promise<Shown> {
  const { release } = known;
  if (release.state === 'refused' || release.state === 'withdrawn') {
    return { page: 'refused-release.njk', model: refusedPage(known, caller, size) };
  }
  if (release.state === 'prepared')
    return leaves(instance, rulebook, known, caller, { tried: false, size }, now);
  const proof = await proofFor(instance, known, caller);
  if (release.state === 'sent' && caller.organisation.id === release.recipientId) {
    const path = join(packageFolder(instance, release.id), packageFiles.standardTerms);
    return {
      page: 'receive.njk',
      model: receivePage(known, proof, await readFile(path, 'utf8'), caller),
    };
  }
  return { page: 'receipt.njk', model: receiptPage(known, proof, caller, now) };
}

async function leaves(
  instance: Instance,
  rulebook: Rulebook,
  known: KnownRelease,
  caller: Caller,
  how: { tried: boolean; size: number | null },
  now: Exchange['now'],
): Promise<Shown> {
  const evaluation = await judgeApproval(instance, rulebook, caller, known.release, now);
  if (!evaluation) throw new Error('A prepared release without its workings');
  return { page: 'leaves.njk', model: leavesPage(known, evaluation, caller, how) };
}

async function proofFor(instance: Instance, known: KnownRelease, caller: Caller): Promise<Proof> {
  const { release, manifest } = known;
  if (!manifest) throw new Error('A release that left without its manifest');
  const receiving = caller.organisation.id === release.recipientId && release.state !== 'sent';
  const halves = receiving ? await halvesOf(instance, release) : [];
  return {
    receipt: await receiptOf(instance, release),
    half: halves.find(({ name }) => name === recipientFiles.half)?.bytes ?? null,
    signingKey: await signingFingerprint(manifest.from.keys.signing),
  };
}

function sendRoutes(instance: Instance, rulebook: Rulebook): Route[] {
  const approve = async ({ visitor, params, idempotencyKey, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const key = params['id'] ?? '';
    const approved = await approveRelease(instance, rulebook, caller, key, idempotencyKey, now);
    if (!approved.ok) return { refused: approved };
    const { reference, outcome } = approved;
    const known = outcome === 'refused' ? await findKnownRelease(instance, caller, key, now) : null;
    if (known?.release.state !== 'prepared') {
      return { goTo: paths.release(reference), notice: `${reference} is sent. Both logs hold their half.` };
    }
    const refused = refuse('rules', 'release.approval-refused', notApproved(reference));
    return {
      refused,
      ...(await leaves(instance, rulebook, known, caller, { tried: true, size: null }, now)),
    };
  };

  const withdraw = async ({ visitor, params, idempotencyKey, now }: Exchange): Promise<Answer> => {
    const key = params['id'] ?? '';
    const withdrawn = await withdrawRelease(instance, callerOf(visitor), key, idempotencyKey, now);
    if (!withdrawn.ok) return { refused: withdrawn };
    const { reference } = withdrawn;
    return { goTo: paths.release(reference), notice: `${reference} is withdrawn. Nothing has left.` };
  };

  return [
    {
      method: 'POST',
      path: paths.approveRelease(':id'),
      who: 'signed-in',
      proveFirst: (exchange) => showRelease(instance, rulebook, exchange),
      handle: approve,
    },
    { method: 'POST', path: paths.withdrawRelease(':id'), who: 'signed-in', handle: withdraw },
  ];
}

function receiveRoutes(instance: Instance): Route[] {
  const collect = async ({ visitor, params, idempotencyKey, now }: Exchange): Promise<Answer> => {
    const key = params['id'] ?? '';
    const collected = await acknowledgeRelease(instance, callerOf(visitor), key, idempotencyKey, now);
    if (!collected.ok) return { refused: collected };
    const { reference } = collected.release;
    return {
      goTo: paths.release(reference),
      notice: `${reference} is yours. Both logs say that you collected it.`,
    };
  };

  // The form is for who may certify it, while there is something to destroy.
  const form = async (caller: Caller, key: string, now: Exchange['now']) => {
    const known = await findKnownRelease(instance, caller, key, now);
    if (known?.release.recipientId !== caller.organisation.id) return noSuchRelease;
    if (!holdsRole(caller, mayDestroy)) return notYoursToDestroy;
    return releaseCan('destroy', known.release.state) ? ({ ok: true, known } as const) : nothingToDestroy;
  };

  const show = async ({ visitor, params, now }: Exchange): Promise<Answer> => {
    const found = await form(callerOf(visitor), params['id'] ?? '', now);
    if (!found.ok) return { refused: found };
    return { page: 'destroy.njk', model: destroyPage(found.known, { method: '', certain: false }) };
  };

  const destroy = async ({ visitor, params, form: sent, idempotencyKey, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const key = params['id'] ?? '';
    const typed = { method: fieldOf(sent, 'method'), certain: fieldOf(sent, 'certain') };
    const read = CertifyDestruction.safeParse(typed);
    if (!read.success) {
      const found = await form(caller, key, now);
      if (!found.ok) return { refused: found };
      const model = destroyPage(found.known, { method: typed.method, certain: typed.certain === 'yes' });
      return { refused: refuseForm('release', read.error.issues), page: 'destroy.njk', model };
    }
    const destroyed = await destroyRelease(instance, caller, key, read.data.method, idempotencyKey, now);
    if (!destroyed.ok) return { refused: destroyed };
    const { reference } = destroyed;
    return {
      goTo: paths.release(reference),
      notice: `The destruction of ${reference} is certified. Both logs record it.`,
    };
  };

  return [
    { method: 'POST', path: paths.collectRelease(':id'), who: 'signed-in', handle: collect },
    { method: 'GET', path: paths.destroyRelease(':id'), who: 'signed-in', handle: show },
    { method: 'POST', path: paths.destroyRelease(':id'), who: 'signed-in', handle: destroy },
  ];
}

const notApproved = (reference: string) =>
  `The rules refuse this approval, so ${reference} has not left. What fails is below, and the refusal is in both logs.`;

const noSuchRelease = refuse(
  'not-found',
  'release.not-found',
  'There is no such release that your organisation is a party to. Check the reference.',
);

const notYoursToDestroy = refuse(
  'no-authority',
  'release.destroy-no-authority',
  'Your role cannot certify destruction. Ask a colleague who can.',
);

const nothingToDestroy = refuse(
  'conflict',
  'release.not-collected',
  'There is nothing here to destroy: it is not collected yet, or its destruction is certified already.',
);
