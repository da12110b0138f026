import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { createOrganisation, findOrganisation } from '../../src/organisations/index.ts';
import { hashPassword } from '../../src/organisations/passwords.ts';
import type { Organisation, Person, PublicKeys, Role } from '../../src/organisations/rules.ts';
import { findKey } from '../../src/organisations/store.ts';
import type { Instance } from '../../src/platform/instance.ts';
import type { Chance } from './chance.ts';

/** A body of the seeded instance, with its people and what it signs by. */
export type Body = Organisation & {
  keys: PublicKeys;
  people: Person[];
  /** Signs bytes as the service does (ES256, detached), without asking the database for the key each time. */
  sign(header: Record<string, string>, bytes: Uint8Array): { protected: string; signature: string };
};

/** Whoever signs in here signs in with it. The people are fictional, and the instance lives as long as its folder. */
const password = 'three random words';

const everyone: Role[][] = [
  ['practitioner'],
  ['information-asset-owner', 'signatory'],
  ['dpo'],
  ['chief-executive'],
  ['practitioner', 'spoc'],
];

const names = [
  'Northshire',
  'Westbrook',
  'Avonbury',
  'Eastmere',
  'Southwold',
  'Holmfirth',
  'Marlow',
  'Thornbury',
];
const kinds = ['Police', 'Council', 'NHS Trust', 'Fire and Rescue', 'Probation'];

/** The name and short name of one body of the forty. The first is the one that is a party to most of everything. */
function nameOf(at: number): { slug: string; name: string } {
  const name = `${names[at % names.length]} ${kinds[Math.floor(at / names.length) % kinds.length]}`;
  const again = Math.floor(at / (names.length * kinds.length));
  const whole = again === 0 ? name : `${name} ${again + 1}`;
  return { name: whole, slug: whole.toLowerCase().replaceAll(' ', '-') };
}

/** Makes bodies as the service makes them: keys, a log and people who can sign in. */
export async function makeBodies(
  { database, sealer }: Instance,
  count: number,
  chance: Chance,
  since: number,
): Promise<Body[]> {
  const passwordHash = await hashPassword(password);
  const bodies: Body[] = [];
  for (let at = 0; at < count; at += 1) {
    const organisation = { id: chance.idAt(since), ...nameOf(at) };
    const people = everyone.map((roles, number) => ({
      id: chance.idAt(since),
      name: `${['Dan', 'Tom', 'Priya', 'Helen', 'Amina'][number]} of ${organisation.name}`,
      roles,
      email: `person-${number}@${organisation.slug}.example`,
      passwordHash,
    }));
    await createOrganisation(database, sealer, organisation, people, new Date(since).toISOString());
    const keys = (await database.read(null, (db) => findOrganisation(db, organisation.slug)))?.keys;
    if (!keys) throw new Error('A body without keys');
    const actor = { organisationId: organisation.id, personId: null };
    const { sealed } = await database.read(actor, (db) => findKey(db, organisation.id, 'signing'));
    const der = sealer.open(sealed, `organisation signing key ${organisation.id}`);
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    bodies.push({ ...organisation, keys, people, sign: await signerOf(key, keys) });
  }
  return bodies;
}

async function signerOf(key: KeyObject, keys: PublicKeys): Promise<Body['sign']> {
  const kid = await calculateJwkThumbprint(keys.signing);
  return (header, bytes) => {
    const head = Buffer.from(JSON.stringify({ ...header, alg: 'ES256', kid })).toString('base64url');
    const input = Buffer.from(`${head}.${Buffer.from(bytes).toString('base64url')}`);
    const signature = sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' });
    return { protected: head, signature: signature.toString('base64url') };
  };
}

/** A person of a body with a role. */
export function personWith(body: Body, role: Role): Person {
  const person = body.people.find((one) => one.roles.includes(role));
  if (!person) throw new Error(`${body.name} has no ${role}`);
  return person;
}
