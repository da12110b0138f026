import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  findAgreement,
  parseAgreement,
  proposeAgreement,
  signAgreement,
} from '../../src/agreements/index.ts';
import { cosignPartners, integratePending } from '../../src/ledger/index.ts';
import { createExample } from '../../src/main/example.ts';
import { delegateRole } from '../../src/organisations/delegate-role.ts';
import { saveDelegation } from '../../src/organisations/delegation-store.ts';
import {
  erasePerson,
  findOrganisation,
  makeLink,
  signInToExample,
  signOut,
  useLink,
} from '../../src/organisations/index.ts';
import { type Caller, Role } from '../../src/organisations/rules.ts';
import { savePerson } from '../../src/organisations/store.ts';
import { canonicalJson } from '../../src/platform/pure/canonical-json.ts';
import { addToDay, instantOf, londonDay } from '../../src/platform/pure/dates.ts';
import { sha256 } from '../../src/platform/pure/hash.ts';
import { newId } from '../../src/platform/pure/ids.ts';
import type { Refusal } from '../../src/platform/refusal.ts';
import { acknowledgeRelease, approveRelease, prepareRelease } from '../../src/releases/index.ts';
import { addRun } from '../../src/releases/run-store.ts';
import { decideRequest, findRequest, makeRequest } from '../../src/requests/index.ts';
import { loadRulebook, shippedRules } from '../../src/rulebook/index.ts';
import type { TestInstance } from './instance.ts';
import { nowhere } from './sign-in.ts';

const input = join(import.meta.dirname, '../../examples/data/2024-01-bedfordshire-stop-and-search.csv');

/** Who visits, each by the token of a session: everybody of a body, somebody without a role, and those who were somebody. */
export type Sessions = Record<
  | 'a third body'
  | 'the police'
  | 'the commissioner'
  | 'the police without the role'
  | 'the commissioner without the role'
  | 'an ended session'
  | 'an erased person'
  | 'a delegation that is over'
  | 'a delegation that has not begun'
  | 'a used link'
  | 'a link',
  string
>;

/**
 * The example with something in every state between the police and the commissioner: a signed agreement and a draft; a
 * request that waits, that is agreed (and a file being prepared for it), refused and answered; a release prepared, sent and collected. And people to try it.
 */
export async function twoBodies({ instance }: Pick<TestInstance, 'instance'>): Promise<Sessions> {
  const { database } = instance;
  await createExample(instance);
  const rulebook = loadRulebook(shippedRules);
  const now = () => instantOf(new Date());
  const everything = Role.options;
  const preparer = await newPerson('westmarch-police', everything);
  const police = await newPerson('westmarch-police', everything);
  const commissioner = await newPerson('westmarch-opcc', everything);
  const council = await newPerson('avonbury-council', everything);

  const signed = await database.read(actor(police), (db) => findAgreement(db, 'ISA-2026-001'));
  const draft = parseAgreement(canonicalJson({ ...signed?.agreement, reference: 'ISA-2026-002' } as never));
  if (!draft.ok) throw new Error('The draft does not parse');
  done(await proposeAgreement(database, police, newId(), draft.agreement, now()));

  await ask();
  await decide(await ask(), 'refuse');
  await run(await decide(await ask(), 'share'));
  await prepare(await decide(await ask(), 'share'));
  await approve(await prepare(await decide(await ask(), 'share')));
  const collected = await approve(await prepare(await decide(await ask(), 'share')));
  done(await acknowledgeRelease(instance, commissioner, collected, null, now()));
  await integratePending(instance);

  const ended = await signIn(police);
  const session = {
    organisationId: police.organisation.id,
    personId: police.person.id,
    tokenHash: sha256(ended),
  };
  await signOut(database, session);
  const leaver = await newPerson('westmarch-police', everything);
  const erased = await signIn(leaver);
  done(await erasePerson(database, police, leaver.person.id, now()));
  await integratePending(instance);
  await cosignPartners(instance);
  const newcomer = await newPerson('westmarch-police', ['practitioner']);
  const today = londonDay(now());
  const fortnight = { from: today, until: addToDay(today, { days: 14 }) };
  const lent = { role: 'dpo', to: newcomer.person.id, ...fortnight } as const;
  done(await delegateRole(database, police, lent, null, now()));
  await otherAgreement();
  await integratePending(instance);
  return {
    'a third body': await signIn(council),
    'the police': await signIn(police),
    'the commissioner': await signIn(commissioner),
    'the police without the role': await signIn(await newPerson('westmarch-police', ['auditor'])),
    'the commissioner without the role': await signIn(await newPerson('westmarch-opcc', ['auditor'])),
    'an ended session': ended,
    'an erased person': erased,
    'a delegation that is over': await withDelegations(-7, -1),
    'a delegation that has not begun': await withDelegations(1, 7),
    'a used link': await link(true),
    'a link': await link(false),
  };

  // The commissioner has an agreement with the third body too: being a party to that one opens nothing of this one.
  async function otherAgreement(): Promise<void> {
    const words = canonicalJson({ ...signed?.agreement, reference: 'ISA-2026-003' } as never);
    const other = parseAgreement(words.replaceAll('westmarch-police', 'avonbury-council'));
    if (!other.ok) throw new Error('The other agreement does not parse');
    const id = newId();
    done(await proposeAgreement(database, council, id, other.agreement, now()));
    for (const signer of [council, commissioner])
      done(await signAgreement(database, instance.sealer, signer, id, null, now()));
  }

  /** Somebody of the police who may nothing, but for every role there is, from some days off to others. */
  async function withDelegations(from: number, until: number): Promise<string> {
    const person = await newPerson('westmarch-police', ['auditor']);
    for (const role of everything.filter((one) => one !== 'administrator')) {
      const [fromDay, untilDay] = [addToDay(today, { days: from }), addToDay(today, { days: until })];
      const whose = { id: newId(), from: police.person.id, to: person.person.id, givenAt: now() };
      await database.write(actor(police), (tx) => saveDelegation(tx, { ...whose, role, fromDay, untilDay }));
    }
    return signIn(person);
  }

  /** A one-time link of somebody of the police, tried as if it were a session. */
  async function link(used: boolean): Promise<string> {
    const person = await newPerson('westmarch-police', everything);
    const made = await database.write(actor(police), (tx) =>
      makeLink(tx, person.person.id, 'invitation', now()),
    );
    if (made !== null && used) await database.write(actor(police), (tx) => useLink(tx, made, now()));
    return made ?? '';
  }

  async function ask(): Promise<string> {
    const given = {
      agreement: 'ISA-2026-001',
      dataSet: 'stop-and-search',
      purpose: 'complaint-reviews',
      need: 'To review a complaint about a search.',
      neededBy: '',
    };
    return done(await makeRequest(database, commissioner, given, null, now())).reference;
  }

  async function decide(request: string, decision: 'share' | 'refuse'): Promise<string> {
    const given = { decision, reasons: 'Given after reading what they ask for.' };
    return done(await decideRequest(database, rulebook, police, request, given, null, now())).reference;
  }

  async function run(key: string): Promise<void> {
    const process = await database.mark();
    await database.write(actor(police), async (tx) => {
      const request = await findRequest(tx, key);
      const whose = { organisationId: police.organisation.id, begunBy: police.person.id, begunAt: now() };
      const far = { bytes: 1, bytesRead: 0, step: null, cancelAsked: false, state: 'running' } as const;
      const id = newId();
      await addRun(
        tx,
        { id, requestId: request?.id ?? '', ...whose, ...far, process, says: null, release: null },
        now(),
      );
    });
  }

  async function prepare(request: string): Promise<string> {
    const prepared = done(await prepareRelease(instance, rulebook, preparer, request, input, null, now()));
    if (prepared.refused) throw new Error('The rules refused what was to be prepared');
    return prepared.reference;
  }

  async function approve(release: string): Promise<string> {
    const approved = done(await approveRelease(instance, rulebook, police, release, null, now()));
    if (approved.outcome !== 'sent') throw new Error('The rules refused what was to be sent');
    return approved.reference;
  }

  async function newPerson(slug: string, roles: Role[]): Promise<Caller & { person: { id: string } }> {
    const organisation = await database.read(null, (db) => findOrganisation(db, slug));
    if (!organisation) throw new Error(`${slug} is not in the example`);
    const { id, name } = organisation;
    const person = { id: newId(), name: 'Somebody Else', roles };
    const email = `${randomBytes(6).toString('hex')}@example.test`;
    await database.write({ organisationId: id, personId: null }, (tx) =>
      savePerson(tx, { ...person, organisationId: id, email, passwordHash: null }, now()),
    );
    return { organisation: { id, slug, name }, person };
  }

  async function signIn({ person }: { person: { id: string } }): Promise<string> {
    return done(await signInToExample(database, person.id, nowhere, now())).token;
  }
}

function actor({ organisation }: Caller) {
  return { organisationId: organisation.id, personId: null };
}

function done<Answer extends { ok: true }>(answer: Answer | Refusal): Answer {
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.says}`);
  return answer;
}
