import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sealerOf } from '../platform/seal.ts';
import { keysPage } from './key-pages.ts';
import { SetUpOrganisation, showRoles, slugFrom } from './rules.ts';
import { setUpCode } from './set-up.ts';
import { readSetUp, setUpPage } from './set-up-pages.ts';
import { exampleSignInPage } from './sign-in-pages.ts';

const tom = {
  personId: 'p1',
  name: 'Tom Reyes',
  roles: ['information-asset-owner' as const, 'signatory' as const],
  organisationId: 'o1',
  organisationName: 'Westmarch Police',
};

describe('signing in to the example', () => {
  test('people stand under their organisation, with their roles in words and what they can try', () => {
    const amina = {
      personId: 'p2',
      name: 'Amina Yusuf',
      roles: ['practitioner' as const],
      organisationId: 'o2',
      organisationName: 'Westmarch Police and Crime Commissioner',
    };
    const { bodies, next } = exampleSignInPage([tom, amina], '/ledger');
    expect(next).toBe('/ledger');
    expect(bodies.map((body) => [body.name, body.people.map((one) => one.name)])).toEqual([
      ['Westmarch Police', ['Tom Reyes']],
      ['Westmarch Police and Crime Commissioner', ['Amina Yusuf']],
    ]);
    expect(bodies[0]?.people[0]).toMatchObject({ id: 'p1', roles: 'Information asset owner and signatory' });
    expect(bodies[1]?.people[0]?.tries.join()).toContain('Ask for data');
  });

  test('roles in words', () => {
    expect(showRoles(['dpo'])).toBe('Data protection officer');
    expect(showRoles(tom.roles)).toBe('Information asset owner and signatory');
  });
});

describe('setting up', () => {
  test.each([
    ['Westmarch Police', 'westmarch-police'],
    ['  St. Mary’s & Æ Council (2026) ', 'st-marys-council-2026'],
    ['Cyngor Sir Ynys Môn', 'cyngor-sir-ynys-mon'],
    ['3 Rivers District Council', 'rivers-district-council'],
    ['警察', ''],
  ])('a short name is made from %s', (name, slug) => {
    expect(slugFrom(name)).toBe(slug);
  });

  test('an empty short name is made from the name; a typed one is kept', () => {
    expect(readSetUp({ organisation: 'Westmarch Police', slug: '' }).slug).toBe('westmarch-police');
    expect(readSetUp({ organisation: 'Westmarch Police', slug: 'wp' }).slug).toBe('wp');
  });

  test('the password is taken as typed, and never shown again', () => {
    const typed = readSetUp({ organisation: 'Westmarch Police', password: ' three random words ' });
    expect(typed.password).toBe(' three random words ');
    expect(JSON.stringify(setUpPage(typed as never))).not.toContain('random');
  });

  test('what is missing is said for each field, in the form’s order', () => {
    const read = SetUpOrganisation.safeParse(readSetUp({}));
    expect(read.success).toBe(false);
    const fields = read.success ? [] : [...new Set(read.error.issues.map((issue) => issue.path[0]))];
    expect(fields).toEqual(['code', 'organisation', 'slug', 'name', 'email', 'password']);
  });

  test('the set-up code is the same for an instance, another for the next, and easy to type', () => {
    const key = randomBytes(32);
    expect(setUpCode(sealerOf(key))).toBe(setUpCode(sealerOf(key)));
    expect(setUpCode(sealerOf(key))).not.toBe(setUpCode(sealerOf(randomBytes(32))));
    expect(setUpCode(sealerOf(key))).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  });
});

test('the page of public keys shows what people compare, and links to the file that --keys takes', () => {
  const keys = {
    organisation: 'westmarch-police',
    name: 'Westmarch Police',
    signing: { crv: 'P-256', kty: 'EC', x: 'x'.repeat(43), y: 'y'.repeat(43) },
    receiving: 'age1abc',
    log: 'westmarch-police/ledger/0+1+A',
  } as const;
  expect(keysPage([{ keys, fingerprint: 'print', earlierLogs: ['old'], witness: 'cosigns' }]).bodies).toEqual(
    [
      {
        name: 'Westmarch Police',
        slug: 'westmarch-police',
        fingerprint: 'print',
        log: keys.log,
        receiving: 'age1abc',
        earlierLogs: ['old'],
        witness: 'cosigns',
        download: { href: '/keys/westmarch-police.json', name: 'westmarch-police-keys.json' },
      },
    ],
  );
});
