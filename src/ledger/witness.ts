import { hash, type KeyObject, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../platform/durably.ts';
import { canonicalBase64 } from '../platform/pure/hash.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { cosign, formatCosignature } from './cosignature.ts';
import { emptyRoot, verifyConsistency } from './merkle.ts';
import { decodeUtf8, formatLine, isBy, parseVkey, readNote } from './note.ts';

/** A witness (c2sp.org/tlog-witness): its name and key, where it remembers, and the logs it knows by origin. */
export type Witness = {
  name: string;
  privateKey: KeyObject;
  folder: string;
  /** The verifier keys that are trusted for an origin. */
  logs: ReadonlyMap<string, readonly string[]>;
};

/** What a witness answers, as HTTP has it. */
export type WitnessReply = { status: 200 | 400 | 403 | 404 | 409 | 422; type: string; body: string };

/** No request is longer: 63 hashes and a checkpoint with many signatures, some of them post-quantum. */
export const longestSubmission = 128 * 1024;

const mostHashes = 63;

/**
 * Answers `add-checkpoint`: cosigns a checkpoint that leads on from the last one cosigned of that log. What it remembers
 * is on the disk before it answers, and one submission for a log is looked at after the other. Every byte of `body`
 * is an attacker's.
 */
export function witnessing(witness: Witness): (body: Buffer, now: Date) => Promise<WitnessReply> {
  const busy = new Map<string, Promise<unknown>>();
  return async (body, now) => {
    const read = readSubmission(body);
    if (!read) return reply(400, 'This is not a submission as c2sp.org/tlog-witness has it.');
    const { origin } = read.checkpoint;
    const vkeys = witness.logs.get(origin);
    if (!vkeys) return reply(404, 'This witness does not know that log.');
    const signed = signaturesOf(read, vkeys);
    if (!signed) return reply(403, 'The checkpoint is not signed by a key that is trusted for that log.');
    if (read.old > read.checkpoint.size) return reply(400, 'The old size is larger than the checkpoint.');
    const before = busy.get(origin) ?? Promise.resolve();
    const mine = before.catch(() => {}).then(() => cosignNext(witness, read, signed, now));
    busy.set(origin, mine);
    return mine;
  };
}

/** What a witness cosigned last of a log, with both signatures; null where it never did. By the hex hash of the origin. */
export async function witnessed(folder: string, originHash: string): Promise<Buffer | null> {
  return readFile(join(folder, `${originHash}.checkpoint`)).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return null;
    throw fault;
  });
}

async function cosignNext(
  { folder, name, privateKey }: Witness,
  { old, proof, checkpoint, text }: Submission,
  signed: string,
  now: Date,
): Promise<WitnessReply> {
  const { origin, size, root } = checkpoint;
  const originHash = hash('sha256', origin, 'hex');
  const last = stateOf(await witnessed(folder, originHash), origin);
  if (old !== last.size) return { status: 409, type: 'text/x.tlog.size', body: `${last.size}\n` };
  const leadsOn =
    old === 0
      ? proof.length === 0 && (size > 0 || root.equals(emptyRoot))
      : verifyConsistency({ older: old, size, olderRoot: last.root, root, proof });
  if (!leadsOn) return reply(422, 'The checkpoint does not lead on from the last one that was cosigned.');
  const line = formatCosignature(cosign(text, name, privateKey, Math.floor(now.getTime() / 1000)));
  await writeDurably(join(folder, `${originHash}.checkpoint`), Buffer.from(`${text}\n${signed}${line}`));
  return { status: 200, type: 'text/plain; charset=utf-8', body: line };
}

// A file that is not what was written must not pass for a log that was never seen: that would let it roll back.
function stateOf(kept: Buffer | null, origin: string): { size: number; root: Buffer } {
  if (!kept) return { size: 0, root: emptyRoot };
  const note = readNote(kept, longestSubmission);
  const checkpoint = note.ok ? checkpointOf(note.text) : null;
  if (checkpoint?.origin !== origin) throw new Error(`What was last cosigned of ${origin} cannot be read`);
  return checkpoint;
}

type Submission = {
  old: number;
  proof: Buffer[];
  checkpoint: Checkpoint;
  text: string;
  lines: { name: string; keyId: Buffer; signature: Buffer }[];
};

function readSubmission(body: Buffer): Submission | null {
  const text = body.length <= longestSubmission ? decodeUtf8(body) : null;
  const end = text?.indexOf('\n\n') ?? -1;
  if (text === null || end < 0) return null;
  const [first = '', ...hashes] = text.slice(0, end).split('\n');
  const size = /^old (0|[1-9]\d{0,15})$/.exec(first)?.[1];
  const proof = hashes.map((line) => canonicalBase64(line)).filter((one) => one?.length === 32);
  const note = readNote(Buffer.from(text.slice(end + 2)), longestSubmission);
  if (size === undefined || proof.length !== hashes.length || hashes.length > mostHashes || !note.ok)
    return null;
  const checkpoint = checkpointOf(note.text);
  if (!checkpoint || !Number.isSafeInteger(Number(size))) return null;
  const read = { checkpoint, text: note.text, lines: note.lines };
  return { ...read, old: Number(size), proof: proof.filter((one) => one !== null) };
}

// Other logs than ours may have extension lines after the root: they are cosigned with the rest, and say nothing here.
function checkpointOf(text: string): Checkpoint | null {
  const [origin = '', size = '', root = '', ...extensions] = text.slice(0, -1).split('\n');
  if (extensions.includes('')) return null;
  return parseCheckpoint(`${origin}\n${size}\n${root}\n`);
}

/** The lines by keys that are trusted, each of which must be right; null where none is, or one is not. */
function signaturesOf({ text, lines }: Submission, vkeys: readonly string[]): string | null {
  const keys = vkeys.map((vkey) => parseVkey(vkey)).filter((key) => key !== null);
  let found = '';
  for (const line of lines) {
    const key = keys.find((one) => isBy(line, one));
    if (!key) continue;
    if (!verify(null, Buffer.from(text), key.publicKey, line.signature)) return null;
    found += formatLine(line);
  }
  return found === '' ? null : found;
}

function reply(status: WitnessReply['status'], says: string): WitnessReply {
  return { status, type: 'text/plain; charset=utf-8', body: `${says}\n` };
}
