import { z } from 'zod';
import { Role } from '../organisations/rules.ts';
import { canonicalJson } from '../platform/pure/canonical-json.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import { inPlainWords, type Problem, problemOf, readYaml } from '../platform/pure/read-document.ts';
import { isBlank } from './blanks.ts';
import { inconsistencies } from './consistency.ts';
import { AgreementDay, Organisation, Terms, Words } from './terms.ts';

const Contact = z.strictObject({ title: Words, email: z.email('Write an email address.') });

const Party = z.strictObject({
  organisation: Organisation,
  legalName: Words,
  status: Words,
  address: Words,
  registration: Words.meta({ description: "The body's entry in the regulator's register of fee payers" }),
  role: z.enum(['controller', 'joint-controller', 'processor']),
  contacts: z.strictObject({ spoc: Contact, dpo: Contact }),
  maySign: z.array(Role).min(1, 'Say which role may sign for this party.'),
});

const Clause = z.strictObject({
  id: z.string().regex(/^[0-9A-Z]+(\.[0-9A-Z]+)*$/, 'Number a clause as 4 or 4.2.'),
  heading: Words.exactOptional(),
  text: Words,
});

const AgreementDocument = z.strictObject({
  chirograph: z.literal('agreement/1'),
  reference: z.string().regex(/^[A-Z0-9]+(-[A-Z0-9]+)*$/, 'Use capitals, digits and hyphens: ISA-2026-001.'),
  version: z.int().positive('The first version is 1.'),
  type: z.enum(['ISA', 'MoU', 'DSA']),
  title: Words,
  owner: Words.meta({ description: 'The post that looks after this document' }),
  startsOn: AgreementDay,
  endsOn: AgreementDay.meta({ description: 'The last day on which data may be shared' }),
  marking: z.enum(['OFFICIAL', 'OFFICIAL-SENSITIVE']),
  parties: z.array(Party).min(2, 'An agreement has two parties or more.'),
  clauses: z.array(Clause).min(1, 'An agreement has words as well as terms.'),
  terms: Terms,
});

/** An agreement: the clauses people read and the terms software enforces, as one signed document. */
export type Agreement = z.infer<typeof AgreementDocument>;

export type ParsedAgreement = { ok: true; agreement: Agreement } | { ok: false; problems: Problem[] };

/**
 * Reads an agreement from YAML or JSON text. Answers with every problem of one kind at once: first the
 * text itself, then the shape of the document, then whether its parts agree with one another.
 */
export function parseAgreement(text: string): ParsedAgreement {
  const read = readYaml(text);
  if (!read.ok) return read;
  const shaped = AgreementDocument.safeParse(read.value, { error: inPlainWords });
  if (!shaped.success) return { ok: false, problems: shaped.error.issues.map(problemOf) };
  const problems = inconsistencies(shaped.data);
  return problems.length === 0 ? { ok: true, agreement: shaped.data } : { ok: false, problems };
}

/**
 * Reads an agreement of which something may be left blank, so that it can be looked at before it is whole: `[say how long]`
 * may stand where a text, a number, a day or a choice does, and the value is then those words, whatever its type says. Whether
 * its parts agree is for parseAgreement.
 */
export function parseDraft(text: string): ParsedAgreement {
  const read = readYaml(text);
  if (!read.ok) return read;
  const shaped = AgreementDocument.safeParse(read.value, { error: inPlainWords });
  if (shaped.success) return { ok: true, agreement: shaped.data };
  const others = shaped.error.issues.filter((issue) => !isOpen(issue, read.value));
  if (others.length > 0) return { ok: false, problems: others.map(problemOf) };
  return { ok: true, agreement: read.value as Agreement };
}

// A blank has no parts: it does not stand for a list or a whole part of the document, but for who may sign.
function isOpen(issue: z.core.$ZodIssue, document: unknown): boolean {
  const { path } = issue;
  const value = path.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
    document,
  );
  const hasParts = issue.code === 'invalid_type' && ['object', 'array'].includes(issue.expected);
  return isBlank(value) && (!hasParts || path.at(-1) === 'maySign');
}

/**
 * `sha256:` and 64 hex digits over the canonical JSON of an agreement: what each party signs. The same
 * agreement has the same digest however its YAML is laid out.
 */
export function agreementDigest(agreement: Agreement): string {
  return `sha256:${sha256Hex(canonicalJson(agreement))}`;
}

/** The JSON Schema (2020-12) of an agreement document, for editors and other people's checks. */
export function agreementJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(AgreementDocument.meta({ title: 'Chirograph agreement, version 1' }));
}
