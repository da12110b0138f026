import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withdrawRelease } from '../../src/releases/approve-release.ts';
import { acknowledgeRelease, destroyRelease, prepareRelease, shareData } from '../../src/releases/index.ts';
import { callerOf, done, files, rulebook, usualShare } from './example.ts';
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
  const given = usualShare(join(instance.folders.data, 'out'));
  const shared = done(await shareData(instance, rulebook, police, given, now));
  if (shared.outcome !== 'sent') throw new Error('Not sent');
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
  const prepare = async (file: string) =>
    done(await prepareRelease(instance, rulebook, preparer, request, file, null, now));
  const toWithdraw = await prepare(files.stopAndSearch);
  await withdrawRelease(instance, police, toWithdraw.reference, null, now);
  const empty = join(instance.folders.data, 'empty.csv');
  writeFileSync(empty, 'Type\nPerson search\n');
  if (!(await prepare(empty)).refused) throw new Error('Not refused');
}
