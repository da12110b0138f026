import type { HttpOptions } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { proveAgain } from './second-factor.ts';
import { findSession, touchSession } from './session-store.ts';
import type { SessionOf } from './sign-in.ts';
import { hasHappened, isRecent } from './sign-in-rules.ts';

const touchedEvery = 60_000; // ms; a write for each page would be one too many

/** How the web service finds out who visits, and asks them again who they are: every visit asks the database. */
export function visitorsOf(instance: Instance): Pick<HttpOptions, 'findVisitor' | 'standing' | 'prove'> {
  const { database, mode } = instance;
  return {
    findVisitor: async (tokenHash, now) => {
      const found = await database.read(null, (db) => findSession(db, tokenHash, now));
      // A session from the future is of a clock that was wrong: nobody knows when it should end.
      if (!found || !hasHappened(found.seenAt, now)) return null;
      const { organisation, person, seenAt, provedAt } = found;
      if (provedAt !== null && Date.parse(now) - Date.parse(seenAt) >= touchedEvery) {
        const actor = { organisationId: organisation.id, personId: person.id };
        await database.write(actor, (tx) => touchSession(tx, tokenHash, now));
      }
      return { organisation, person, provedAt, sessionId: tokenHash.toString('hex') };
    },
    standing: (visitor, now) => {
      if (mode === 'example') return 'not-asked';
      return visitor?.provedAt && isRecent(visitor.provedAt, now) ? 'recent' : 'ask';
    },
    prove: (visitor, code, now) => proveAgain(instance, sessionOf(visitor), code, now),
  };
}

/** The session that a visitor comes with. */
export function sessionOf(visitor: Parameters<HttpOptions['standing']>[0]): SessionOf {
  if (visitor === null) throw new Error('A route for those with a session was asked by nobody');
  return {
    organisationId: visitor.organisation.id,
    personId: visitor.person.id,
    tokenHash: Buffer.from(visitor.sessionId, 'hex'),
  };
}
