import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packTar, unpackTar } from 'modern-tar';
import { decrypted, encrypted } from '../platform/age.ts';
import { syncFolder, writeDurably } from '../platform/durably.ts';
import { type Sealer, sealerOf } from '../platform/seal.ts';
import { NotABackup } from './read-archive.ts';

const names = ['master.key', 'pseudonym-root.key'] as const;

/** The instance's secret keys, 32 bytes each, by the names of their files in `keys/`. */
export type Keys = Record<(typeof names)[number], Buffer>;

/** The keys that lie in a data folder; null where one is missing or is not one. Makes none. */
export async function keysIn(dataFolder: string): Promise<Keys | null> {
  const [master, root] = await Promise.all(
    names.map((name) => readFile(join(dataFolder, 'keys', name)).catch(() => null)),
  );
  return master?.length === 32 && root?.length === 32
    ? { 'master.key': master, 'pseudonym-root.key': root }
    : null;
}

/** Puts keys into a data folder where they are missing; false, and nothing is changed, where there are others. */
export async function placeKeys(dataFolder: string, keys: Keys): Promise<boolean> {
  const folder = join(dataFolder, 'keys');
  const held = await Promise.all(names.map((name) => readFile(join(folder, name)).catch(() => null)));
  if (names.some((name, index) => held[index]?.equals(keys[name]) === false)) return false;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of names) await writeDurably(join(folder, name), keys[name]);
  await syncFolder(dataFolder);
  return true;
}

/** What the keys are used through. */
export function sealersOf(keys: Keys): { sealer: Sealer; pseudonymRoot: Sealer } {
  return { sealer: sealerOf(keys['master.key']), pseudonymRoot: sealerOf(keys['pseudonym-root.key']) };
}

/** The bytes of a backup of keys: a tar archive with `keys/`, which any age and tar open too. */
export async function* encryptedKeys(keys: Keys, recipients: readonly string[]): AsyncGenerator<Buffer> {
  const archive = await packTar(
    names.map((name) => ({
      header: { name: `keys/${name}`, size: 32, mode: 0o600 },
      body: new Uint8Array(keys[name]),
    })),
  );
  yield* encrypted(ReadableStream.from([archive]), recipients);
}

/** The keys of a backup of keys. Throws `AgeFault` and `NotABackup`. */
export async function decryptedKeys(
  bytes: AsyncIterable<Uint8Array>,
  identities: readonly string[],
): Promise<Keys> {
  const chunks: Buffer[] = [];
  for await (const chunk of decrypted(bytes, identities)) chunks.push(chunk);
  const entries = await unpackTar(new Uint8Array(Buffer.concat(chunks)), { strict: true }).catch(() => []);
  const keyNamed = (name: string) => {
    const data = entries.find((entry) => entry.header.name === `keys/${name}`)?.data;
    if (data?.length !== 32) throw new NotABackup('not-a-backup', 'it is not a backup of keys');
    return Buffer.from(data);
  };
  return {
    'master.key': keyNamed('master.key'),
    'pseudonym-root.key': keyNamed('pseudonym-root.key'),
  };
}
