import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { refuseStopped } from '../ledger/index.ts';
import { isIdentity } from '../platform/age.ts';
import {
  type CommandAt,
  command,
  exits,
  optionalValue,
  refusedOutcome,
  value,
  values,
} from '../platform/command.ts';
import { chunksOfFile } from '../platform/file-bytes.ts';
import type { Json } from '../platform/pure/canonical-json.ts';
import { counted } from '../platform/pure/words.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { backUpKeys } from './back-up-keys.ts';
import { decryptedKeys, type Keys, keysIn } from './keys.ts';
import { type Made, makeBackup } from './make-backup.ts';
import { refuseRecipients } from './new-file.ts';
import { type Restored, refuseNoFile, refuseUnread, restoreBackup } from './restore-backup.ts';
import { type Contents, rowsIn } from './rules.ts';
import { verifyBackup } from './verify-backup.ts';

const to = {
  to: value('FILE', 'The new file to write, or a folder to write one into'),
  recipient: values('AGE1', 'An age recipient who can open it; may be given again'),
  recipientsFile: optionalValue('FILE', 'Age recipients, one a line'),
};
type To = { to: string; recipient?: readonly string[]; recipientsFile?: string };

const from = {
  identity: value('FILE', 'The age identity that opens it'),
  keys: optionalValue('FILE', 'A backup of the instance’s keys; otherwise those in the data folder'),
};
type From = { identity: string; keys?: string };

const file: [{ brief: string; placeholder: string }] = [
  { brief: 'The file that "chirograph backup" wrote', placeholder: 'FILE' },
];

export const backup = command<To>({
  brief: 'Back up the database and the packages into one encrypted file, while the service runs',
  full: 'The file is an age file with a tar archive in it. The instance’s own keys are not in it: see "chirograph keys backup".',
  flags: to,
  run: async (at, flags) => {
    const recipients = await recipientsOf(at, flags);
    if (!recipients.ok) return refusedOutcome(recipients);
    const instance = await at.instance('command');
    const started = performance.now();
    const made = await makeBackup(instance, resolve(at.folder, flags.to), recipients.recipients, at.now);
    if (!made.ok) return refusedOutcome(made);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    return {
      exit: made.contents.missing.length === 0 ? exits.done : exits.refused,
      json: { backup: { ...shown(made), seconds } },
      text: showMade(made, seconds),
    };
  },
});

export const backupVerify = command<From, [string]>({
  brief: 'Prove a backup: restore it into a place of its own, and audit all that the ledger commits to',
  full: 'Needs as much room in the temporary folder (TMPDIR) as the instance takes. The instance is not touched.',
  flags: from,
  args: file,
  run: async (at, flags, name) => {
    const given = await whatOpens(at, flags);
    if (!given.ok) return refusedOutcome(given);
    const path = resolve(at.folder, name);
    const drilled = await verifyBackup(at.config(), given.keys, path, given.identities, at.now);
    if (!drilled.ok) return refusedOutcome(drilled);
    const { findings, header, contents } = drilled;
    const ok = findings.length === 0;
    const lines = findings.map(
      ({ table, row, wrong, todo }) => `  FAULT   ${table}: ${row}. ${wrong} ${todo}`,
    );
    return {
      exit: ok ? exits.done : exits.notVerified,
      json: { ok, findings, backup: { madeAt: header.madeAt, mode: header.mode, ...held(contents) } } as Json,
      text: [
        ...showContents(contents),
        ...lines,
        ok
          ? `${name} is whole: it was restored as of ${header.madeAt}, and all that the ledger commits to agrees.`
          : `${name} was restored, and not all of it agrees with the ledger. Do not rely on it alone: keep an earlier one.`,
      ].join('\n'),
    };
  },
});

export const restore = command<From, [string]>({
  brief: 'Restore a backup into an empty data folder and an empty database',
  full: 'Where they are is said by CHIROGRAPH_DATA and DATABASE_URL, as for the service. It never writes over an instance. One that was interrupted is run again.',
  flags: from,
  args: file,
  run: async (at, flags, name) => {
    const given = await whatOpens(at, flags);
    if (!given.ok) return refusedOutcome(given);
    const path = resolve(at.folder, name);
    const restored = await restoreBackup(at.config(), given.keys, path, given.identities, at.now);
    if (!restored.ok) return refusedOutcome(restored);
    const { header, contents, troubles, since } = restored;
    const stopped = troubles.map(({ origin, kind }) => ({ log: origin, why: kind }));
    return {
      exit: stopped.length === 0 ? exits.done : exits.conflict,
      json: {
        restored: { madeAt: header.madeAt, mode: header.mode, ...held(contents), stopped, since },
      } as Json,
      text: showRestored(restored),
    };
  },
});

export const keysBackup = command<To>({
  brief: 'Back up the instance’s own keys into a small encrypted file',
  full: 'With it and a backup, everything can be opened and signed; without it, nothing. Keep it apart from the backups.',
  flags: to,
  run: async (at, flags) => {
    const recipients = await recipientsOf(at, flags);
    if (!recipients.ok) return refusedOutcome(recipients);
    const path = resolve(at.folder, flags.to);
    const done = await backUpKeys(at.config().dataFolder, path, recipients.recipients, at.now);
    if (!done.ok) return refusedOutcome(done);
    return {
      exit: exits.done,
      json: { path: done.path },
      text: `${done.path} holds the keys of this instance. Keep it apart from the backups: who has both, and an identity that opens them, has everything.`,
    };
  },
});

async function recipientsOf(at: CommandAt, flags: To): Promise<{ ok: true; recipients: string[] } | Refusal> {
  const listed = flags.recipientsFile === undefined ? [] : await linesOf(at, flags.recipientsFile);
  if (listed === null) return refuseNoFile(flags.recipientsFile ?? '');
  const recipients = [...(flags.recipient ?? []), ...listed];
  return refuseRecipients(recipients) ?? { ok: true, recipients };
}

async function whatOpens(
  at: CommandAt,
  flags: From,
): Promise<{ ok: true; identities: string[]; keys: Keys } | Refusal> {
  const identities = await linesOf(at, flags.identity);
  if (identities === null) return refuseNoFile(flags.identity);
  if (identities.length === 0 || !identities.every(isIdentity)) {
    const says = `${flags.identity} is not an age identity. Give the file that age-keygen wrote, with a line that starts with AGE-SECRET-KEY-1.`;
    return refuse('invalid', 'backup.identity', says);
  }
  const { dataFolder } = at.config();
  const keys =
    flags.keys === undefined
      ? await keysIn(dataFolder)
      : await keysOf(resolve(at.folder, flags.keys), identities);
  if (keys === null) {
    const says = `There are no keys in ${dataFolder}/keys. Give the file that "chirograph keys backup" wrote with --keys, or put the folder back.`;
    return refuse('not-found', 'backup.no-keys', says);
  }
  return 'ok' in keys ? keys : { ok: true, identities, keys };
}

function keysOf(path: string, identities: string[]): Promise<Keys | Refusal> {
  return decryptedKeys(chunksOfFile(path), identities).catch((fault) => refuseUnread(path, fault));
}

/** The lines of a file that are neither empty nor comments; null where there is no such file. */
async function linesOf(at: CommandAt, path: string): Promise<string[] | null> {
  const text = await readFile(resolve(at.folder, path), 'utf8').catch(() => null);
  if (text === null) return null;
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

function held(contents: Contents) {
  const { packages, logs, missing } = contents;
  return { rows: rowsIn(contents), files: packages, logs, missing };
}

function shown({ path, madeAt, sha256, bytes, contents }: Made) {
  return { path, madeAt, sha256, bytes, keys: false, ...held(contents) };
}

function showContents(contents: Contents): string[] {
  const { tables, packages, logs, missing } = contents;
  return [
    `  Holds   ${counted(rowsIn(contents), 'row', 'rows')} of ${tables.length} tables, ${counted(packages, 'file', 'files')} of packages`,
    ...logs.map(
      ({ log, entries, waiting }) =>
        `  Log     ${log}: ${counted(entries, 'entry', 'entries')}${waiting === 0 ? '' : `, and ${waiting} waiting to be signed`}`,
    ),
    ...missing.map((what) => `  MISSING ${what}`),
  ];
}

function showMade(made: Made, seconds: number): string {
  const { path, madeAt, bytes, contents } = made;
  const missing =
    contents.missing.length === 0
      ? []
      : [
          'Files that were sent are missing from packages/, or are not what was sent. The backup has everything else.',
        ];
  return [
    ...missing,
    ...showContents(contents),
    `Backed up to ${path} (${inMegabytes(bytes)}) in ${seconds} s: everything acknowledged before ${madeAt}.`,
    'The keys are not in it, and a restore needs them: keep a "chirograph keys backup" somewhere else.',
  ].join('\n');
}

function showRestored({ header, contents, troubles, since }: Restored): string {
  const stopped = troubles.flatMap((trouble) => ['', refuseStopped(trouble).says]);
  return [
    `Restored as it was at ${header.madeAt}. Acts acknowledged after that are not here, unless a partner holds its half of them.`,
    ...showContents(contents),
    since.erasedAgain === 0
      ? 'People whose details were erased after that are back, unless they were in the file "gone" of this data folder: erase them again.'
      : `${counted(since.erasedAgain, 'person', 'people')} whose details were erased after that: they are erased again.`,
    ...since.destroyed.map(
      (reference) =>
        `${reference} was certified as destroyed after that, and its data is back: certify it again.`,
    ),
    troubles.length === 0
      ? 'Each log was proved from its first entry. Start the service.'
      : 'Not every log can be signed:',
    ...stopped,
  ].join('\n');
}

const inMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
