import { createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Refusal, refuse } from '../../platform/refusal.ts';
import { Unreadable } from '../../platform/unreadable.ts';
import { type Archive, openArchive } from '../../platform/zip.ts';
import { mostBytes } from '../lint/lint-file.ts';
import { notForPeople } from './files.ts';

/** How many agreements are read in one go by page: each takes a second of a core. */
export const mostFiles = 50;
const mostInAll = 20 * mostBytes;
const longestName = 200;

/**
 * Unpacks a ZIP archive of agreements into a new folder, each file below it under its own name. Nothing is written outside it, what systems
 * leave beside files is left out, and a file that is larger than an agreement is cut so that it is told as too large.
 */
export async function unpack(
  path: string,
  into: string,
  named: string,
): Promise<{ ok: true; files: number } | Refusal> {
  const file = await open(path);
  try {
    const archive = await openArchive(file.fd);
    const names = archive.names.filter((name) => isFile(name) && !name.split(/[/\\]/).some(isLeft));
    const refused = namesRefused(names, named);
    if (refused) return refused;
    let inAll = 0;
    for (const name of names) {
      const to = join(into, ...name.split(/[/\\]/));
      await mkdir(dirname(to), { recursive: true, mode: 0o700 });
      inAll += await write(archive, name.toLowerCase(), to);
      if (inAll > mostInAll) return tooMuch(named);
    }
    return { ok: true, files: names.length };
  } catch (error) {
    if (error instanceof Unreadable) return notRead(named, error.check);
    throw error;
  } finally {
    await file.close();
  }
}

const isFile = (name: string) => !/[/\\]$/.test(name);
const isLeft = (part: string) => notForPeople.test(part);

function namesRefused(names: readonly string[], named: string): Refusal | null {
  if (names.length === 0) return refuse('invalid', 'survey.empty', `There is no file in ${named}.`, 'file');
  if (names.length > mostFiles)
    return refuse(
      'rules',
      'survey.too-many',
      `${named} holds ${names.length} files. Give ${mostFiles} at a time, or use the command for a folder.`,
      'file',
    );
  return names.every(isInside) ? null : notRead(named, 'damaged');
}

// A path that leads out of the folder, or that a file system reads in its own way, is of nobody who packs agreements.
function isInside(name: string): boolean {
  const parts = name.split(/[/\\]/);
  return (
    name.length <= longestName &&
    !/^[A-Za-z]:/.test(name) &&
    parts.every((part) => part !== '' && part !== '.' && part !== '..' && !hasControl(part))
  );
}

const hasControl = (text: string) => [...text].some((letter) => (letter.codePointAt(0) ?? 0) < 32);

async function write(archive: Archive, name: string, to: string): Promise<number> {
  let bytes = 0;
  async function* atMost() {
    for await (const chunk of archive.read(name)) {
      bytes += chunk.length;
      yield chunk;
      if (bytes > mostBytes) return;
    }
  }
  await pipeline(Readable.from(atMost()), createWriteStream(to, { mode: 0o600, flags: 'wx' }));
  return bytes;
}

function tooMuch(named: string): Refusal {
  return refuse(
    'rules',
    'survey.too-large',
    `${named} holds far more than ${mostFiles} agreements do. Give fewer at a time.`,
    'file',
  );
}

function notRead(named: string, why: string): Refusal {
  const says =
    why === 'encrypted'
      ? `${named} has a password. Pack the files without one, and try again.`
      : why === 'too-large'
        ? `${named} unpacks to far more than agreements do. Check that it is the right file.`
        : `${named} is no ZIP file that can be unpacked. Pack the agreements again (in Windows: Send to, Compressed folder), and try again.`;
  return refuse('rules', 'survey.not-unpacked', says, 'file');
}
