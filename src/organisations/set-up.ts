import { timingSafeEqual } from 'node:crypto';
import type { Database } from '../platform/database.ts';
import type { Source } from '../platform/http/index.ts';
import { codeOf, plainCode } from '../platform/pure/codes.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { sha256 } from '../platform/pure/hash.ts';
import { newId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import type { Sealer } from '../platform/seal.ts';
import { makeOrganisation } from './create-organisation.ts';
import { newPasswordHash } from './passwords.ts';
import type { SetUpOrganisation } from './rules.ts';
import { type HalfSignedIn, startHalf } from './sign-in.ts';
import { lockOrganisations, needsSetup } from './store.ts';
import { attempt } from './throttle.ts';

/**
 * The code that lets whoever reads the service's console, and nobody else, set up an empty instance: 16 letters and
 * digits (80 bits) in fours. It is derived from the master key, so nothing is stored, a restart does not change it, and
 * every process of an instance says the same. Once there is an organisation it opens nothing.
 */
export function setUpCode(sealer: Sealer): string {
  return codeOf(sealer.derive('set-up code'));
}

/**
 * Sets up an empty live instance: its organisation, with the first person as administrator, half signed in: they set up
 * their second factor next. It happens once: of two people at the same moment the second is refused.
 */
export async function setUp(
  { database, sealer }: { database: Database; sealer: Sealer },
  given: SetUpOrganisation,
  from: Source,
  now: Instant,
): Promise<HalfSignedIn | Refusal> {
  const about = { what: 'set-up', whose: null, personId: null, from } as const;
  const known = await attempt({ database, sealer }, about, now, async () => checkCode(given.code, sealer));
  if (!known.ok) return known;
  const chosen = await newPasswordHash(given.password, given);
  if (!chosen.ok) return chosen;
  const organisation = { id: newId(), slug: given.slug, name: given.organisation };
  const { email } = given;
  const { passwordHash } = chosen;
  const person = { id: newId(), name: given.name, roles: ['administrator' as const], email, passwordHash };
  const made = await database.write({ organisationId: organisation.id, personId: null }, async (tx) => {
    await lockOrganisations(tx);
    if (!(await needsSetup(tx))) return null;
    await makeOrganisation(tx, sealer, organisation, [person], now);
    return startHalf(tx, { organisationId: organisation.id, personId: person.id }, from, now);
  });
  return made ?? refuse('not-found', 'set-up.done', 'This service has been set up already. Sign in.');
}

function checkCode(given: string, sealer: Sealer): { ok: true } | Refusal {
  const hashOf = (code: string) => sha256(plainCode(code));
  if (timingSafeEqual(hashOf(given), hashOf(setUpCode(sealer)))) return { ok: true };
  const says = 'That is not the set-up code. The service prints it on its console when it starts.';
  return refuse('invalid', 'set-up.code', says, 'code');
}
