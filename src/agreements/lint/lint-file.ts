import { copyFile, mkdtemp, open, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { startChild } from '../../platform/child-process.ts';
import { inTurns } from '../../platform/in-turn.ts';
import type { Day } from '../../platform/pure/dates.ts';
import { type Refusal, refuse } from '../../platform/refusal.ts';
import { Trouble } from '../../platform/trouble.ts';
import type { ReadAgreement } from '../draft/draft-agreement.ts';
import type { FromChild, Task } from './child.ts';
import type { Linted } from './lint.ts';

/** What an agreement may weigh. */
export const mostBytes = 20_000_000;
const memory = { heap: 512, all: 800 };
const mostSeconds = 60;

const texts = ['.txt', '.md', '.markdown', '.text'];

/** Files that others can make into one that is read, by what they begin with or how they end. */
const sayings: Record<string, string> = {
  'not-text': 'is not text. Give text (.txt), Markdown (.md), Word (.docx) or PDF',
  'not-word': 'is no Word file. Open it in the program that made it, and save it as .docx or PDF',
  'old-word':
    'is of the kind before Word 2007 (.doc), or has a password. Open it in Word or LibreOffice, save it as .docx without a password, and try again',
  encrypted: 'has a password. Save it without one and try again',
  macros: 'holds macros, which are programs. Save it as .docx, which has none, and try again',
  scanned:
    'is pictures of pages, without text. Have its text recognised (OCR), or ask for the file that it was printed from',
  damaged: 'is damaged, or was made to do harm. Ask for it again',
  'too-large': 'holds far more than an agreement does. Check that it is the right file',
  'took-too-long':
    'could not be read within a minute. Save it again, as plain text if need be, and try again',
};

// A child may take half a gigabyte.
const inTurn = inTurns(2);

/**
 * What is linted: its path, what people call it, the day as of which it is read, an organisation's own rules as they are written, and a
 * folder to work within that others cannot read.
 */
type Asked = { path: string; named: string; asOf: Day; rules?: string | undefined; within?: string };

/**
 * Lints a file as of a day, in a process of its own that can read nothing else. `named` is what people call it; by its ending and by what it
 * begins with it is told what it is. A file that cannot be read is refused, with what to do. With `commented`, a Word file comes back with comments; with `draft`, what was read for the terms of an agreement.
 */
export async function lintFile(
  { path, named, asOf, rules, within = tmpdir() }: Asked,
  want: { commented?: true; draft?: true } = {},
): Promise<{ ok: true; found: Linted; read: ReadAgreement | null; commented: Buffer | null } | Refusal> {
  const about = await stat(path).catch(() => null);
  if (!about?.isFile())
    return refuse('not-found', 'agreement.no-file', `There is no file ${named} that can be read.`);
  if (about.size > mostBytes)
    return refuse(
      'rules',
      'lint.large',
      `${named} is larger than 20 MB. Take the pictures out, or save it as plain text, and try again.`,
    );
  const form = await formOf(path, named);
  if (typeof form !== 'string') return form;
  if (want.commented && form !== 'word')
    return refuse(
      'invalid',
      'lint.not-word',
      `${named} is no Word file: only Word has comments at the edge. Ask for a page (.html) instead.`,
    );
  return inTurn(async () => {
    const folder = await realpath(await mkdtemp(join(within, 'chirograph-lint-')));
    try {
      const [own, commented] = [join(folder, 'document'), join(folder, 'commented')];
      await copyFile(path, own);
      const answer = await ask(
        {
          path: own,
          form,
          asOf,
          ...(want.commented && { commented }),
          ...(want.draft && { draft: true as const }),
          ...(rules !== undefined && { rules }),
        },
        folder,
      );
      if ('unreadable' in answer) return unreadable(named, answer.unreadable);
      if ('fault' in answer)
        throw new Trouble(
          `${named} was not read: ${answer.fault}. Try again; if it stays so, save it as plain text.`,
        );
      return {
        ok: true,
        found: answer.found,
        read: answer.read,
        commented: want.commented ? await readFile(commented) : null,
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

function unreadable(named: string, check: string): Refusal {
  const says = sayings[check] ?? sayings['damaged'];
  return refuse('rules', `lint.${check}`, `${named} ${says}.`);
}

async function formOf(path: string, named: string): Promise<Task['form'] | Refusal> {
  const ending = extname(named).toLowerCase();
  const file = await open(path);
  const start = Buffer.alloc(8);
  try {
    await file.read(start, 0, 8, 0);
  } finally {
    await file.close();
  }
  const first = start.toString('latin1');
  if (first.startsWith('%PDF-')) return 'pdf';
  if (ending === '.docm') return unreadable(named, 'macros');
  if (first.startsWith('PK')) return 'word';
  if (start.toString('hex') === 'd0cf11e0a1b11ae1') return unreadable(named, 'old-word');
  if (texts.includes(ending) && !first.startsWith('{\\rtf')) return 'text';
  if (ending === '.pdf' || ending === '.docx') return unreadable(named, 'damaged');
  const says = `${named} is not read: give Word (.docx), PDF, text (.txt) or Markdown (.md). Another word processor's file can be saved as .docx.`;
  return refuse('invalid', 'lint.form', says);
}

function ask(task: Task, folder: string): Promise<FromChild> {
  const child = startChild(new URL('child.ts', import.meta.url), folder, memory);
  return new Promise((resolve, reject) => {
    let answer: FromChild | null = null;
    const late = setTimeout(() => {
      answer = { unreadable: 'took-too-long' };
      child.kill('SIGKILL');
    }, mostSeconds * 1_000);
    child.on('message', (message: FromChild) => {
      answer = message;
    });
    child.on('error', reject);
    child.on('close', (_code, killedBy) => {
      clearTimeout(late);
      // Whoever runs out of memory is ended by Node or by the system; anything else is a fault of ours.
      resolve(answer ?? (killedBy === null ? { fault: 'it ended' } : { unreadable: 'too-large' }));
    });
    // A child that is gone already says so by closing.
    child.send(task, () => {});
  });
}
