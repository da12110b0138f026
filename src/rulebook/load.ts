import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  getValidRequestEnvsPolicy,
  type PolicyJson,
  policyToJson,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Day } from '../platform/pure/dates.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import {
  annotationsSchema,
  type Citation,
  citationName,
  citationSchema,
  inForce,
  type Rule,
  type Rulebook,
} from './rule.ts';
import { wordsIn, wordsOfAgreement, wordsOfApproval, wordsOfData } from './words.ts';

/** The folder of rules that this version ships. */
export const shippedRules = join(import.meta.dirname, '../../rulebook');

const PERMIT = 'permit';

type Policy = { id: string; text: string; json: PolicyJson };

/**
 * Loads a folder of Cedar rules: one rule a file, named by its id; `permit.cedar`; `schema.cedarschema`;
 * `citations.yaml`. Throws, naming every file that is wrong, unless all of it parses and passes Cedar's strict
 * validation, every sentence can be filled and every citation is known.
 */
export function loadRulebook(folder: string): Rulebook {
  const files = readdirSync(folder)
    .filter((name) => /\.(cedar|cedarschema|yaml)$/.test(name))
    .sort();
  const bytes = new Map(files.map((name) => [name, readFileSync(join(folder, name))]));
  const read = (name: string): string => bytes.get(name)?.toString('utf8') ?? missing(name);
  const schema = read('schema.cedarschema');
  const citations = z.array(citationSchema).parse(parse(read('citations.yaml')));

  const policies = eachOrFault(
    files.filter((name) => name.endsWith('.cedar')),
    (name) => readPolicy(name.replace(/\.cedar$/, ''), read(name)),
  );
  validateStrictly(schema, policies);

  const permit = policies.find((policy) => policy.id === PERMIT);
  if (!permit || !isBarePermit(permit.json))
    throw new Error('permit.cedar must permit everything, unconditionally');
  const rules = eachOrFault(
    policies.filter((policy) => policy !== permit),
    (policy) => readRule(policy, schema, citations),
  );
  return {
    hash: hashOf(bytes),
    schema,
    permit: permit.text,
    rules,
  };
}

/** As `sha256sum` would list the files, by name, and the SHA-256 of that list: anyone can check it with a shell. */
function hashOf(files: Map<string, Buffer>): string {
  const lines = [...files].map(([name, bytes]) => `${sha256Hex(bytes)}  ${name}\n`);
  return `sha256:${sha256Hex(lines.join(''))}`;
}

function readPolicy(id: string, text: string): Policy {
  const answer = policyToJson(text);
  if (answer.type === 'failure') throw new Error(messages(answer.errors));
  const { id: named } = answer.json.annotations ?? {};
  if (named !== id) throw new Error(`@id must be the file's name, "${id}"`);
  return { id, text, json: answer.json };
}

function validateStrictly(schema: string, policies: Policy[]): void {
  const staticPolicies = Object.fromEntries(policies.map((policy) => [policy.id, policy.text]));
  const answer = validate({ schema, policies: { staticPolicies } });
  if (answer.type === 'failure')
    throw new Error(`The rulebook's schema is wrong: ${messages(answer.errors)}`);
  const faults = [...answer.validationErrors, ...answer.validationWarnings].map(({ error }) => error);
  if (faults.length > 0) throw new Error(`The rulebook does not match its schema: ${messages(faults)}`);
}

function isBarePermit(json: PolicyJson): boolean {
  const scopes = [json.principal, json.action, json.resource];
  return (
    json.effect === 'permit' && json.conditions.length === 0 && scopes.every((scope) => scope.op === 'All')
  );
}

function readRule({ text, json }: Policy, schema: string, citations: Citation[]): Rule {
  if (json.effect !== 'forbid' || !json.conditions.some((clause) => clause.kind === 'unless')) {
    throw new Error('a rule is "forbid ... unless"');
  }
  const annotations = annotationsSchema.safeParse(json.annotations);
  if (!annotations.success) throw new Error(z.prettifyError(annotations.error));
  const { until = null, cite, ...said } = annotations.data;
  const cited = cite.split(' | ').map((name) => findCitation(name, citations));
  if (!cited.some((citation) => covers(citation, said.from, until))) {
    throw new Error('no citation is in force for as long as the rule is');
  }
  checkWords([said.found, said.limit, said.fix], actionsOf(text, schema));
  return {
    ...said,
    until,
    cite: cited,
    policy: text,
    looksAt: {
      ...json,
      effect: 'permit',
      conditions: json.conditions.filter((clause) => clause.kind === 'when'),
    },
  };
}

/** The actions that the rule's scope lets it look at. */
function actionsOf(policy: string, schema: string): string[] {
  const answer = getValidRequestEnvsPolicy(policy, schema);
  if (answer.type === 'failure') throw new Error(answer.error);
  return answer.actions;
}

function checkWords(sentences: string[], actions: string[]): void {
  const known = [
    ...wordsOfAgreement,
    ...(actions.includes('Action::"decide"') ? [] : wordsOfData),
    ...(actions.some((action) => action !== 'Action::"release"') ? [] : wordsOfApproval),
  ];
  for (const word of sentences.flatMap(wordsIn)) {
    if (!known.includes(word)) throw new Error(`nothing is known to say for {${word}}`);
  }
}

function findCitation(name: string, citations: Citation[]): Citation {
  const found = citations.find((citation) => citationName(citation) === name);
  if (!found) throw new Error(`"${name}" is not in citations.yaml`);
  return found;
}

function covers(citation: Citation, from: Day, until: Day | null): boolean {
  return inForce(citation, from) && (citation.until === null || (until !== null && until <= citation.until));
}

/** Reads each, and reports every fault at once, each with the name of its file. */
function eachOrFault<T extends string | Policy, U>(items: T[], readOne: (item: T) => U): U[] {
  const faults: string[] = [];
  const results = items.flatMap((item) => {
    try {
      return [readOne(item)];
    } catch (fault) {
      faults.push(`${typeof item === 'string' ? item : `${item.id}.cedar`}: ${(fault as Error).message}`);
      return [];
    }
  });
  if (faults.length > 0) throw new Error(`The rulebook cannot be used.\n${faults.join('\n')}`);
  return results;
}

function messages(errors: { message: string; help: string | null }[]): string {
  return errors.map(({ message, help }) => (help === null ? message : `${message} (${help})`)).join('; ');
}

function missing(name: string): never {
  throw new Error(`The rulebook has no ${name}`);
}
