import { eraseAgain, findErased } from '../organisations/index.ts';
import { readGone, rememberGone } from '../platform/gone.ts';
import type { Instance } from '../platform/instance.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { findInStates } from '../releases/index.ts';

/** What was erased or destroyed after a backup was made, as far as the data folder remembers it. */
export type Since = {
  /** How many people were erased again. */
  erasedAgain: number;
  /** Releases whose destruction was certified, and whose data the backup brought back. */
  destroyed: string[];
};

/**
 * Makes sure that the data folder remembers everybody who was erased and every release that was destroyed: a process may
 * have been killed between the act and the remembering of it.
 */
export async function rememberAllGone({ asOwner, folders }: Instance): Promise<void> {
  const { people, releases } = await asOwner(async ({ db }) => ({
    people: await findErased(db),
    releases: await findInStates(db, ['destroyed'], null),
  }));
  await rememberGone(folders.data, 'person', people);
  const ids = releases.map(({ id }) => id);
  await rememberGone(folders.data, 'release', ids);
}

/**
 * Erases again the people whom an older copy of the database has brought back (UK GDPR Article 17), and names the releases
 * whose data it has. These are left as they are: who certified their destruction does so again.
 */
export async function applyGone(instance: Instance, now: Instant): Promise<Since> {
  const { data } = instance.folders;
  const erasedAgain = await eraseAgain(instance, [...(await readGone(data, 'person'))], now);
  const ids = [...(await readGone(data, 'release'))];
  const destroyed = await instance.asOwner(({ db }) => findInStates(db, ['sent', 'collected'], ids));
  return { erasedAgain, destroyed: destroyed.map(({ reference }) => reference) };
}
