import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withdrawRelease } from '../../src/releases/approve-release.ts';
import { acknowledgeRelease, destroyRelease, prepareRelease, shareData } from '../../src/releases/index.ts';
import { callerOf, files, rulebook } from './example.ts';
import type { TestInstance } from './instance.ts';
import { twoBodies } from './two-bodies.ts';

/** The example with a release in every state there is, and everything else that `twoBodies` leaves. */
export async function everyState(world: TestInstance): Promise<void> {
  await twoBodies(world);
  await everyOtherState(world);
}

async function everyOtherState({ instance, superuser }: TestInstance): Promise<void> {
  const now = new Date().toISOString();
  const police = await callerOf(instance.database, 'westmarch-police');
  const commissioner = await callerOf(instance.database, 'westmarch-opcc');
  const given = {
    agreement: 'ISA-2026-001',
    dataSet: 'stop-and-search',
    to: 'westmarch-opcc',
    purpose: 'hold-to-account',
    input: files.stopAndSearch,
    out: join(instance.folders.data, 'out'),
  };
  const shared = await shareData(instance, rulebook, police, given, now);
  if (!shared.ok || shared.outcome !== 'sent') throw new Error('Not sent');
  await acknowledgeRelease(instance, commissioner, shared.id, null, now);
  await destroyRelease(instance, commissioner, shared.id, 'deleted', null, now);
  await shareData(instance, rulebook, police, { ...given, to: 'avonbury-council' }, now);

  const { rows } = await superuser.query<{ id: string }>(
    `select id from requests where state = 'agreed' order by id limit 1`,
  );
  const person = await superuser.query<{ id: string }>(
    `select p.id from people p join organisations o on o.id = organisation_id
     where slug = 'westmarch-police' and cardinality(roles) > 4 limit 1`,
  );
  const preparer = {
    organisation: police.organisation,
    person: { id: person.rows[0]?.id ?? '', name: '', roles: ['spoc' as const] },
  };
  const request = rows[0]?.id ?? '';
  const toWithdraw = await prepareRelease(
    instance,
    rulebook,
    preparer,
    request,
    files.stopAndSearch,
    null,
    now,
  );
  if (!toWithdraw.ok) throw new Error(toWithdraw.says);
  await withdrawRelease(instance, police, toWithdraw.reference, null, now);
  const empty = join(instance.folders.data, 'empty.csv');
  writeFileSync(empty, 'Type\nPerson search\n');
  const refused = await prepareRelease(instance, rulebook, preparer, request, empty, null, now);
  if (!refused.ok || !refused.refused) throw new Error('Not refused');
}
