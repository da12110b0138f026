import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { z } from 'zod';
import { isRecipient } from '../platform/age.ts';
import { command, exits, optionalValue, refusedOutcome, value, values } from '../platform/command.ts';
import type { Json } from '../platform/pure/canonical-json.ts';
import { londonDay } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { stoppable } from '../platform/stoppable.ts';
import type { OutputForm } from './data-set.ts';
import { showProtected } from './protect-answer.ts';
import { protectFile } from './protect-file.ts';
import type { Counts } from './quality/drift.ts';
import { readTermsFile, termsJsonSchema } from './terms-file.ts';

export { termsExport, termsImport } from './odcs/odcs-cli.ts';
export { dataProfile } from './profile/profile-cli.ts';

type ProtectFlags = {
  terms: string;
  dataset: string;
  out: string;
  keyFile?: string;
  last?: string;
  recipient?: string[];
};

export const dataProtect = command<ProtectFlags, [string]>({
  brief: 'Turn a file into what may leave under the terms of a data set',
  full: 'What is not listed is dropped; what must be coded is coded; people who stand out are generalised with others or held back. OUT appears whole or not at all.',
  flags: {
    terms: value('TERMS', 'A file of terms, or an agreement'),
    dataset: value('ID', 'The data set, as the terms name it'),
    out: value('OUT', 'The file to make: it ends in .csv, .xlsx or .parquet, and .age where it is encrypted'),
    keyFile: optionalValue('KEY', 'The key of pseudonyms: 32 bytes, or 64 hex digits'),
    last: optionalValue(
      'ANSWER',
      'What this command answered the last time a file left (--json), for checks of drift',
    ),
    recipient: values('AGE1', 'Encrypt OUT to this age recipient; may be given again'),
  },
  args: [{ brief: 'The file to protect', placeholder: 'FILE' }],
  run: async (at, flags, file) => {
    const terms = await readTermsFile(resolve(at.folder, flags.terms));
    if (!terms) return refusedOutcome(missing('data.no-terms', flags.terms));
    if (!terms.ok) {
      const says = terms.problems.map(({ path, says: what }) => `${path}\n    ${what}`).join('\n');
      return {
        exit: exits.usage,
        json: { error: { code: 'data.terms', says }, problems: terms.problems },
        text: says,
      };
    }
    const dataSet = terms.dataSets.find(({ id }) => id === flags.dataset);
    if (!dataSet) {
      const there = terms.dataSets.map(({ id }) => id).join(', ');
      return refusedOutcome(
        refuse(
          'not-found',
          'data.no-data-set',
          `The terms have no data set ${flags.dataset}. They have: ${there}.`,
        ),
      );
    }
    const out = resolve(at.folder, flags.out);
    const recipients = flags.recipient ?? [];
    const unusable =
      refuseRecipients(recipients) ?? (await unusableOut(out, flags.out, recipients.length > 0));
    if (unusable) return refusedOutcome(unusable);
    const needsKey = dataSet.fields.some(({ use }) => use === 'pseudonymise');
    const key = await readKey(at.folder, flags.keyFile, needsKey);
    if (!Buffer.isBuffer(key)) return refusedOutcome(key);
    const last = flags.last === undefined ? null : await readLast(at.folder, flags.last);
    if (last && 'ok' in last) return refusedOutcome(last);
    // A link is the caller's own affair: what it leads to is what is read.
    const named = resolve(at.folder, file);
    const input = await realpath(named).catch(() => named);
    if (await isSameFile(input, out)) {
      const says = `${flags.out} is the file to protect, which would be lost. Give another name.`;
      return refusedOutcome(refuse('conflict', 'data.out', says));
    }
    const today = londonDay(at.now);
    const form = formOf(out) ?? 'csv';
    const job = { input, dataSet, pseudonymKey: key, out, form, today, last, recipients };
    return showProtected(await stoppable((ending) => protectFile(job, ending)), dataSet);
  },
});

export const termsSchema = command({
  brief: 'The JSON Schema of a file of terms, with an example',
  flags: {},
  run: async () => {
    const schema = termsJsonSchema() as Json;
    return { exit: exits.done, json: schema, text: JSON.stringify(schema, null, 2) };
  },
});

const forms: Record<string, OutputForm> = { '.csv': 'csv', '.parquet': 'parquet', '.xlsx': 'xlsx' };

function missing(code: string, file: string): Refusal {
  return refuse('not-found', code, `There is no file ${file} that can be read.`);
}

function refuseRecipients(recipients: readonly string[]): Refusal | null {
  const wrong = recipients.find((recipient) => !isRecipient(recipient));
  if (wrong === undefined) return null;
  const says = `"${wrong}" is not an age recipient. Give the public key that age-keygen prints, which starts with age1.`;
  return refuse('invalid', 'data.recipient', says);
}

/** What is written, by the name of the file: it may be in an age file. */
function formOf(out: string): OutputForm | undefined {
  return forms[extname(out.replace(/\.age$/, ''))];
}

async function unusableOut(path: string, named: string, encrypts: boolean): Promise<Refusal | null> {
  if (formOf(path) === undefined) {
    const says = `${named} must end in .csv, .xlsx or .parquet: that says what is written.`;
    return refuse('invalid', 'data.out', says);
  }
  if (encrypts !== (extname(path) === '.age')) {
    const says = encrypts
      ? `${named} is to be encrypted, so its name must end in .age.`
      : `${named} is the name of an encrypted file. Say who can open it with --recipient.`;
    return refuse('invalid', 'data.out', says);
  }
  const folder = await stat(dirname(path)).catch(() => null);
  if (!folder?.isDirectory()) {
    return refuse('not-found', 'data.out', `There is no folder for ${named}. Make it first.`);
  }
  const there = await stat(path).catch(() => null);
  return there && !there.isFile()
    ? refuse('conflict', 'data.out', `${named} is there, and is no file.`)
    : null;
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => stat(path).catch(() => null)));
  return Boolean(a && b && a.dev === b.dev && a.ino === b.ino);
}

const Answered = z
  .looseObject({
    rows: z.looseObject({ in: z.int().min(0), outside: z.int().min(0) }),
    blanks: z.array(z.strictObject({ field: z.string(), rows: z.int().min(0) })),
    // What was refused is no measure: the next like it would pass.
    output: z.looseObject({}),
  })
  .refine(({ rows, blanks }) => blanks.every((one) => one.rows <= rows.in - rows.outside))
  .refine(({ rows }) => rows.outside <= rows.in);

async function readLast(folder: string, file: string): Promise<Counts | Refusal> {
  const text = await readFile(resolve(folder, file), 'utf8').catch(() => null);
  if (text === null) return missing('data.no-last', file);
  const answered = Answered.safeParse(parsed(text));
  if (answered.success) {
    const { rows, blanks } = answered.data;
    return { rows: rows.in - rows.outside, blanks };
  }
  const says = `${file} is not what "chirograph data protect --json" answers where a file leaves. Give what it answered the last time that one did.`;
  return refuse('invalid', 'data.last', says);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function readKey(folder: string, file: string | undefined, needed: boolean): Promise<Buffer | Refusal> {
  if (file === undefined) {
    if (!needed) return Buffer.alloc(32); // for nothing: no value is coded
    return refuse(
      'invalid',
      'data.no-key',
      'These terms make pseudonyms. Give the file of their key with --key-file.',
    );
  }
  const bytes = await readFile(resolve(folder, file)).catch(() => null);
  if (!bytes) return missing('data.no-key', file);
  if (bytes.length === 32) return bytes;
  const text = bytes.toString('latin1').trim();
  if (/^[0-9A-Fa-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  return refuse(
    'invalid',
    'data.key',
    `${file} is no key: it must hold 32 bytes, or 64 hex digits and nothing else.`,
  );
}
