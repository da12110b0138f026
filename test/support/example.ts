import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Agreement,
  parseAgreement,
  proposeAgreement,
  signAgreement,
} from '../../src/agreements/index.ts';
import { createExample } from '../../src/main/example.ts';
import { findExamplePeople, findOrganisation } from '../../src/organisations/index.ts';
import type { Caller } from '../../src/organisations/rules.ts';
import type { Database } from '../../src/platform/database.ts';
import { canonicalJson, type Json } from '../../src/platform/pure/canonical-json.ts';
import type { Instant } from '../../src/platform/pure/dates.ts';
import { newId } from '../../src/platform/pure/ids.ts';
import type { Refusal } from '../../src/platform/refusal.ts';
import { type ShareData, type Shared, shareData } from '../../src/releases/index.ts';
import { decideRequest, makeRequest } from '../../src/requests/index.ts';
import { loadRulebook, shippedRules } from '../../src/rulebook/index.ts';
import { anInstance, type TestInstance } from './instance.ts';

const root = join(import.meta.dirname, '../..');

/** The real files of the example, by what they hold. */
export const files = {
  stopAndSearch: join(root, 'examples/data/2024-01-bedfordshire-stop-and-search.csv'),
  streetCrime: join(root, 'examples/data/2023-10-bedfordshire-street.csv'),
};

/** A day on which the example's agreement is in force. */
export const aWorkingDay: Instant = '2026-11-23T10:00:00.000Z';

export const rulebook = loadRulebook(shippedRules);

/** What an agreement says of a data set. */
export type DataSetTerms = Agreement['terms']['datasets'][number];

/** The example in an instance of its own, and what tests do with it. */
export type TestExample = TestInstance & {
  /** A folder for what tests write, removed at the end. */
  folder: string;
  /** The command line of a body. */
  commandLineOf(slug: string): Promise<Caller>;
  /** One of the example's five people. */
  personNamed(name: string): Promise<Caller>;
  /** Shares January's stop and searches with the commissioner, but for what is said. */
  share(but?: Partial<ShareData & { now: Instant; caller: Caller }>): Promise<Shared | Refusal>;
  /** A new agreement like the example's but for what is changed, signed by both (or as said). */
  agree(change: (agreement: Agreement) => Agreement, signers?: string[]): Promise<Agreement>;
  /** The same, where what is changed is what it says of its data sets. */
  agreeOn(change: (dataSet: DataSetTerms) => DataSetTerms): Promise<Agreement>;
  /** The reference of a request for stop and searches that Amina Yusuf made and Tom Reyes agreed to. */
  agreedRequest(but?: { agreement?: string; now?: Instant }): Promise<string>;
  /** The entries of a body's log, oldest first, as text. */
  logOf(slug: string): Promise<string[]>;
  /** What lies in staging: nothing, once anyone has been answered. */
  staged(): string[];
};

/** Makes the example. */
export async function anExample(): Promise<TestExample> {
  const made = await anInstance('example');
  const { instance, superuser } = made;
  const { database, sealer } = instance;
  await createExample(instance);
  const folder = mkdtempSync(join(tmpdir(), 'chirograph-example-'));
  let agreements = 0;
  let outs = 0;

  const commandLineOf = (slug: string) => callerOf(database, slug);
  const personNamed = async (name: string) => {
    const person = (await database.read(null, findExamplePeople)).find((one) => one.name === name);
    const slug = person?.organisationName === 'Westmarch Police' ? 'westmarch-police' : 'westmarch-opcc';
    if (!person) throw new Error(`${name} is not in the example`);
    return {
      ...(await commandLineOf(slug)),
      person: { id: person.personId, name, roles: person.roles },
    };
  };

  const agree: TestExample['agree'] = async (change, signers = ['Tom Reyes', 'Helen Marsh']) => {
    agreements += 1;
    const reference = `ISA-TEST-${agreements}`;
    const text = await readFile(join(root, 'examples/isa-2026-001.yaml'), 'utf8');
    const example = parseAgreement(text);
    if (!example.ok) throw new Error('The example is not an agreement');
    const changed = parseAgreement(canonicalJson({ ...change(example.agreement), reference } as Json));
    if (!changed.ok) throw new Error(JSON.stringify(changed.problems));
    const { agreement } = changed;
    const id = newId();
    const proposer = await personNamed('Tom Reyes');
    done(await proposeAgreement(database, proposer, id, agreement, '2025-12-10T09:30:00.000Z'));
    for (const name of signers) {
      const signer = await personNamed(name);
      done(await signAgreement(database, sealer, signer, id, null, '2025-12-15T10:00:00.000Z'));
    }
    return agreement;
  };

  return {
    ...made,
    folder,
    commandLineOf,
    personNamed,
    agree,
    agreeOn: (change) =>
      agree((agreement) => ({
        ...agreement,
        terms: { ...agreement.terms, datasets: agreement.terms.datasets.map(change) },
      })),
    async agreedRequest({ agreement = 'ISA-2026-001', now = aWorkingDay } = {}) {
      const need = 'To review a complaint about a search.';
      const ask = { agreement, dataSet: 'stop-and-search', purpose: 'complaint-reviews', need, neededBy: '' };
      const amina = await personNamed('Amina Yusuf');
      const { reference } = done(await makeRequest(database, amina, ask, null, now));
      const answer = { decision: 'share', reasons: 'It is needed, and nobody stands out.' } as const;
      const tom = await personNamed('Tom Reyes');
      done(await decideRequest(database, rulebook, tom, reference, answer, null, now));
      return reference;
    },
    async share(but = {}) {
      const { now = aWorkingDay, caller = await commandLineOf('westmarch-police'), ...given } = but;
      outs += 1;
      const usual = usualShare(join(folder, `out-${outs}`));
      return shareData(instance, rulebook, caller, { ...usual, ...given }, now);
    },
    async logOf(slug) {
      const { rows } = await superuser.query<{ entry: string }>(
        `select e.entry from ledger_entries e join organisations o on o.id = e.organisation_id
         where o.slug = $1 order by e.index`,
        [slug],
      );
      return rows.map((row) => row.entry);
    },
    staged: () => readdirSync(instance.folders.staging),
    async close() {
      await made.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** January's stop and searches, from the police of the example to the commissioner, into a folder. */
export function usualShare(out: string): ShareData {
  return {
    agreement: 'ISA-2026-001',
    dataSet: 'stop-and-search',
    to: 'westmarch-opcc',
    purpose: 'hold-to-account',
    input: files.stopAndSearch,
    out,
  };
}

/** The command line of a body in some database. */
export async function callerOf(database: Database, slug: string): Promise<Caller> {
  const found = await database.read(null, (db) => findOrganisation(db, slug));
  if (!found) throw new Error(`${slug} is not in the example`);
  return { organisation: { id: found.id, slug: found.slug, name: found.name }, person: null };
}

/** What was done; throws where it was refused. */
export function done<Answer extends { ok: true }>(answer: Answer | Refusal): Answer {
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.says}`);
  return answer;
}

/** The rows of a small CSV file without quoted commas, as the real files are. */
export function rowsOf(path: string): string[][] {
  const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  return text.split(/\r?\n/).map((line) => line.split(','));
}
