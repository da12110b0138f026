import { findAgreementById, type KeptAgreement } from '../agreements/index.ts';
import { findNames, findPeople } from '../organisations/index.ts';
import { actorOf, type Caller, type Organisation, type Person } from '../organisations/rules.ts';
import type { Instance } from '../platform/instance.ts';
import { type Instant, londonDay } from '../platform/pure/dates.ts';
import { type DataRequest, findRequest } from '../requests/index.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { findRelease, findWorkings, type Release, type Workings } from './store.ts';

/** A release with everything its pages show. `people` are of the caller's own organisation; `workings` the sender's. */
export type KnownRelease = {
  release: Release;
  sender: Organisation;
  recipient: Organisation;
  request: DataRequest;
  kept: KeptAgreement;
  manifest: Manifest | null;
  workings: Workings | null;
  people: Person[];
};

/** Reads a release by its reference, with what its pages show; null if the caller's organisation may not see it. */
export async function findKnownRelease(
  { database, sealer }: Instance,
  caller: Caller,
  key: string,
  now: Instant,
): Promise<KnownRelease | null> {
  return database.read(actorOf(caller), async (db) => {
    const release = await findRelease(db, key);
    if (!release) return null;
    const organisations = await findNames(db, [release.senderId, release.recipientId]);
    const sender = organisations.get(release.senderId);
    const recipient = organisations.get(release.recipientId);
    const request = await findRequest(db, release.requestId);
    const kept = await findAgreementById(db, release.agreementId);
    if (!sender || !recipient || !request || !kept) throw new Error('A release without what it rests on');
    return {
      release,
      sender,
      recipient,
      request,
      kept,
      manifest: release.manifest && readManifest(release.manifest),
      workings: await findWorkings(db, sealer, release.id),
      people: await findPeople(db, londonDay(now)),
    };
  });
}

/** A person of the caller's own organisation by name, or the organisation where they are not known to it. */
export function nameOf(known: KnownRelease, personId: string | null, organisation: Organisation): string {
  return known.people.find((one) => one.id === personId)?.name ?? organisation.name;
}

/** Lower-case hex in groups of eight, as people compare it. */
export function showFingerprint(sha256: string): string {
  return sha256.replace(/(.{8})(?=.)/g, '$1 ');
}
