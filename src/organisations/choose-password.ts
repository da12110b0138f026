import type { Database } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';
import type { Refusal } from '../platform/refusal.ts';
import { findLink, useLink } from './links.ts';
import { newPasswordHash } from './passwords.ts';
import { linkOver } from './people-rules.ts';
import { lockPeople, savePassword } from './people-store.ts';
import { recordAct } from './record-act.ts';

/**
 * Uses a one-time link up: its holder has the password they chose, every session they had is over, and they sign in with
 * it like anybody. A password that is too easy uses nothing up. Of two who send the same link one is answered; the other is
 * told what everybody is whose link is over.
 */
export async function choosePassword(
  database: Database,
  token: string,
  password: string,
  now: Instant,
): Promise<{ ok: true } | Refusal> {
  const holder = await database.read(null, (db) => findLink(db, token, now));
  if (!holder) return linkOver;
  const chosen = await newPasswordHash(password, holder);
  if (!chosen.ok) return chosen;
  const actor = { organisationId: holder.organisation.id, personId: holder.personId };
  return database.write(actor, async (tx) => {
    await lockPeople(tx);
    const used = await useLink(tx, token, now);
    if (!used) return linkOver;
    await savePassword(tx, used.personId, chosen.passwordHash);
    await recordAct(tx, actor, 'person.password-chosen', { purpose: used.purpose }, now);
    return { ok: true } as const;
  });
}
