import { findTrouble, refuseStopped } from '../ledger/index.ts';
import type { CommandAt } from '../platform/command.ts';
import type { Instance } from '../platform/instance.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import type { Caller } from './rules.ts';
import { findOrganisation, findPublicOrganisations } from './store.ts';

/** The organisation a command is run for: its command line, with no person. */
export async function callerNamed(
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

/** Opens the instance and finds who a command is run for, in one step. */
export async function openFor(
  at: CommandAt,
  slug: string,
): Promise<{ ok: true; instance: Instance; caller: Caller } | Refusal> {
  const instance = await at.instance('command');
  const found = await callerNamed(instance, slug);
  return found.ok ? { ok: true, instance, caller: found.caller } : found;
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
