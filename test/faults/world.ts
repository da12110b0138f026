import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findAgreement, parseAgreement, proposeAgreement } from '../../src/agreements/index.ts';
import { integratePending } from '../../src/ledger/index.ts';
import { createExample } from '../../src/main/example.ts';
import { findExamplePeople, findOrganisation, signInToExample } from '../../src/organisations/index.ts';
import type { Caller } from '../../src/organisations/rules.ts';
import { readConfig } from '../../src/platform/config.ts';
import { openInstance } from '../../src/platform/instance.ts';
import { canonicalJson, type Json } from '../../src/platform/pure/canonical-json.ts';
import { instantOf } from '../../src/platform/pure/dates.ts';
import { newId } from '../../src/platform/pure/ids.ts';
import {
  acknowledgeRelease,
  approveRelease,
  collectRelease,
  prepareRelease,
} from '../../src/releases/index.ts';
import { decideRequest, makeRequest } from '../../src/requests/index.ts';
import { loadRulebook, shippedRules } from '../../src/rulebook/index.ts';
import { done } from '../support/example.ts';
import { nowhere } from '../support/sign-in.ts';

// Run once, as a process of its own: `node test/faults/world.ts FOLDER`. Makes the data folder that every run copies:
// the example with one thing waiting for each journey, and somebody signed in for each.

/** What a run finds: references of what waits to be done, and the tokens of who may do it. */
export type World = {
  waiting: string;
  agreed: string;
  prepared: string;
  sent: string;
  collected: string;
  agreement: string;
  sessions: Record<'Dan Okafor' | 'Tom Reyes' | 'Amina Yusuf' | 'Helen Marsh', string>;
  /** Lines of people's data, as it came in and as it left: they lie in clear nowhere but in staging. */
  secrets: string[];
};

const root = join(import.meta.dirname, '../..');
/** The file that runs share. */
export const input = join(root, 'examples/data/2024-01-bedfordshire-stop-and-search.csv');

if (process.argv[1] === import.meta.filename) await makeWorld(process.argv[2] ?? '');

async function makeWorld(folder: string): Promise<void> {
  const config = readConfig({ CHIROGRAPH_DATA: join(folder, 'data') }, folder);
  if ('faults' in config) throw new Error(config.faults.join());
  const instance = await openInstance(config, 'creating command');
  const { database } = instance;
  const rulebook = loadRulebook(shippedRules);
  const now = instantOf(new Date());
  await createExample(instance);
  const people = await database.read(null, findExamplePeople);

  const personNamed = async (name: string): Promise<Caller & { person: { id: string } }> => {
    const person = people.find((one) => one.name === name);
    const slug = person?.organisationName === 'Westmarch Police' ? 'westmarch-police' : 'westmarch-opcc';
    const organisation = await database.read(null, (db) => findOrganisation(db, slug));
    if (!person || !organisation) throw new Error(`${name} is not in the example`);
    const { id } = organisation;
    return {
      organisation: { id, slug, name: organisation.name },
      person: { id: person.personId, name, roles: person.roles },
    };
  };
  const [dan, tom, amina, helen] = await Promise.all(
    ['Dan Okafor', 'Tom Reyes', 'Amina Yusuf', 'Helen Marsh'].map(personNamed),
  );
  if (!dan || !tom || !amina || !helen) throw new Error('Not all of them are there');
  const signIn = async ({ person }: { person: { id: string } }) =>
    done(await signInToExample(database, person.id, nowhere, now)).token;

  const ask = async () => {
    const given = {
      agreement: 'ISA-2026-001',
      dataSet: 'stop-and-search',
      purpose: 'complaint-reviews',
      need: 'To review a complaint about a search.',
      neededBy: '',
    };
    return done(await makeRequest(database, amina, given, null, now)).reference;
  };
  const decided = async () => {
    const given = { decision: 'share', reasons: 'It is needed for the review.' } as const;
    return done(await decideRequest(database, rulebook, tom, await ask(), given, null, now)).reference;
  };
  const prepared = async () =>
    done(await prepareRelease(instance, rulebook, dan, await decided(), input, null, now)).reference;
  const sent = async () =>
    done(await approveRelease(instance, rulebook, tom, await prepared(), null, now)).reference;

  const signed = await database.read({ organisationId: tom.organisation.id, personId: null }, (db) =>
    findAgreement(db, 'ISA-2026-001'),
  );
  const agreement = 'ISA-2026-002';
  const draft = parseAgreement(canonicalJson({ ...signed?.agreement, reference: agreement } as Json));
  if (!draft.ok) throw new Error('The draft does not parse');
  done(await proposeAgreement(database, tom, newId(), draft.agreement, now));

  const collected = await sent();
  done(await acknowledgeRelease(instance, amina, collected, null, now));
  const opened = join(folder, 'opened');
  done(await collectRelease(instance, amina, collected, opened, now));
  const world: World = {
    waiting: await ask(),
    agreed: await decided(),
    prepared: await prepared(),
    sent: await sent(),
    collected,
    agreement,
    sessions: {
      'Dan Okafor': await signIn(dan),
      'Tom Reyes': await signIn(tom),
      'Amina Yusuf': await signIn(amina),
      'Helen Marsh': await signIn(helen),
    },
    secrets: [input, join(opened, 'stop-and-search.csv')].map((file) => lineOf(file, 100)),
  };
  await integratePending(instance);
  await instance.close();
  writeFileSync(join(folder, 'world.json'), JSON.stringify(world, null, 2));
}

function lineOf(file: string, number: number): string {
  const line = readFileSync(file, 'utf8').split(/\r?\n/)[number];
  if (line === undefined) throw new Error(`${file} is too short`);
  return line;
}
