import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findOrganisations, signAs } from '../organisations/index.ts';
import type { PublicKeys } from '../organisations/rules.ts';
import { type PipelineReport, sealOutput } from '../pipeline/index.ts';
import type { Db } from '../platform/database.ts';
import { removeDrafts, writeDurably } from '../platform/durably.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import type { Sealer } from '../platform/seal.ts';
import { step } from '../steps.ts';
import { describeRelease, type ManifestParts } from './describe-release.ts';
import { type Manifest, manifestBytes, manifestSignatureType } from './manifest.ts';
import { movementRecord } from './movement-record.ts';
import { packageFiles } from './rules.ts';
import { standardTerms } from './standard-terms.ts';
import type { Encrypted } from './store.ts';

/** Encrypts the pipeline's output to the recipient, into `folder`, and removes the plaintext. */
export async function encryptOutput(
  output: NonNullable<PipelineReport['output']>,
  dataSet: string,
  recipient: PublicKeys,
  folder: string,
): Promise<Encrypted> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = `${dataSet}.${output.form}.age`;
  const encrypted = await sealOutput(output, join(folder, file), [recipient.receiving]);
  await rm(output.path);
  step('package.encrypted');
  return { file, ...encrypted };
}

/** The signed half of a package: the manifest's bytes, its hash and the sender's signature over it. */
export type SignedManifest = {
  manifest: Manifest;
  bytes: Buffer;
  sha256: string;
  signature: { protected: string; signature: string };
};

/** Writes the standard terms and the manifest beside the encrypted file, and signs the manifest as the sender. */
export async function completePackage(
  db: Db,
  sealer: Sealer,
  folder: string,
  parts: ManifestParts,
): Promise<SignedManifest> {
  const about = await aboutRelease(db, parts);
  const { file, sha256, bytes } = parts.encrypted;
  const texts = [
    { name: packageFiles.standardTerms, text: Buffer.from(standardTerms(parts.kept.agreement, about)) },
    {
      name: packageFiles.movementRecord,
      text: Buffer.from(movementRecord(parts.kept.agreement, about, null)),
    },
  ];
  const manifest: Manifest = {
    ...about,
    files: [
      { name: file, sha256, bytes },
      ...texts.map(({ name, text }) => ({ name, sha256: sha256Hex(text), bytes: text.length })),
    ],
  };
  const written = manifestBytes(manifest);
  // One that was killed while it approved may have left some: they would belong to no package that verifies.
  await removeDrafts(folder);
  for (const { name, text } of texts) await writeDurably(join(folder, name), text);
  await writeDurably(join(folder, packageFiles.manifest), written);
  const signature = await signAs(db, sealer, parts.release.senderId, { typ: manifestSignatureType }, written);
  step('package.completed');
  return { manifest, bytes: written, sha256: sha256Hex(written), signature };
}

async function aboutRelease(db: Db, parts: ManifestParts): Promise<Omit<Manifest, 'files'>> {
  const { release, kept } = parts;
  const organisations = await findOrganisations(
    db,
    kept.agreement.parties.map((one) => one.organisation),
  );
  const party = (id: string) => {
    const keys = organisations.find((one) => one.id === id)?.keys;
    if (!keys) throw new Error('A party without keys');
    return { id, keys };
  };
  return describeRelease(parts, party(release.senderId), party(release.recipientId));
}
