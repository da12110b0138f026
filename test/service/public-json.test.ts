import { afterAll, beforeAll, expect, test } from 'vitest';
import { Register } from '../../src/agreements/rules.ts';
import { createExample } from '../../src/main/example.ts';
import { findOrganisation } from '../../src/organisations/index.ts';
import { KeyPage, keyPage } from '../../src/organisations/rules.ts';
import { Health } from '../../src/overview/openapi.ts';
import { aService } from '../support/http.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';

let world: TestInstance;
let service: Awaited<ReturnType<typeof aService>>;
beforeAll(async () => {
  world = await anInstance('example');
  await createExample(world.instance);
  service = await aService(world.instance);
});
afterAll(async () => {
  await service.close();
  await world.close();
});

const json = async (url: string): Promise<unknown> =>
  JSON.parse((await service.visit({ method: 'GET', url, session: null })).body);

test('what the service describes for machines is what it answers, and it describes all of it', async () => {
  const { paths } = (await json('/openapi.json')) as { paths: Record<string, object> };
  const routes = service.routes.filter((route) => route.method === 'GET' && route.who === 'anyone');
  const answered = [];
  for (const { path } of routes) {
    const { body, status } = await service.visit({
      method: 'GET',
      url: path.replace(':slug', 'westmarch-police'),
      session: null,
    });
    if (status === 200 && body.startsWith('{')) answered.push(path.replace(/:(\w+)/, '{$1}'));
  }
  expect(Object.keys(paths).sort()).toEqual(answered.sort());
});

test('each answer is in the form that is described', async () => {
  expect(Health.parse(await json('/healthz'))).toEqual({ status: 'ok' });
  const register = Register.parse(await json('/register.json'));
  expect(register.agreements.map((one) => one.reference)).toEqual(['ISA-2026-001']);
  expect(KeyPage.parse(await json('/keys/westmarch-police.json'))).toBeDefined();
});

test('the keys are those that the command line shows and --keys takes', async () => {
  const found = await world.instance.database.read(null, (db) => findOrganisation(db, 'westmarch-opcc'));
  expect(found?.keys && keyPage(found.keys, found)).toEqual(await json('/keys/westmarch-opcc.json'));
  const nobody = await service.visit({ method: 'GET', url: '/keys/nobody.json', session: null });
  expect(nobody.status).toBe(404);
});

test('no name or address of a person is on a page that anybody can read', async () => {
  const { rows } = await world.superuser.query<{ name: string; email: string }>(
    'select name, email from people',
  );
  for (const url of [
    '/register',
    '/register.json',
    '/keys',
    '/keys/westmarch-police.json',
    '/openapi.json',
  ]) {
    const { body } = await service.visit({ method: 'GET', url, session: null });
    for (const { name, email } of rows) {
      expect(body, url).not.toContain(name);
      expect(body, url).not.toContain(email);
    }
  }
});
