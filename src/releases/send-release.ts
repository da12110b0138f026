import { link, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { integrateOwn, receiptFor } from '../ledger/index.ts';
import type { Caller } from '../organisations/rules.ts';
import type { Tx } from '../platform/database.ts';
import { syncFolder, writeDurably } from '../platform/durably.ts';
import type { Instance } from '../platform/instance.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { newId } from '../platform/pure/ids.ts';
import { withStaging } from '../platform/staging.ts';
import { step } from '../steps.ts';
import type { SignedManifest } from './make-package.ts';
import { logsOf } from './manifest.ts';
import { packageFolder } from './package-folder.ts';
import { recordAct } from './record-act.ts';
import { packageFiles } from './rules.ts';
import type { Release } from './store.ts';

/** A release as it is once it has been sent: both parties', with the act that sent it. */
export type SentRelease = Release & { sentAct: string };

/** What a release becomes when it is sent. Nothing is kept yet. */
export function toSend(release: Release, signed: SignedManifest, now: Instant): SentRelease {
  return { ...release, state: 'sent', manifest: signed.bytes, sentAct: newId(), sentAt: now };
}

/**
 * The act of sending, in the caller's transaction, once its rows are kept: one entry in each party's log, naming the
 * manifest by its hash and carrying the sender's signature over it, and `under` which delegation the caller acts, if any.
 */
export async function recordSending(
  tx: Tx,
  release: SentRelease,
  signed: SignedManifest,
  caller: Caller,
  under: string | null,
  now: Instant,
): Promise<void> {
  const { manifest } = signed;
  const detail = {
    agreement: manifest.agreement.digest,
    approvedBy: manifest.decision.by,
    logs: logsOf(manifest),
    manifest: `sha256:${signed.sha256}`,
    signature: [signed.signature.protected, signed.signature.signature],
    ...(under !== null && { under }),
  };
  await recordAct(tx, caller, 'release.sent', release, detail, now);
}

/**
 * The receipt of a release that was sent: the sender's half, from the package, made on first asking. It is the same
 * bytes for ever after.
 */
export async function receiptOf(instance: Instance, release: Release): Promise<Buffer> {
  const path = join(packageFolder(instance, release.id), packageFiles.receipt);
  const kept = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (kept) return kept;
  if (release.sentAct === null) throw new Error('A receipt of a release that was not sent');
  const receipt = await proofOf(instance, release.senderId, release.sentAct);
  return withStaging(instance, async (staging) => {
    const draft = join(staging, packageFiles.receipt);
    await writeDurably(draft, receipt);
    // Of several who ask at once the first makes it, and all have that one.
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await syncFolder(packageFolder(instance, release.id));
    step('receipt.written');
    return readFile(path);
  });
}

/** The proof that an act is in an organisation's log, as a `.tlog-proof` file. */
export async function proofOf(instance: Instance, organisationId: string, actId: string): Promise<Buffer> {
  const found = await receiptFor(instance, organisationId, actId);
  if (found) return found;
  await integrateOwn(instance, organisationId);
  const proof = await receiptFor(instance, organisationId, actId);
  if (!proof) throw new Error('An act that is not in the log it was written to');
  return proof;
}
