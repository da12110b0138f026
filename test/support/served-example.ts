import { afterAll, beforeAll } from 'vitest';
import { signInToExample } from '../../src/organisations/index.ts';
import { instantOf } from '../../src/platform/pure/dates.ts';
import { anExample, type TestExample } from './example.ts';
import { aService } from './http.ts';
import { nowhere } from './sign-in.ts';

/** The example and its service for the tests of a file, with these people signed in. */
export function servedExample(...names: readonly string[]) {
  let example: TestExample;
  let service: Awaited<ReturnType<typeof aService>>;
  const sessions = new Map<string, string>();

  beforeAll(async () => {
    example = await anExample();
    service = await aService(example.instance);
    const { database } = example.instance;
    for (const name of names) {
      const { person } = await example.personNamed(name);
      const signedIn = await signInToExample(database, person?.id ?? '', nowhere, instantOf(new Date()));
      if (!signedIn.ok) throw new Error(`${name} cannot sign in: ${signedIn.says}`);
      sessions.set(name, signedIn.token);
    }
  });
  afterAll(async () => {
    await service?.close();
    await example?.close();
  });

  return {
    get example() {
      return example;
    },
    get service() {
      return service;
    },
    /** The token of one who is signed in. */
    sessionOf: (name: string) => sessions.get(name) ?? null,
  };
}
