import { z } from 'zod';
import { canonicalJson, parseCanonicalJson } from '../platform/pure/canonical-json.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import { decodeUtf8 } from './note.ts';

/** An entry is shorter than this many bytes. */
export const entrySizeLimit = 4096;

const id = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const word = /^[a-z]+(-[a-z]+)*$/;
// One word without a space: an id, a hash, a key, a signature, a reference, a code, a day. No prose fits.
const token = z.string().regex(/^[A-Za-z0-9.:_+/=-]{1,200}$/);
const count = z.int().nonnegative();

/**
 * One act, as the logs of its parties hold it: who did what to which thing, and when. It names organisations
 * and things by id, and a person only by a salted commitment, so no personal data is in it.
 */
export const Entry = z.strictObject({
  act: z.string().regex(/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/),
  at: instant,
  by: id,
  detail: z.record(z.string().regex(/^[a-z][A-Za-z0-9]*$/), z.union([token, count, z.array(token)])),
  id,
  parties: z.array(id).min(1).refine(isSortedSet, 'Parties are sorted, each once'),
  person: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  subject: z.strictObject({ id, type: z.string().regex(word) }),
  v: z.literal(1),
});
export type Entry = z.infer<typeof Entry>;

/** An entry's bytes: canonical JSON (RFC 8785), shorter than 4 KB. Throws on anything that is not an entry. */
export function formatEntry(entry: Entry): Buffer {
  const bytes = Buffer.from(canonicalJson(Entry.parse(entry)));
  if (bytes.length >= entrySizeLimit)
    throw new Error(`An entry must be shorter than ${entrySizeLimit} bytes`);
  return bytes;
}

/** Reads an entry's bytes, whoever sent them; null unless `formatEntry` would write exactly these. */
export function parseEntry(bytes: Uint8Array): Entry | null {
  const text = bytes.length < entrySizeLimit ? decodeUtf8(bytes) : null;
  if (text === null) return null;
  try {
    return Entry.parse(parseCanonicalJson(text));
  } catch {
    return null;
  }
}

/**
 * The commitment to a person in an entry: SHA-256, in lower-case hex, over the 20 ASCII bytes
 * `chirograph/person/v1`, one zero byte, the 32 bytes of the act's random salt, and the 36 ASCII bytes of the
 * person's id in lower case. Without the salt it cannot be recomputed, even by trying everyone.
 */
export function commitToPerson(salt: Uint8Array, personId: string): string {
  if (salt.length !== 32) throw new Error('A salt is 32 bytes');
  return sha256Hex(
    Buffer.concat([Buffer.from('chirograph/person/v1\0'), salt, Buffer.from(id.parse(personId))]),
  );
}

function isSortedSet(ids: readonly string[]): boolean {
  return ids.every((each, at) => at === 0 || (ids[at - 1] ?? '') < each);
}
