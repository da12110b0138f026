import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { findAgreementById } from '../agreements/index.ts';
import { actorOf, type Caller, holdsRole } from '../organisations/rules.ts';
import type { Instance } from '../platform/instance.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { withStaging } from '../platform/staging.ts';
import { decryptInto, halvesOf } from './collect-release.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { movementRecord } from './movement-record.ts';
import { packageFolder } from './package-folder.ts';
import { mayCollect, movementToDate, packageFiles, recipientFiles } from './rules.ts';
import { receiptOf } from './send-release.ts';
import { findRelease, type Release } from './store.ts';

/** A file of a release that one side may take: `data` is people's data, encrypted or opened; `proof` is about it. */
export type ReleaseFile = {
  name: string;
  kind: 'opened' | 'encrypted' | 'manifest' | 'terms' | 'record' | 'proof' | 'to-date';
};

/** The files that a side of a release may take now. There are no others. The data goes when its destruction is certified. */
export function filesOf(release: Release, manifest: Manifest, organisationId: string): ReleaseFile[] {
  const receiving = organisationId === release.recipientId;
  const opened = receiving && release.state === 'collected';
  const encrypted = receiving ? opened : release.state !== 'destroyed';
  const halves = receiving && release.state !== 'sent';
  return [
    ...(opened ? manifest.data.map(({ name }) => ({ name, kind: 'opened' }) as const) : []),
    ...(encrypted ? manifest.data.map(({ file }) => ({ name: file, kind: 'encrypted' }) as const) : []),
    { name: packageFiles.manifest, kind: 'manifest' },
    { name: packageFiles.standardTerms, kind: 'terms' },
    // Packages from before have none.
    ...(manifest.files.some(isNamed(packageFiles.movementRecord))
      ? [{ name: packageFiles.movementRecord, kind: 'record' } as const]
      : []),
    { name: packageFiles.receipt, kind: 'proof' },
    ...(halves ? Object.values(recipientFiles).map((name) => ({ name, kind: 'proof' }) as const) : []),
    { name: movementToDate, kind: 'to-date' },
  ];
}

/**
 * One file of a release, ready to be sent on. What was sent is opened anew each time with the recipient's key, checked
 * against the manifest, and has no name on the disk any more by the time its first byte is read.
 */
export async function openReleaseFile(
  instance: Instance,
  caller: Caller,
  releaseKey: string,
  name: string,
): Promise<{ ok: true; file: Readable | Buffer } | Refusal> {
  const release = await instance.database.read(actorOf(caller), (db) => findRelease(db, releaseKey));
  const manifest = release?.manifest && readManifest(release.manifest);
  const file = release && manifest && filesOf(release, manifest, caller.organisation.id).find(isNamed(name));
  if (!release || !manifest || !file) {
    return refuse('not-found', 'release.no-file', 'There is no such file for your organisation to take.');
  }
  if ((file.kind === 'opened' || file.kind === 'encrypted') && !holdsRole(caller, mayCollect)) {
    const says = 'Your role cannot take the data of a release. Ask a colleague who can.';
    return refuse('no-authority', 'release.file-no-authority', says);
  }
  if (file.kind === 'opened') {
    return withStaging(instance, async (staging) => {
      const opened = await decryptInto(instance, caller, release, manifest, staging);
      const from = opened.find(isNamed(name))?.from;
      if (from === undefined) throw new Error('A data file of the manifest that was not opened');
      return { ok: true, file: streamOf(await open(from)) };
    });
  }
  if (file.kind === 'to-date') {
    const kept = await instance.database.read(actorOf(caller), (db) =>
      findAgreementById(db, release.agreementId),
    );
    if (!kept) throw new Error('A release without its agreement');
    return { ok: true, file: Buffer.from(movementRecord(kept.agreement, manifest, release)) };
  }
  await receiptOf(instance, release);
  const half = (await halvesOf(instance, release)).find(isNamed(name));
  return {
    ok: true,
    file: half ? half.bytes : streamOf(await open(join(packageFolder(instance, release.id), name))),
  };
}

// The handle outlives the file's name: the staging folder is gone while the bytes can still be read.
function streamOf(handle: FileHandle): Readable {
  return handle.createReadStream();
}

function isNamed(name: string) {
  return (one: { name: string }) => one.name === name;
}
