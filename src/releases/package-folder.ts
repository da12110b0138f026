import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../platform/durably.ts';
import type { Instance } from '../platform/instance.ts';
import { step } from '../steps.ts';

type Where = Pick<Instance, 'folders'>;

/** The folder that holds a release's package. */
export function packageFolder(instance: Where, releaseId: string): string {
  return join(instance.folders.packages, releaseId);
}

/** Puts a package that was built in staging in its place, whole, and makes sure that it is there on the disk. */
export async function placePackage(instance: Where, built: string, releaseId: string): Promise<string> {
  const folder = packageFolder(instance, releaseId);
  await rename(built, folder);
  await syncFolder(instance.folders.packages);
  step('package.placed');
  return folder;
}

/** Removes the whole package of a release that never left. */
export async function removePackage(instance: Where, releaseId: string): Promise<void> {
  await rm(packageFolder(instance, releaseId), { recursive: true, force: true });
  step('package.removed');
}

/** Removes the encrypted data of a release that was destroyed. Manifest, terms and receipt stay: they are the proof. */
export async function removeData(instance: Where, releaseId: string): Promise<void> {
  const folder = packageFolder(instance, releaseId);
  const encrypted = (await readdir(folder)).filter((name) => name.endsWith('.age'));
  for (const name of encrypted) await rm(join(folder, name), { force: true });
  step('package.removed');
}
