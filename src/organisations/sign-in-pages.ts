import { paths } from '../paths.ts';
import { type Answer, type Exchange, fieldOf, localOr, type Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { refuseForm } from '../platform/refusal.ts';
import { type Role, showRoles } from './rules.ts';
import { type HalfSignedIn, signIn, signInToExample, signOut } from './sign-in.ts';
import { SignIn } from './sign-in-rules.ts';
import { findExamplePeople } from './store.ts';
import { sessionOf } from './visitors.ts';

type ExamplePerson = Awaited<ReturnType<typeof findExamplePeople>>[number];

// What a role can try in the example, in the words of its pages.
const tries: Partial<Record<Role, string>> = {
  practitioner:
    'Ask for data, prepare a file for release, collect what was sent, certify that it is destroyed.',
  'information-asset-owner': 'Decide requests, approve releases that a colleague prepared, sign agreements.',
  dpo: 'See what is open and who must act, read the agreements and the ledger. Advises, and so decides nothing.',
  'chief-executive': 'Decide requests, approve releases, sign agreements.',
};

/** The example's sign-in page: its people by organisation, each with what they can try. */
export function exampleSignInPage(people: readonly ExamplePerson[], next: string) {
  const bodies = [...new Map(people.map((one) => [one.organisationId, one.organisationName]))];
  return {
    next,
    bodies: bodies.map(([id, name]) => ({
      name,
      people: people
        .filter((one) => one.organisationId === id)
        .map((one) => ({
          id: one.personId,
          name: one.name,
          roles: showRoles(one.roles),
          tries: one.roles.flatMap((role) => tries[role] ?? []),
        })),
    })),
  };
}

/** The sign-in page of a live instance, with what was typed but never the password. */
function signInPage(email: string, next: string) {
  return { next, email };
}

/** Signing in, one way or the other, and out. */
export function signInRoutes(instance: Instance): Route[] {
  const { database, mode } = instance;
  const show: Route['handle'] = async ({ query, visitor }) => {
    const next = localOr(query['next'], paths.today());
    if (mode === 'live') {
      return visitor === null ? { page: 'sign-in.njk', model: signInPage('', next) } : { goTo: next };
    }
    const people = await database.read(null, findExamplePeople);
    return { page: 'sign-in-example.njk', model: exampleSignInPage(people, next) };
  };

  const asPerson = async ({ form, from, now }: Exchange, next: string): Promise<Answer> => {
    const signedIn = await signInToExample(database, fieldOf(form, 'person'), from, now);
    return signedIn.ok ? { goTo: next, session: signedIn.token } : { refused: signedIn };
  };

  const withPassword = async ({ form, from, now }: Exchange, next: string): Promise<Answer> => {
    const page = { page: 'sign-in.njk', model: signInPage(fieldOf(form, 'email'), next) };
    const read = SignIn.safeParse({ email: fieldOf(form, 'email'), password: form['password'] ?? '' });
    if (!read.success) return { refused: refuseForm('sign-in', read.error.issues), ...page };
    const half = await signIn(instance, read.data, from, now);
    return half.ok ? { goTo: secondStepOf(half, next), session: half.token } : { refused: half, ...page };
  };

  return [
    { method: 'GET', path: paths.signIn(), who: 'anyone', handle: show },
    {
      method: 'POST',
      path: paths.signIn(),
      who: 'anyone',
      handle: async (exchange) => {
        const next = localOr(fieldOf(exchange.form, 'next'), paths.today());
        const answer = await (mode === 'example' ? asPerson : withPassword)(exchange, next);
        // Whoever sat here before is signed out: one browser, one session.
        const { visitor } = exchange;
        if (visitor !== null && 'session' in answer) await signOut(database, sessionOf(visitor));
        return answer;
      },
    },
    {
      method: 'POST',
      path: paths.signOut(),
      who: 'anyone',
      handle: async ({ visitor }) => {
        if (visitor !== null) await signOut(database, sessionOf(visitor));
        return { goTo: paths.signIn(), endSession: true, notice: 'You are signed out' };
      },
    },
  ];
}

/** Where half a sign-in goes on. */
export function secondStepOf(half: HalfSignedIn, next: string): string {
  const after = next === paths.today() ? undefined : next;
  return half.next === 'code' ? paths.signInCode(after) : paths.signInSecondFactor(after);
}
