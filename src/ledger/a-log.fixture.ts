import { generateKeyPairSync } from 'node:crypto';
import { signCheckpoint } from './checkpoint.ts';
import { type Entry, formatEntry } from './entry.ts';
import { leafHash, merkleRoot } from './merkle.ts';
import { makeVkey } from './note.ts';
import type { LogToWrite } from './write-log.ts';

const police = '01890000-0000-7000-8000-00000000000a';
const opcc = '01890000-0000-7000-8000-00000000000b';

/** The entry of a release sent by the police to the commissioner's office, a different one for each number. */
export function anEntry(number: number): Entry {
  const id = `01890000-0000-7000-9000-${String(number).padStart(12, '0')}`;
  return {
    act: 'release.sent',
    at: '2026-11-22T10:00:00.000Z',
    by: police,
    detail: { manifest: 'ab'.repeat(32) },
    id,
    parties: [police, opcc],
    person: null,
    subject: { id, type: 'release' },
    v: 1,
  };
}

/** A log of so many entries, numbered from `first`, with a new key, kept in memory. */
export function aLog(size: number, first = 0) {
  const origin = 'westmarch-police/ledger/01890000';
  const { privateKey } = generateKeyPairSync('ed25519');
  const entries = Array.from({ length: size }, (_, at) => formatEntry(anEntry(first + at)));
  const checkpointOf = (count: number) =>
    signCheckpoint(
      { origin, size: count, root: merkleRoot(entries.slice(0, count).map(leafHash)) },
      privateKey,
    );
  const vkey = makeVkey(origin, privateKey);
  const checkpoint = checkpointOf(size);
  const toWrite: LogToWrite = {
    vkey,
    checkpoint,
    witnesses: [],
    entries: async (from, to) => entries.slice(from, to),
  };
  return { origin, privateKey, vkey, entries, checkpoint, checkpointOf, toWrite };
}
