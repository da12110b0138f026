import { resolve } from 'node:path';
import { findTrouble, integrateOwn, refuseStopped } from '../ledger/index.ts';
import { type CommandAt, command, exits, type Outcome, refusedOutcome, value } from '../platform/command.ts';
import type { Instance } from '../platform/instance.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { erasePerson } from './erase-person.ts';
import { exportIdentity } from './export-identity.ts';
import { type Caller, keyPage } from './rules.ts';
import { findOrganisation, findPublicOrganisations } from './store.ts';

/** The organisation a command is run for: its command line, with no person. */
async function callerNamed(
  instance: Instance,
  slug: string,
): Promise<{ ok: true; caller: Caller } | Refusal> {
  const found = await instance.database.read(null, (db) => findOrganisation(db, slug));
  if (found)
    return {
      ok: true,
      caller: { organisation: { id: found.id, slug: found.slug, name: found.name }, person: null },
    };
  const known = await instance.database.read(null, findPublicOrganisations);
  const names = known.map((one) => one.slug).join(', ') || 'none yet';
  return refuse(
    'not-found',
    'organisation.not-found',
    `There is no organisation ${slug} here. There are: ${names}.`,
  );
}

const as = value('ORG', 'The organisation you act for, by its short name');

export const keysShow = command<{ as: string }>({
  brief: 'Show the public keys of an organisation: what --keys takes',
  flags: { as },
  run: async (at, flags) => {
    const instance = await at.instance('command');
    const found = await instance.database.read(null, (db) => findOrganisation(db, flags.as));
    if (!found?.keys) return unknownOrganisation(instance, flags.as);
    const page = keyPage(found.keys);
    return { exit: exits.done, json: page, text: JSON.stringify(page, null, 2) };
  },
});

export const keysExport = command<{ as: string; ageIdentity: string }>({
  brief: 'Take out the key an organisation decrypts with, for age -d',
  full: 'Writes the age identity to a new file that only you can read. Taking it out is an entry in the ledger.',
  flags: { as, ageIdentity: value('FILE', 'The new file to write the identity to') },
  run: async (at, flags) => {
    const found = await openToAct(at, flags.as);
    if (!found.ok) return refusedOutcome(found);
    const { instance } = found;
    const path = resolve(at.folder, flags.ageIdentity);
    const exported = await exportIdentity(instance.database, instance.sealer, found.caller, path, at.now);
    if (!exported.ok) return refusedOutcome(exported);
    await integrateOwn(instance, found.caller.organisation.id);
    return {
      exit: exits.done,
      json: { path, recipient: exported.recipient },
      text: `${path} holds the age identity of ${found.caller.organisation.name}.\nIt opens everything sent to ${exported.recipient}. Keep it secret, and delete it when you are done.\nThat it was taken out is in the ledger.`,
    };
  },
});

export const peopleErase = command<{ as: string }, [string]>({
  brief: 'Erase a person’s details; what they did stays in the log, without them',
  flags: { as },
  args: [{ brief: 'The id of the person', placeholder: 'PERSON' }],
  run: async (at, flags, person) => {
    const found = await openToAct(at, flags.as);
    if (!found.ok) return refusedOutcome(found);
    const { instance } = found;
    const erased = await erasePerson(instance.database, found.caller, person, at.now);
    if (!erased.ok) return refusedOutcome(erased);
    await integrateOwn(instance, found.caller.organisation.id);
    return {
      exit: exits.done,
      json: { erased: person },
      text: 'The details are erased, and the salts that tied this person to the log are destroyed. The log still verifies.',
    };
  },
});

async function unknownOrganisation(instance: Instance, slug: string): Promise<Outcome> {
  const found = await callerNamed(instance, slug);
  return found.ok
    ? refusedOutcome(refuse('not-found', 'keys.none', `${slug} has no keys yet.`))
    : refusedOutcome(found);
}

/** The same for a command that acts: refused up front, with the reason, while the organisation's log is stopped. */
export async function openToAct(
  at: CommandAt,
  slug: string,
): Promise<{ ok: true; instance: Instance; caller: Caller } | Refusal> {
  const opened = await openFor(at, slug);
  if (!opened.ok) return opened;
  const trouble = await findTrouble(opened.instance, opened.caller.organisation.id);
  return trouble ? refuseStopped(trouble) : opened;
}

/** Opens the instance and finds who a command is run for, in one step. */
export async function openFor(
  at: CommandAt,
  slug: string,
): Promise<{ ok: true; instance: Instance; caller: Caller } | Refusal> {
  const instance = await at.instance('command');
  const found = await callerNamed(instance, slug);
  return found.ok ? { ok: true, instance, caller: found.caller } : found;
}
