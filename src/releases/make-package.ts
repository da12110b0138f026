import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeptAgreement } from '../agreements/index.ts';
import { findOrganisations, signAs } from '../organisations/index.ts';
import type { PublicKeys } from '../organisations/rules.ts';
import { type PipelineReport, sealOutput } from '../pipeline/index.ts';
import type { Db } from '../platform/database.ts';
import { removeDrafts, writeDurably } from '../platform/durably.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import type { Sealer } from '../platform/seal.ts';
import { step } from '../steps.ts';
import { type Manifest, manifestBytes, manifestSignatureType } from './manifest.ts';
import { packageFiles } from './rules.ts';
import { standardTerms } from './standard-terms.ts';
import type { Encrypted, KeptReport, Release } from './store.ts';

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

/** What a manifest says that is decided elsewhere. */
export type ManifestParts = {
  release: Release;
  kept: KeptAgreement;
  report: KeptReport;
  encrypted: Encrypted;
  decision: Manifest['decision'];
  sentAt: string;
};

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
  const terms = Buffer.from(standardTerms(parts.kept.agreement, about));
  const { file, sha256, bytes } = parts.encrypted;
  const manifest: Manifest = {
    ...about,
    files: [
      { name: file, sha256, bytes },
      { name: packageFiles.standardTerms, sha256: sha256Hex(terms), bytes: terms.length },
    ],
  };
  const text = manifestBytes(manifest);
  // One that was killed while it approved may have left some: they would belong to no package that verifies.
  await removeDrafts(folder);
  await writeDurably(join(folder, packageFiles.standardTerms), terms);
  await writeDurably(join(folder, packageFiles.manifest), text);
  const signature = await signAs(db, sealer, parts.release.senderId, { typ: manifestSignatureType }, text);
  step('package.completed');
  return { manifest, bytes: text, sha256: sha256Hex(text), signature };
}

async function aboutRelease(db: Db, parts: ManifestParts): Promise<Omit<Manifest, 'files'>> {
  const { release, kept, report, encrypted, decision, sentAt } = parts;
  if (!report.output) throw new Error('A release without data');
  const organisations = await findOrganisations(
    db,
    kept.agreement.parties.map((one) => one.organisation),
  );
  const party = (id: string) => {
    const keys = organisations.find((one) => one.id === id)?.keys;
    if (!keys) throw new Error('A party without keys');
    return { id, keys };
  };
  const { reference, version, marking, terms } = kept.agreement;
  const retention = terms.retention.find((one) => one.dataSet === release.dataSet);
  return {
    chirograph: 'manifest/1',
    release: { id: release.id, reference: release.reference, sentAt },
    from: party(release.senderId),
    to: party(release.recipientId),
    agreement: { reference, version, digest: kept.digest },
    dataSet: release.dataSet,
    purpose: release.purpose,
    decision,
    marking,
    retention: retention ? { period: retention.period, method: retention.method } : null,
    rows: rowsOf(report.rows),
    protection: report.k && {
      k: report.k.required,
      fields: report.k.fields,
      smallestGroup: report.k.after.smallest,
    },
    ...(report.quality.length > 0 && {
      quality: report.quality.map(({ check, says, failed, blocks }) => ({ check, says, failed, blocks })),
    }),
    fields: report.fields.map(({ name, type, role, done }) => {
      const neutralised = report.neutralised.find(({ field }) => field === name)?.values;
      return { name, type, role, done, ...(neutralised !== undefined && { neutralised }) };
    }),
    columnsLeftOut: report.dropped.length,
    data: [
      {
        file: encrypted.file,
        name: encrypted.file.replace(/\.age$/, ''),
        sha256: report.output.sha256,
        bytes: report.output.bytes,
        rows: report.output.rows,
        format: report.output.form,
      },
    ],
  };
}

function rowsOf({ in: all, out, heldBack, outside }: KeptReport['rows']): Manifest['rows'] {
  return { in: all, out, heldBack, ...(outside > 0 && { outside }) };
}
