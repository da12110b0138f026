import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check } from '../platform/pure/check.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { type Cosignature, checkCosignatures, verifyCosignature } from './cosignature.ts';

import { entrySizeLimit, parseEntry } from './entry.ts';
import { leafHash } from './merkle.ts';
import { decodeUtf8, parseVkey } from './note.ts';
import {
  type Edge,
  edgeRoot,
  growTiles,
  isFinalTile,
  levelShape,
  parseBundle,
  tilePath,
  tileWidth,
} from './tiles.ts';

// No file of a log is longer: an entry bundle of 256 entries with their lengths.
const fileSizeLimit = tileWidth * (2 + entrySizeLimit);

/**
 * Verifies an exported log (c2sp.org/tlog-tiles) offline: every byte of every file must be what the entries and
 * the key make it. The folder is an attacker's. Whether its key is the right one is for the caller to check: it
 * comes back as `vkey`, null where there is none; and so do its `witnesses`, beside those that are held. Throws where
 * there is no such folder.
 */
export async function verifyLog(
  folder: string,
  held: readonly string[] = [],
): Promise<{ checks: Check[]; vkey: string | null; witnesses: string[] }> {
  const found = await listFiles(folder);
  const vkey = await readVkey(folder, found.files);
  const note = await readListed(folder, 'checkpoint', found.files);
  const opened = vkey && note ? openCheckpoint(note, vkey) : null;
  const checkpoint = opened?.ok ? opened.checkpoint : null;
  const checks: Check[] = [
    {
      name: 'log-key',
      ok: vkey !== null,
      detail: vkey ?? 'The file vkey is missing or is not an Ed25519 verifier key.',
    },
    {
      name: 'log-checkpoint',
      ok: checkpoint !== null,
      detail: checkpoint
        ? `Signed by ${checkpoint.origin} at ${checkpoint.size} entries.`
        : `${opened && !opened.ok ? opened.reason : 'There is no checkpoint with a key to open it'}.`,
    },
  ];
  if (opened?.ok !== true) return { checks, vkey, witnesses: [] };
  const witnesses = await readWitnesses(folder, found.files);
  checks.push(...(await verifyContents(folder, found, opened.checkpoint)));
  checks.push(...witnessChecks(opened, witnesses, held));
  return { checks, vkey, witnesses: witnesses ?? [] };
}

async function verifyContents(folder: string, found: Found, checkpoint: Checkpoint): Promise<Check[]> {
  const rest = new Set(found.files);
  rest.delete('vkey');
  rest.delete('checkpoint');
  rest.delete('witnesses');
  const faults = { entries: '', tiles: '', files: found.odd.map((path) => `${path} is not a plain file`) };
  const { full, partial } = levelShape(checkpoint.size, 0);
  let edge: Edge = [];

  // Stops at the first bundle that is not there or not right, so a great size with no files costs nothing.
  for (let index = 0; index < full + Math.sign(partial) && !faults.entries; index += 1) {
    const width = index < full ? tileWidth : partial;
    const path = tilePath('entries', index, width);
    const bytes = await readListed(folder, path, found.files);
    const entries = bytes ? parseBundle(bytes) : null;
    rest.delete(path);
    if (entries?.length !== width) faults.entries = `${path} is missing, or does not hold ${width} entries`;
    else if (!entries.every(parseEntry)) faults.entries = `${path} has something in it that is not an entry`;
    else {
      const grown = growTiles(index * tileWidth, edge, entries.map(leafHash));
      edge = grown.edge;
      for (const tile of grown.tiles.filter((each) => isFinalTile(each, checkpoint.size))) {
        const tileFile = tilePath(tile.level, tile.index, tile.hashes.length / 32);
        rest.delete(tileFile);
        const held = await readListed(folder, tileFile, found.files);
        if (!held?.equals(tile.hashes))
          faults.tiles ||= `${tileFile} is missing, or is not what the entries give`;
      }
    }
  }
  faults.files.push(...[...rest].map((path) => `${path} does not belong to the log`));
  const rootMatches = !faults.entries && edgeRoot(edge).equals(checkpoint.root);
  return [
    checkOf('log-entries', faults.entries, `${checkpoint.size} entries read.`),
    checkOf(
      'log-root',
      rootMatches ? '' : 'The entries do not give the signed root',
      'The entries give the signed root.',
    ),
    checkOf(
      'log-tiles',
      faults.entries && !faults.tiles ? 'Not every tile could be made again' : faults.tiles,
      'Every tile is what the entries give.',
    ),
    checkOf('log-files', faults.files.slice(0, 3).join('; '), 'No other file is there.'),
  ];
}

function checkOf(name: string, fault: string, detail: string): Check {
  return { name, ok: fault === '', detail: fault === '' ? detail : `${fault}.` };
}

type Found = { files: ReadonlySet<string>; odd: string[] };

// Every path under the folder: plain files of a possible size, and what is neither such a file nor a folder with one.
async function listFiles(folder: string): Promise<Found> {
  const files = new Set<string>();
  const odd: string[] = [];
  const visit = async (under: string): Promise<void> => {
    // A folder that cannot be read, or whose path is too long or not UTF-8, does not belong either.
    const entries = await readdir(join(folder, under), { withFileTypes: true }).catch(() => []);
    if (entries.length === 0 && under !== '') odd.push(under);
    for (const entry of entries) {
      const path = under === '' ? entry.name : `${under}/${entry.name}`;
      // A name that is not UTF-8 cannot be asked about by the name that was read, and none of ours is like that.
      const size = entry.isFile()
        ? await lstat(join(folder, path)).then(
            (about) => about.size,
            () => null,
          )
        : null;
      if (entry.isDirectory()) await visit(path);
      else if (size !== null && size <= fileSizeLimit) files.add(path);
      else odd.push(path);
    }
  };
  await visit('');
  return { files, odd };
}

async function readListed(folder: string, path: string, files: ReadonlySet<string>): Promise<Buffer | null> {
  return files.has(path) ? readFile(join(folder, path)).catch(() => null) : null;
}

// Each cosignature is by a key of the file `witnesses`, and each key of it has cosigned: so every byte of both counts.
function witnessChecks(
  { text, cosignatures }: { text: string; cosignatures: Cosignature[] },
  listed: string[] | null,
  held: readonly string[],
): Check[] {
  const keys = (listed ?? []).map((vkey) => parseVkey(vkey, 'cosignature'));
  const whole =
    listed !== null &&
    keys.length === cosignatures.length &&
    cosignatures.every((one, at) => {
      const key = keys[at];
      return key && verifyCosignature(text, one, key);
    });
  if (!whole) {
    const detail = 'The cosignatures are not those of the file witnesses, one by one.';
    return [{ name: 'log-cosignatures', ok: false, detail }];
  }
  return checkCosignatures(text, cosignatures, held);
}

// The verifier keys of the witnesses, a line each; none without the file, null where it is not such a file.
async function readWitnesses(folder: string, files: ReadonlySet<string>): Promise<string[] | null> {
  if (!files.has('witnesses')) return [];
  const bytes = await readListed(folder, 'witnesses', files);
  const text = bytes ? decodeUtf8(bytes) : null;
  if (!text?.endsWith('\n')) return null;
  return text.slice(0, -1).split('\n');
}

async function readVkey(folder: string, files: ReadonlySet<string>): Promise<string | null> {
  const bytes = await readListed(folder, 'vkey', files);
  const text = bytes ? decodeUtf8(bytes) : null;
  if (!text?.endsWith('\n')) return null;
  const vkey = text.slice(0, -1);
  return parseVkey(vkey) ? vkey : null;
}
