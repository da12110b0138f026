import { resolve } from 'node:path';
import { integrateOwn } from '../ledger/index.ts';
import { command, exits, type Outcome, refusedOutcome, value } from '../platform/command.ts';
import type { Instance } from '../platform/instance.ts';
import { refuse } from '../platform/refusal.ts';
import { exportIdentity } from './export-identity.ts';
import { callerNamed, openToAct } from './open-for.ts';
import { keyPage } from './rules.ts';
import { findOrganisation } from './store.ts';

export { openFor, openToAct } from './open-for.ts';
export {
  organisationsAdd,
  organisationsList,
  peopleAdd,
  peopleErase,
  peopleLink,
  peopleList,
  peopleResetSignIn,
  peopleRoles,
} from './people-cli.ts';

const as = value('ORG', 'The organisation you act for, by its short name');

export const keysShow = command<{ as: string }>({
  brief: 'Show the public keys of an organisation: what --keys takes',
  flags: { as },
  run: async (at, flags) => {
    const instance = await at.instance('command');
    const found = await instance.database.read(null, (db) => findOrganisation(db, flags.as));
    if (!found?.keys) return unknownOrganisation(instance, flags.as);
    const page = keyPage(found.keys, found);
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

async function unknownOrganisation(instance: Instance, slug: string): Promise<Outcome> {
  const found = await callerNamed(instance, slug);
  return found.ok
    ? refusedOutcome(refuse('not-found', 'keys.none', `${slug} has no keys yet.`))
    : refusedOutcome(found);
}
