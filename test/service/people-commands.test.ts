import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, aCommandLine, type CommandLine } from '../support/command.ts';

// Letting bodies and people in by the command line, as whoever runs the instance does before anybody can sign in.

let line: CommandLine;
beforeAll(async () => {
  line = aCommandLine();
  json(await line.run('example', '--json'));
});
afterAll(() => line.close());

function json(answer: Answer, exit = 0): Record<string, unknown> {
  expect(answer.exit, answer.err + answer.out).toBe(exit);
  expect(answer.err).toBe('');
  return JSON.parse(answer.out) as Record<string, unknown>;
}

const add = (slug: string, but: Record<string, string> = {}) => {
  const flags = {
    name: 'Eastfold Council',
    administrator: 'Uma Vance',
    email: 'uma@eastfold.example',
    ...but,
  };
  return [
    'organisations',
    'add',
    slug,
    ...Object.entries(flags).flatMap(([name, given]) => [`--${name}`, given]),
  ];
};

test('a body is added with its first administrator, and everybody knows its keys', async () => {
  const added = json(
    await line.run(...add('eastfold-council'), '--service', 'https://share.example/', '--json'),
  );
  expect(added['organisation']).toBe('eastfold-council');
  expect(added['link']).toMatch(/^https:\/\/share\.example\/link\/[A-Za-z0-9_-]{43}$/);
  const { organisations } = json(await line.run('organisations', 'list', '--json'));
  expect(organisations).toContainEqual({
    slug: 'eastfold-council',
    name: 'Eastfold Council',
    people: 1,
    administrators: 0,
  });
  expect(json(await line.run('keys', 'show', '--as', 'eastfold-council', '--json'))['chirograph']).toBe(
    'keys/1',
  );
  const again = json(await line.run(...add('eastfold-council', { email: 'x@y.example' }), '--json'), 5);
  expect(again['error']).toMatchObject({ code: 'organisation.exists' });
  const taken = json(await line.run(...add('northolt-council'), '--json'), 5);
  expect(taken['error']).toMatchObject({ code: 'person.address-taken' });
  expect(JSON.stringify(json(await line.run('organisations', 'list', '--json')))).not.toContain('northolt');
});

test.each([
  ['Eastfold', {}, 'small letters'],
  ['b', {}, 'small letters'],
  ['body', { name: 'x' }, 'name of your organisation'],
  ['body', { email: 'nobody' }, 'email address'],
  ['body', { administrator: 'a\nb' }, 'on one line'],
])('what a body cannot be is said: %s %j', async (slug, but, says) => {
  const refused = json(await line.run(...add(slug, but as Record<string, string>), '--json'), 2);
  expect(JSON.stringify(refused)).toContain(says);
});

test('people are let in, listed, given other roles and another link, and erased', async () => {
  const as = ['--as', 'westmarch-police', '--json'];
  const named = ['--name', 'Vic Ward', '--email', 'vic.ward@westmarch.example'];
  const added = json(
    await line.run('people', 'add', ...named, '--role', 'practitioner', '--role', 'spoc', ...as),
  );
  const person = String(added['person']);
  expect(added['link']).toMatch(/^\/link\//);
  const listed = async () =>
    (json(await line.run('people', 'list', ...as))['people'] as { id: string }[]).find(
      (one) => one.id === person,
    );
  expect(await listed()).toMatchObject({
    name: 'Vic Ward',
    roles: ['practitioner', 'spoc'],
    joined: false,
    link: { purpose: 'invitation' },
  });
  expect(json(await line.run('people', 'roles', person, '--role', 'dpo', ...as))['roles']).toEqual(['dpo']);
  expect(json(await line.run('people', 'link', person, ...as))['link']).not.toBe(added['link']);
  const unknown = await line.run('people', 'roles', person, '--role', 'emperor', ...as);
  expect([unknown.exit, unknown.err]).toEqual([2, expect.stringContaining('there is no emperor')]);
  expect(
    json(await line.run('people', 'link', person, '--as', 'westmarch-opcc', '--json'), 4)['error'],
  ).toBeDefined();
  expect(json(await line.run('people', 'erase', person, ...as))).toEqual({ erased: person });
  expect(await listed()).toBeUndefined();
  expect(json(await line.run('people', 'list', '--as', 'nobody', '--json'), 4)['error']).toBeDefined();
});
