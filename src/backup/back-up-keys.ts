import type { Instant } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { writeWhole } from '../platform/write-whole.ts';
import { encryptedKeys, keysIn } from './keys.ts';
import { writeNewFile } from './new-file.ts';

/** Writes the keys of a data folder to a new file, encrypted to the recipients. */
export async function backUpKeys(
  dataFolder: string,
  to: string,
  recipients: readonly string[],
  now: Instant,
): Promise<{ ok: true; path: string } | Refusal> {
  const keys = await keysIn(dataFolder);
  if (!keys) {
    const says = `There are no keys in ${dataFolder}/keys. Point CHIROGRAPH_DATA at the data folder of the instance.`;
    return refuse('not-found', 'keys.none', says);
  }
  const name = `chirograph-keys-${now.slice(0, 10)}.tar.age`;
  return writeNewFile(to, name, (draft) => writeWhole(draft, encryptedKeys(keys, recipients)));
}
