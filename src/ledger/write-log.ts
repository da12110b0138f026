import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { openCheckpoint } from './checkpoint.ts';
import { leafHash } from './merkle.ts';
import { type Edge, edgeRoot, formatBundle, growTiles, isFinalTile, tilePath, tileWidth } from './tiles.ts';

/** A log to write out: its verifier key, a signed checkpoint, and its entries from one index up to another. */
export type LogToWrite = {
  vkey: string;
  checkpoint: Buffer;
  /** The verifier keys of the checkpoint's cosignatures, in their order. */
  witnesses: readonly string[];
  entries: (from: number, to: number) => Promise<Buffer[]>;
};

/**
 * Writes a log as a folder that anyone can verify (c2sp.org/tlog-tiles): `checkpoint`, `tile/`, `tile/entries/`,
 * `vkey`, and `witnesses` where any has cosigned. It appears whole or not at all; false where something is there already. Throws, and leaves
 * nothing, where the entries do not give the signed root.
 */
export async function writeLog(folder: string, log: LogToWrite): Promise<boolean> {
  const target = resolve(folder);
  const draft = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(draft, { recursive: true });
    await writeFiles(draft, log);
    await rename(draft, target);
    return true;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (isTaken(error)) return false;
    throw error;
  }
}

async function writeFiles(folder: string, log: LogToWrite): Promise<void> {
  const signed = openCheckpoint(log.checkpoint, log.vkey);
  if (!signed.ok) throw new Error(signed.reason);
  const { origin, size, root } = signed.checkpoint;
  let edge: Edge = [];
  for (let start = 0; start < size; start += tileWidth) {
    const end = Math.min(start + tileWidth, size);
    const entries = await log.entries(start, end);
    await writeUnder(folder, tilePath('entries', start / tileWidth, end - start), formatBundle(entries));
    const grown = growTiles(start, edge, entries.map(leafHash));
    edge = grown.edge;
    for (const tile of grown.tiles) {
      if (!isFinalTile(tile, size)) continue;
      await writeUnder(folder, tilePath(tile.level, tile.index, tile.hashes.length / 32), tile.hashes);
    }
  }
  if (!edgeRoot(edge).equals(root))
    throw new Error(`The entries of ${origin} do not give the root that it signed`);
  await writeUnder(folder, 'vkey', Buffer.from(`${log.vkey}\n`));
  await writeUnder(folder, 'checkpoint', log.checkpoint);
  if (log.witnesses.length > 0) {
    await writeUnder(folder, 'witnesses', Buffer.from(`${log.witnesses.join('\n')}\n`));
  }
}

async function writeUnder(folder: string, path: string, bytes: Buffer): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}

function isTaken(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR';
}
