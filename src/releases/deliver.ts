import { copyFile, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeDurably } from '../platform/durably.ts';
import { makeFolder } from '../platform/make-folder.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { draftNote } from '../platform/staging.ts';
import { Trouble } from '../platform/trouble.ts';
import { step } from '../steps.ts';

/** What is delivered, from our staging to a folder that the caller named; `done` is said where that fails. */
export type Delivery = {
  staging: string;
  files: { from: string; name: string }[];
  folder: string;
  done: string;
};

/**
 * Copies files into a new folder that appears whole or not at all. An empty one that is there already is replaced. The
 * draft beside it is named in staging first, so that a sweep clears it too. What it is a delivery of has been done by
 * then: where the folder cannot be written, that is said in words.
 */
export async function deliver({ staging, files, folder, done }: Delivery): Promise<string[]> {
  const draft = draftOf(folder);
  await writeDurably(join(staging, draftNote), Buffer.from(draft));
  try {
    await rm(draft, { recursive: true, force: true });
    await makeFolder(draft);
    step('delivery.begun');
    for (const { from, name } of files) await copyFile(from, join(draft, name));
    step('delivery.copied');
    await rename(draft, folder);
    step('delivery.done');
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const { code = 'a fault' } = error as NodeJS.ErrnoException;
    throw new Trouble(`${done} But ${folder} could not be written (${code}).`, { cause: error });
  }
  return files.map(({ name }) => join(folder, name));
}

/**
 * Why nothing could be delivered into a folder, or null. Asked before anything is sent: once it is, there is no other
 * moment at which it could be written there. Leaves nothing behind.
 */
export async function undeliverable(folder: string): Promise<Refusal | null> {
  try {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      if (error.code === 'ENOTDIR') return [folder];
      throw error;
    });
    if (names !== null && names.length > 0) {
      const says = `${folder} is there already and is not empty. Give a new folder, so that nothing is written over.`;
      return refuse('conflict', 'out.not-empty', says);
    }
    await tryOut(folder, names !== null);
    return null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'a fault';
    const says = `${folder} cannot be made (${code}). Give a new folder, in one that you can write to.`;
    return refuse('conflict', 'out.not-made', says);
  }
}

async function tryOut(folder: string, isThere: boolean): Promise<void> {
  const draft = draftOf(folder);
  const above: string[] = [];
  let made = draft;
  try {
    above.push(...(await makeFolder(draft)).filter((one) => one !== draft));
    await rename(draft, folder);
    made = folder;
  } finally {
    if (made === draft || !isThere) await rmdir(made).catch(() => {});
    for (const one of above.reverse()) await rmdir(one).catch(() => {});
  }
}

const draftOf = (folder: string) => `${resolve(folder)}.${process.pid}.tmp`;
