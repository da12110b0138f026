import { type ErrorCode, parseDocument } from 'yaml';
import { z } from 'zod';
import { Role } from '../organisations/rules.ts';
import { canonicalJson } from '../platform/pure/canonical-json.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
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

/** One thing wrong with a document: where (`terms.shares[0].dataSet`, or `line 12`) and what to do. */
export type Problem = { path: string; says: string };

export type ParsedAgreement = { ok: true; agreement: Agreement } | { ok: false; problems: Problem[] };

/** The longest agreement read, in characters: several times the longest agreements in use. */
const longest = 1_000_000;

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

const yamlFaults: Partial<Record<ErrorCode, string>> = {
  DUPLICATE_KEY: 'This name is given twice. Keep one of them.',
  MULTIPLE_DOCS: 'A second document starts here. Put one agreement in a file.',
  TAG_RESOLVE_FAILED: 'There is a tag here (a word that starts with !). Take it out.',
};

// The text may come from anybody. No tags (they name types of YAML's own), no aliases (a few lines of
// them unfold to gigabytes) and no repeated keys (a reader would see one value, and a program another).
function readYaml(text: string): { ok: true; value: unknown } | { ok: false; problems: Problem[] } {
  const refuse = (path: string, says: string) => ({ ok: false as const, problems: [{ path, says }] });
  if (text.length > longest)
    return refuse('document', 'This is over a million characters: too long to read.');
  const parsed = parseDocument(text, { schema: 'core', resolveKnownTags: false, uniqueKeys: true });
  const faults = [...parsed.errors, ...parsed.warnings].map((fault) => ({
    path: fault.linePos ? `line ${fault.linePos[0].line}` : 'document',
    says:
      yamlFaults[fault.code] ?? `This is not plain YAML or JSON: ${fault.message.split(/ at line /, 1)[0]}.`,
  }));
  if (faults.length > 0) return { ok: false, problems: faults };
  try {
    return { ok: true, value: parsed.toJS({ maxAliasCount: 0 }) };
  } catch (fault) {
    if (!(fault instanceof ReferenceError)) throw fault;
    return refuse(
      'document',
      'An agreement is written out in full. Replace each alias (*name) with its value.',
    );
  }
}

function problemOf(issue: z.core.$ZodIssue): Problem {
  const path = issue.path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('');
  return { path: path.replace(/^\./, '') || 'document', says: issue.message };
}

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of named values',
};

function inPlainWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'This is missing. Add it.';
      if (issue.expected === 'string') return 'This must be text. Put it in quotation marks.';
      return `This must be ${kinds[issue.expected] ?? issue.expected}.`;
    case 'unrecognized_keys':
      return `There is no such part here: ${issue.keys.join(', ')}. Check the spelling, or take it out.`;
    case 'invalid_value':
      if (issue.input === undefined) return `This is missing. Choose one of: ${issue.values.join(', ')}.`;
      return `This must be one of: ${issue.values.join(', ')}.`;
    case 'too_small':
      return 'This is too short or too small.';
    default:
      return 'This is not in the form an agreement needs.';
  }
}
