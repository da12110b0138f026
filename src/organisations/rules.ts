import { z } from 'zod';
import type { Actor } from '../platform/database.ts';
import type { Visitor } from '../platform/http/index.ts';

/** The roles of CJS data-sharing guidance 2023 s.5.1 and the two policies; a person may hold several. */
export const roles = {
  practitioner: 'Practitioner',
  spoc: 'Single point of contact',
  dpo: 'Data protection officer',
  'information-asset-owner': 'Information asset owner',
  siro: 'Senior information risk owner',
  'chief-executive': 'Chief executive',
  custodian: 'Custodian',
  signatory: 'Signatory',
  auditor: 'Auditor',
  administrator: 'Administrator',
} as const;

/** One of the roles of a person in an organisation. */
export type Role = keyof typeof roles;

/** A role as the database keeps it. */
export const Role = z.enum(Object.keys(roles) as [Role, ...Role[]]);

/** A public body, as anybody may know it. */
export type Organisation = { id: string; slug: string; name: string };

/** A role that somebody holds only because a colleague handed it to them: by which delegation, and from whom. */
export type Delegated = { role: Role; delegation: string; from: string };

/**
 * Somebody in an organisation, with every role that counts now. `delegated` says which of them are not their own.
 * Personal data: never in a log, an error or the ledger.
 */
export type Person = { id: string; name: string; roles: Role[]; delegated?: readonly Delegated[] };

/**
 * A person with the roles of their own and those that colleagues have delegated to them: the only place where the two come
 * together, for every page, rule and list. What they hold themselves is not held for anybody else.
 */
export function withDelegated(person: Person, delegations: readonly Delegated[]): Person {
  const delegated = delegations.filter((one) => !person.roles.includes(one.role));
  const roles = [...new Set([...person.roles, ...delegated.map((one) => one.role)])];
  return { ...person, roles, delegated };
}

/** Who is doing something: a person of an organisation, or its command line (no person), run by its operator. */
export type Caller = { organisation: Organisation; person: Person | null };

/** Whoever is signed in, as a caller. Throws for nobody: only for routes that need somebody. */
export function callerOf(visitor: Visitor): Caller {
  if (visitor === null) throw new Error('A route for those signed in was asked by nobody');
  const { id, name, roles: held, delegated = [] } = visitor.person;
  return {
    organisation: visitor.organisation,
    person: {
      id,
      name,
      roles: held.map((one) => Role.parse(one)),
      delegated: delegated.map((one) => ({ ...one, role: Role.parse(one.role) })),
    },
  };
}

/** What the database is told of a caller. */
export function actorOf(caller: Caller): Actor {
  return { organisationId: caller.organisation.id, personId: caller.person?.id ?? null };
}

/**
 * Whether a caller holds one of the roles. The command line holds every role of its organisation: whoever
 * runs it can read the keys anyway (docs/security.md). A rule that needs two people still needs two.
 */
export function holdsRole(caller: Caller, allowed: readonly Role[]): boolean {
  return caller.person === null || caller.person.roles.some((role) => allowed.includes(role));
}

/** By which authority somebody acts: a role of their own, or one under a delegation; and the person whose role it is. */
export type Authority = { under: string | null; whose: string };

/**
 * The authority by which a person may do what one of these roles may, or null: a role of their own before one that was
 * delegated to them, and of those one that is not of the people in `notOf`, if there is one.
 */
export function authorityOf(
  person: Person,
  allowed: readonly Role[],
  notOf: readonly string[] = [],
): Authority | null {
  const delegated = person.delegated ?? [];
  const own = person.roles.some(
    (role) => allowed.includes(role) && !delegated.some((one) => one.role === role),
  );
  if (own) return { under: null, whose: person.id };
  const may = delegated.filter((one) => allowed.includes(one.role));
  const [chosen] = [...may.filter((one) => !notOf.includes(one.from)), ...may];
  return chosen ? { under: chosen.delegation, whose: chosen.from } : null;
}

/** What an entry of the ledger says of the authority of whoever acts: the delegation, where there is one. */
export function underOf(caller: Caller, allowed: readonly Role[]): { under: string } | Record<never, never> {
  const under = caller.person && authorityOf(caller.person, allowed)?.under;
  return under ? { under } : {};
}

/** The short name of an organisation: it stands in agreements, keys and commands. */
export const Slug = z
  .string()
  .trim()
  .regex(/^[a-z][a-z0-9-]{1,62}$/, 'Use small letters, digits and hyphens, such as westmarch-police');

/** A public body's name. */
export const OrganisationName = z
  .string()
  .trim()
  .min(2, 'Give the name of your organisation')
  .max(200, 'Give a name of at most 200 characters')
  .regex(/^\P{Cc}*$/u, 'Give the name on one line');

/** A password as people choose it. Characters are counted as they are hashed: an emoji is one. */
export const Password = z
  .string()
  .refine(
    (given) => lengthOf(given) >= 12,
    'Choose a password of at least 12 characters; three random words are good',
  )
  .refine((given) => lengthOf(given) <= 200, 'Choose a password of at most 200 characters');

function lengthOf(password: string): number {
  return [...password.normalize('NFKC')].length;
}

/** A person's name: on one line, since it is printed to terminals too. */
export const PersonName = z
  .string()
  .trim()
  .min(1, 'Give a name')
  .max(200, 'Give a name of at most 200 characters')
  .regex(/^\P{Cc}*$/u, 'Give the name on one line');

/** Changing one's own password. */
export const ChangePassword = z.object({
  old: z.string().min(1, 'Enter your password').max(1000, 'A password here has at most 200 characters'),
  password: Password,
});

/** The address that a person signs in with. */
export const Email = z
  .email('Give an email address, such as name@example.gov.uk')
  .max(254, 'Give an email address of at most 254 characters');

/** Setting up a body: what the first page of an empty instance asks. */
export const SetUpOrganisation = z.object({
  code: z
    .string()
    .min(1, 'Enter the set-up code: the service printed it on its console')
    .max(100, 'That is not the set-up code: it has 16 letters and digits'),
  organisation: OrganisationName,
  slug: Slug,
  name: z.string().trim().min(1, 'Give your name').max(200, 'Give a name of at most 200 characters'),
  email: Email,
  password: Password,
});
export type SetUpOrganisation = z.infer<typeof SetUpOrganisation>;

/** A short name made from a name: `Westmarch Police` gives `westmarch-police`. Empty where nothing of it can be used. */
export function slugFrom(name: string): string {
  const plain = name.normalize('NFKD').replace(/[\u0300-\u036f]/g, '');
  const words =
    plain
      .toLowerCase()
      .replace(/[’']/g, '')
      .match(/[a-z0-9]+/g) ?? [];
  return words
    .join('-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63)
    .replace(/-$/, '');
}

/** The public half of an organisation's keys: what a partner keeps and `--keys` takes. */
export const PublicKeys = z.strictObject({
  organisation: z.string(),
  name: z.string(),
  /** ES256, as a JSON Web Key: signs agreements and manifests. */
  signing: z.strictObject({
    crv: z.literal('P-256'),
    kty: z.literal('EC'),
    x: z.base64url().length(43),
    y: z.base64url().length(43),
  }),
  /** age recipient: what files are encrypted to. */
  receiving: z.string().startsWith('age1'),
  /** C2SP verifier key (Ed25519): signs checkpoints of the log. */
  log: z.string(),
});
export type PublicKeys = z.infer<typeof PublicKeys>;

/** Keys that nothing new is signed with by its organisation, and that verify what was, or what others signed. */
export type OtherKeys = {
  /** The keys of its earlier logs, the latest first: receipts from those still verify. */
  earlierLogs: string[];
  /** The key it cosigns its partners' checkpoints with; null until it first does. */
  witness: string | null;
};

/** A key page: the keys of one or more organisations. */
export const KeyPage = z.strictObject({
  chirograph: z.literal('keys/1'),
  organisations: z
    .array(
      PublicKeys.extend({
        /** Keys of earlier logs of the organisation. */
        earlierLogs: z.array(z.string()).exactOptional(),
        /** C2SP verifier key (Ed25519, timestamped): cosigns the checkpoints of its partners' logs. */
        witness: z.string().exactOptional(),
      }),
    )
    .min(1),
  /** Keys of witnesses that are no organisation's here: each from its own operator. */
  witnesses: z.array(z.string()).exactOptional(),
});
export type KeyPage = z.infer<typeof KeyPage>;

/** A key page of one organisation. */
export function keyPage(keys: PublicKeys, { earlierLogs, witness }: OtherKeys): KeyPage {
  const others = {
    ...(earlierLogs.length > 0 && { earlierLogs }),
    ...(witness !== null && { witness }),
  };
  return { chirograph: 'keys/1', organisations: [{ ...keys, ...others }] };
}

/** Roles in words: `Information asset owner and signatory`. */
export function showRoles(held: readonly Role[]): string {
  const words = new Intl.ListFormat('en-GB').format(held.map((role) => roles[role].toLowerCase()));
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * Keys that a verifier held before: a key page, or (without the log's) those that signed an agreement it has. Where the
 * log's key is not held, it is trusted as far as a manifest signed by the organisation names it.
 */
export type TrustedKeys = {
  organisations: (Pick<PublicKeys, 'organisation' | 'signing'> & {
    log: string | null;
    earlierLogs?: string[];
    witness?: string;
  })[];
  witnesses?: string[];
};

/** The verifier keys of witnesses among keys that are held. */
export function witnessKeysOf({ organisations, witnesses = [] }: TrustedKeys): string[] {
  return [...organisations.flatMap(({ witness }) => witness ?? []), ...witnesses];
}

/** The verifier keys of logs among keys that are held, with whose they are. */
export function logKeysOf(trusted: TrustedKeys): { organisation: string; vkey: string }[] {
  return trusted.organisations.flatMap(({ organisation, log, earlierLogs = [] }) =>
    [...(log === null ? [] : [log]), ...earlierLogs].map((vkey) => ({ organisation, vkey })),
  );
}
