import { type Entry, parseReceipt, verifyReceipt } from '../ledger/index.ts';
import { proveSignature, signingFingerprint } from '../organisations/index.ts';
import { logKeysOf, type TrustedKeys, witnessKeysOf } from '../organisations/rules.ts';
import { canonicalJson } from '../platform/pure/canonical-json.ts';
import type { Check } from '../platform/pure/check.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import { leftInWords, type Manifest, manifestSignatureType, readManifest } from './manifest.ts';
import { packageFiles, recipientFiles } from './rules.ts';

/** A file to verify: its size, -1 for what is no plain file; its bytes; its SHA-256 in hex. Null where it cannot be read. */
export type FileToVerify = {
  bytes: number;
  read(): Promise<Buffer | null>;
  sha256(): Promise<string | null>;
};

/** The files of a package by name, wherever they lie: in a folder, or chosen in a browser. */
export type FilesToVerify = ReadonlyMap<string, FileToVerify>;

/** What a package's verification found, and the manifest where it could be read. */
export type VerifiedPackage = { checks: Check[]; manifest: Manifest | null };

/**
 * Verifies a package offline: every file is one the manifest names, to the byte; the manifest is the one the
 * sender's log entry names and the sender signed; the entry is in the log. A collected folder, with the opened data and
 * the recipient's own proofs, verifies too. `trusted` holds keys the verifier had before.
 */
export async function verifyFiles(
  found: FilesToVerify,
  trusted: TrustedKeys | null,
): Promise<VerifiedPackage> {
  const bytes = await readSmall(found, packageFiles.manifest);
  const manifest = bytes && readManifest(bytes);
  if (!bytes || !manifest) {
    const detail = bytes
      ? 'manifest.json is not a manifest as Chirograph writes it, to the byte.'
      : 'There is no manifest.json that can be read.';
    return { checks: [{ name: 'manifest', ok: false, detail }], manifest: null };
  }
  const about = `${manifest.release.reference}: ${manifest.from.keys.name} to ${manifest.to.keys.name}. ${leftInWords(manifest)}`;
  return {
    manifest,
    checks: [
      { name: 'manifest', ok: true, detail: about },
      filesCheck(found, manifest),
      ...(await hashChecks(found, manifest)),
      ...(await receiptChecks(found, manifest, bytes, trusted ? witnessKeysOf(trusted) : [])),
      ...(await recipientChecks(found, manifest, bytes, trusted)),
      await keysCheck(manifest, trusted),
    ],
  };
}

// Small files are read whole; anything larger than a manifest or receipt can be is not one.
const smallest = 1_000_000;

async function readSmall(found: FilesToVerify, name: string): Promise<Buffer | null> {
  const file = found.get(name);
  return file && file.bytes >= 0 && file.bytes <= smallest ? file.read() : null;
}

function filesCheck(found: FilesToVerify, manifest: Manifest): Check {
  const needed = [packageFiles.manifest, packageFiles.receipt, ...manifest.files.map((file) => file.name)];
  const allowed = new Set<string>([
    ...needed,
    ...manifest.data.map((file) => file.name),
    ...Object.values(recipientFiles),
  ]);
  const missing = needed.filter((name) => (found.get(name)?.bytes ?? -1) < 0);
  const unexpected = [...found]
    .filter(([name, { bytes }]) => bytes < 0 || !allowed.has(name))
    .map(([name]) => name);
  const sealed = new Set(manifest.files.map((file) => file.name));
  const unsealed = manifest.data.filter((data) => !sealed.has(data.file)).map((data) => data.file);
  const faults = [
    ...missing.map((name) => `${name} is missing`),
    ...unexpected.map((name) => `${JSON.stringify(name)} does not belong`),
    ...unsealed.map((name) => `${name} is not among the files the manifest hashes`),
  ];
  return {
    name: 'files',
    ok: faults.length === 0,
    detail: faults.length === 0 ? `${found.size} files, each expected` : faults.join('; '),
  };
}

async function hashChecks(found: FilesToVerify, manifest: Manifest): Promise<Check[]> {
  const opened = manifest.data.filter(({ name }) => found.has(name));
  return Promise.all(
    [...manifest.files, ...opened].map(async ({ name, sha256, bytes }) => {
      const file = found.get(name);
      const size = file?.bytes ?? -1;
      const held = file && size === bytes ? await file.sha256() : null;
      const ok = held === sha256;
      const wrong = size < 0 ? 'is not there' : 'is not what was sent, or cannot be read';
      return {
        name: `hash ${name}`,
        ok,
        detail: ok ? `${bytes} bytes, sha256:${sha256}` : `${name} ${wrong}`,
      };
    }),
  );
}

async function receiptChecks(
  found: FilesToVerify,
  manifest: Manifest,
  bytes: Buffer,
  witnesses: string[],
): Promise<Check[]> {
  const receipt = await readSmall(found, packageFiles.receipt);
  if (!receipt) return [{ name: 'receipt', ok: false, detail: 'There is no receipt that can be read.' }];
  const { checks, entry } = verifyReceipt(receipt, { vkey: manifest.from.keys.log, witnesses });
  return [...checks, entryCheck(entry, manifest, bytes), await signatureCheck(entry, manifest, bytes)];
}

function entryCheck(entry: Entry | null, manifest: Manifest, bytes: Buffer): Check {
  const { release, from, to } = manifest;
  const parties = [from.id, to.id].sort();
  const same =
    entry?.act === 'release.sent' &&
    entry.by === from.id &&
    entry.at === release.sentAt &&
    entry.subject.type === 'release' &&
    entry.subject.id === release.id &&
    canonicalJson(entry.parties) === canonicalJson(parties) &&
    entry.detail['manifest'] === `sha256:${sha256Hex(bytes)}`;
  return {
    name: 'entry-names-manifest',
    ok: same,
    detail: same
      ? `The log says that ${release.reference} left at ${release.sentAt} with exactly this manifest.`
      : 'What the log says was sent is not this manifest.',
  };
}

async function signatureCheck(entry: Entry | null, manifest: Manifest, bytes: Buffer): Promise<Check> {
  const parts = entry?.detail['signature'];
  const [head, mark, ...more] = Array.isArray(parts) ? parts : [];
  const detached = head && mark && more.length === 0 ? { protected: head, signature: mark } : null;
  const ok =
    detached !== null &&
    (await proveSignature(detached, manifestSignatureType, bytes, manifest.from.keys.signing)) !== null;
  return {
    name: 'manifest-signature',
    ok,
    detail: ok
      ? `Right by the ES256 key that the package gives as ${manifest.from.keys.name}’s. Whose it is: see keys-trusted.`
      : 'The sender’s signature over the manifest is not right.',
  };
}

// The recipient's own proofs come together or not at all. The opened data may have been destroyed since.
async function recipientChecks(
  found: FilesToVerify,
  manifest: Manifest,
  manifestBytes: Buffer,
  trusted: TrustedKeys | null,
): Promise<Check[]> {
  const { from, to, release } = manifest;
  const acts = {
    [recipientFiles.half]: { act: 'release.sent', by: from.id },
    [recipientFiles.collected]: { act: 'release.collected', by: to.id },
  };
  if (!Object.keys(acts).some((name) => found.has(name))) return [];
  const receipt = await readSmall(found, packageFiles.receipt);
  const sent = receipt && parseReceipt(receipt)?.entry;
  const held = trusted ? logKeysOf(trusted) : [];
  const own = held.filter(({ organisation }) => organisation === to.keys.organisation);
  const vkeys = new Set([to.keys.log, ...own.map(({ vkey }) => vkey)]);
  return Promise.all(
    Object.entries(acts).map(async ([name, { act, by }]) => {
      const bytes = await readSmall(found, name);
      const follower = bytes && followerOf(to.keys.log, bytes);
      if (follower && !own.some(({ vkey }) => vkey.startsWith(`${follower}+`))) {
        const detail = `From ${follower}, a log that follows the one the package names. Give the key page of ${to.keys.name} with --keys, to have it checked.`;
        return { name, ok: false, advisory: true, detail };
      }
      const entry = bytes && entryBy(bytes, vkeys);
      // The chirograph itself: both halves are the same entry, byte for byte.
      const half = bytes && parseReceipt(bytes)?.entry;
      const matches = name !== recipientFiles.half || (half && sent && half.equals(sent));
      const ok =
        Boolean(matches) &&
        entry?.act === act &&
        entry.by === by &&
        entry.subject.id === release.id &&
        entry.detail['manifest'] === `sha256:${sha256Hex(manifestBytes)}`;
      const says = `${to.keys.name}’s own log says the same.`;
      return { name, ok, detail: ok ? says : `${name} does not prove what it should, or is not there.` };
    }),
  );
}

function entryBy(receipt: Buffer, vkeys: ReadonlySet<string>): Entry | null {
  for (const vkey of vkeys) {
    const { entry } = verifyReceipt(receipt, { vkey });
    if (entry) return entry;
  }
  return null;
}

// A body's log may have stopped and been followed by another after it was sent the package: `<first name>/2`, `/3`.
function followerOf(vkey: string, receipt: Buffer): string | null {
  const first = (vkey.split('+')[0] ?? '').split('/').slice(0, 3).join('/');
  const origin = parseReceipt(receipt)?.checkpoint.toString().split('\n')[0] ?? '';
  const number = origin.startsWith(`${first}/`) ? origin.slice(first.length + 1) : '';
  return /^[1-9]\d*$/.test(number) && !vkey.startsWith(`${origin}+`) ? origin : null;
}

async function keysCheck(manifest: Manifest, trusted: TrustedKeys | null): Promise<Check> {
  const { keys } = manifest.from;
  const detail = `${keys.organisation}: signing key ${await signingFingerprint(keys.signing)}, log ${keys.log}`;
  if (!trusted) {
    const ask = 'Compare these with the sender’s key page, or give it with --keys';
    return { name: 'keys-trusted', ok: false, advisory: true, detail: `${ask}. ${detail}` };
  }
  const ok = trusted.organisations.some(
    (held) =>
      held.organisation === keys.organisation &&
      (held.log === null || [held.log, ...(held.earlierLogs ?? [])].includes(keys.log)) &&
      canonicalJson(held.signing) === canonicalJson(keys.signing),
  );
  return { name: 'keys-trusted', ok, detail: ok ? detail : `Not signed by keys you hold. ${detail}` };
}
