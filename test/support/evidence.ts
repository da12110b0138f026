import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportAgreement, findAgreement } from '../../src/agreements/index.ts';
import { exportLog, integratePending } from '../../src/ledger/index.ts';
import { createExample } from '../../src/main/example.ts';
import { findOrganisation } from '../../src/organisations/index.ts';
import { type Caller, type KeyPage, keyPage } from '../../src/organisations/rules.ts';
import { readTrustedKeys, verifyPath } from '../../src/overview/verify.ts';
import type { Instant } from '../../src/platform/pure/dates.ts';
import { collectRelease, shareData } from '../../src/releases/index.ts';
import { loadRulebook, shippedRules } from '../../src/rulebook/index.ts';
import { usualShare } from './example.ts';
import { anInstance } from './instance.ts';

/** Everything Chirograph hands out that anybody can verify, as paths in one folder: of one example, shared for real. */
export type Evidence = {
  /** Two packages: stop and search, and street crime. */
  package: string;
  otherPackage: string;
  /** The first package as its recipient collected it, with the data opened. */
  collected: string;
  /** The sender's log. */
  log: string;
  agreement: string;
  /** The sender's key page, as it prints it. */
  keys: string;
  /** Both parties' keys. */
  keysOfBoth: KeyPage;
  /** A folder to work in. */
  folder: string;
  close(): void;
};

// A day on which the example's agreement is in force.
const aWorkingDay: Instant = '2026-11-23T10:00:00.000Z';
const examples = join(import.meta.dirname, '../../examples/data');

/** Makes the example, shares two files, collects one, exports the rest. Every call has keys of its own. */
export async function makeEvidence(): Promise<Evidence> {
  const { instance, close } = await anInstance('example');
  const folder = mkdtempSync(join(tmpdir(), 'chirograph-evidence-'));
  try {
    await createExample(instance);
    const { database } = instance;
    const body = async (slug: string) => {
      const found = await database.read(null, (db) => findOrganisation(db, slug));
      if (!found?.keys) throw new Error(`${slug} is not in the example`);
      const { id, name, keys } = found;
      const caller: Caller = { organisation: { id, slug, name }, person: null };
      return { caller, keys, actor: { organisationId: id, personId: null } };
    };
    const police = await body('westmarch-police');
    const commissioner = await body('westmarch-opcc');
    const share = async (dataSet: string, file: string) => {
      const given = { ...usualShare(join(folder, dataSet)), dataSet, input: join(examples, file) };
      const shared = await shareData(instance, loadRulebook(shippedRules), police.caller, given, aWorkingDay);
      if (!shared.ok || shared.outcome !== 'sent') throw new Error(`${dataSet} was not sent`);
      return { id: shared.id, path: given.out };
    };
    const first = await share('stop-and-search', '2024-01-bedfordshire-stop-and-search.csv');
    const second = await share('street-crime', '2023-10-bedfordshire-street.csv');

    const collected = join(folder, 'collected');
    const done = await collectRelease(instance, commissioner.caller, first.id, collected, aWorkingDay);
    if (!done.ok) throw new Error(done.says);

    const log = join(folder, 'log');
    await integratePending(instance);
    const exported = await exportLog(instance, police.actor.organisationId, log);
    if (!exported.ok) throw new Error(exported.says);
    const kept = await database.read(police.actor, (db) => findAgreement(db, 'ISA-2026-001'));
    if (!kept) throw new Error('The example has no agreement');
    const agreement = join(folder, 'ISA-2026-001.json');
    writeFileSync(agreement, exportAgreement(kept));
    const keys = join(folder, 'keys.json');
    writeFileSync(keys, JSON.stringify(keyPage(police.keys, { earlierLogs: [], witness: null }), null, 2));
    return {
      package: first.path,
      otherPackage: second.path,
      collected,
      log,
      agreement,
      keys,
      keysOfBoth: { chirograph: 'keys/1', organisations: [police.keys, commissioner.keys] },
      folder,
      close: () => rmSync(folder, { recursive: true, force: true }),
    };
  } finally {
    await close();
  }
}

/** Every file under a folder, by its path in it. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** The names of the checks of what lies at a path that fail, by keys from a file or without; none where it verifies. */
export async function failing(path: string, keys: string | null = null): Promise<string[]> {
  const trusted = keys === null ? null : await readTrustedKeys(keys);
  if (keys !== null && trusted === null) throw new Error(`${keys} holds no keys`);
  const verified = await verifyPath(path, trusted);
  if (!verified) throw new Error(`There is nothing at ${path}`);
  return verified.checks.filter((check) => !check.ok && !check.advisory).map((check) => check.name);
}
