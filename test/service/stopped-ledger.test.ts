import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTrouble } from '../../src/ledger/index.ts';
import { createExample } from '../../src/main/example.ts';
import { findOrganisation } from '../../src/organisations/index.ts';
import { alarmOf } from '../../src/overview/alarm.ts';
import { unlessStopped } from '../../src/overview/pages.ts';
import type { Route } from '../../src/platform/http/index.ts';
import { anInstance, type TestInstance } from '../support/instance.ts';

let world: TestInstance;
let police: { id: string; slug: string; name: string };

beforeAll(async () => {
  world = await anInstance('example');
  await createExample(world.instance);
  const found = await world.instance.database.read(null, (db) => findOrganisation(db, 'westmarch-police'));
  if (!found) throw new Error('The example has no police');
  police = found;
});
afterAll(() => world.close());

describe('a body whose ledger has stopped', () => {
  test('is told on its pages, and refused up front with the reason; another body is not', async () => {
    const { instance } = world;
    const folder = instance.folders.checkpoints;
    const name = readdirSync(folder).find((one) => one.startsWith('westmarch-police.ledger')) ?? '';
    const whole = readFileSync(join(folder, name));
    const done: string[] = [];
    const act: Route = {
      method: 'POST',
      path: '/act',
      who: 'signed-in',
      handle: async ({ visitor }) => {
        done.push(visitor?.organisation.slug ?? '');
        return { json: {} };
      },
    };
    const [guarded] = unlessStopped(instance, [act]);
    const visit = (organisation: typeof police) =>
      guarded?.handle({
        visitor: { organisation, person: { id: 'p', name: 'P', roles: [] }, sessionId: 's' },
      } as never);
    writeFileSync(join(folder, name), whole.subarray(0, 60));
    expect(await visit(police)).toMatchObject({ refused: { kind: 'stopped', code: 'ledger.stopped' } });
    const alarm = alarmOf(await findTrouble(instance, police.id));
    expect(alarm?.says.join(' ')).toContain(name);
    expect(alarm?.todo.length).toBeGreaterThan(0);
    const other = await instance.database.read(null, (db) => findOrganisation(db, 'westmarch-opcc'));
    await visit(other ?? police);
    expect(done).toEqual(['westmarch-opcc']);
    writeFileSync(join(folder, name), whole);
    await visit(police);
    expect(done).toEqual(['westmarch-opcc', 'westmarch-police']);
    expect(alarmOf(await findTrouble(instance, police.id))).toBeNull();
  });
});
