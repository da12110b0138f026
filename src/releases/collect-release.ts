import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { receivingIdentity } from '../organisations/index.ts';
import { actorOf, type Caller, holdsRole, underOf } from '../organisations/rules.ts';
import { decryptFile } from '../platform/age.ts';
import { writeDurably } from '../platform/durably.ts';
import type { Instance } from '../platform/instance.ts';
import { once } from '../platform/once.ts';
import { addPeriod, type Instant, londonDay } from '../platform/pure/dates.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import { newId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { withStaging } from '../platform/staging.ts';
import { step } from '../steps.ts';
import { deliver } from './deliver.ts';
import { logsOf, type Manifest, readManifest } from './manifest.ts';
import { packageFolder } from './package-folder.ts';
import { recordAct } from './record-act.ts';
import { mayCollect, recipientFiles, releaseCan } from './rules.ts';
import { proofOf, receiptOf } from './send-release.ts';
import { findRelease, type Release, updateRelease } from './store.ts';
import { verifyPackage } from './verify-folder.ts';

/**
 * Collects a release as its recipient: checks the package, decrypts it, acknowledges it in both logs, and only then
 * puts the data and the proofs into `out` (absolute), whole or not at all. Again gives the same bytes of all
 * that was sent, and adds nothing to the logs; the recipient's own proofs are then of its log as it is by now.
 */
export async function collectRelease(
  instance: Instance,
  caller: Caller,
  releaseKey: string,
  out: string,
  now: Instant,
): Promise<{ ok: true; reference: string; files: string[] } | Refusal> {
  const acknowledged = await acknowledgeRelease(instance, caller, releaseKey, null, now);
  if (!acknowledged.ok) return acknowledged;
  const { release, manifest } = acknowledged;
  return withStaging(instance, async (staging) => {
    const decrypted = await decryptInto(instance, caller, release, manifest, staging);
    const halves = await writeHalves(instance, release, staging);
    const folder = packageFolder(instance, release.id);
    const sent = (await readdir(folder)).sort().map((name) => ({ from: join(folder, name), name }));
    const files = await deliver({
      staging,
      files: [...decrypted, ...sent, ...halves],
      folder: out,
      done: `${release.reference} is collected, and both logs say so. Collecting it again adds nothing to them.`,
    });
    return { ok: true, reference: release.reference, files };
  });
}

/**
 * Acknowledges a release: the package verifies and opens with the recipient's own key, so it has arrived; both logs say
 * so, and the time it may be kept starts.
 */
export async function acknowledgeRelease(
  instance: Instance,
  caller: Caller,
  releaseKey: string,
  key: string | null,
  now: Instant,
): Promise<{ ok: true; release: Release; manifest: Manifest } | Refusal> {
  if (!holdsRole(caller, mayCollect)) {
    return refuse(
      'no-authority',
      'release.collect-no-authority',
      'Your role cannot collect a release. Ask a colleague who can.',
    );
  }
  const actor = actorOf(caller);
  const release = await instance.database.read(actor, (db) => findRelease(db, releaseKey));
  const manifest = release?.manifest && readManifest(release.manifest);
  if (release?.recipientId !== caller.organisation.id || !manifest) {
    return refuse(
      'not-found',
      'release.not-found',
      'There is no such release for your organisation to collect.',
    );
  }
  if (!releaseCan('collect', release.state)) {
    const says =
      'This release was destroyed, so there is nothing left to collect. Ask the sender for it again.';
    return refuse('conflict', 'release.destroyed', says);
  }
  await receiptOf(instance, release);
  if (release.state === 'sent') {
    await withStaging(instance, (staging) => decryptInto(instance, caller, release, manifest, staging));
    await instance.database.write(actor, (tx) =>
      once(tx, key, ['release.collect', release.id], async () => {
        const period = manifest.retention?.period;
        const collectedAct = newId();
        const collected: Release = {
          ...release,
          state: 'collected',
          collectedAct,
          collectedAt: now,
          keepUntil: period ? addPeriod(londonDay(now), period) : null,
        };
        // Somebody else of this organisation was quicker: it is collected, and once is enough.
        if (!(await updateRelease(tx, 'sent', collected))) return null;
        const detail = {
          logs: logsOf(manifest),
          manifest: `sha256:${sha256Hex(release.manifest ?? '')}`,
          ...underOf(caller, mayCollect),
        };
        await recordAct(tx, caller, 'release.collected', collected, detail, now);
        return null;
      }),
    );
  }
  const collected = await instance.database.read(actor, (db) => findRelease(db, release.id));
  return { ok: true, release: collected ?? release, manifest };
}

/** The recipient's own proofs: that its log holds the same entry as the sender's, and that it collected. */
export async function halvesOf(
  instance: Instance,
  release: Release,
): Promise<{ name: string; bytes: Buffer }[]> {
  const acts = [
    { name: recipientFiles.half, act: release.sentAct },
    { name: recipientFiles.collected, act: release.collectedAct },
  ];
  return Promise.all(
    acts.flatMap(({ name, act }) =>
      act === null ? [] : [proofOf(instance, release.recipientId, act).then((bytes) => ({ name, bytes }))],
    ),
  );
}

async function writeHalves(instance: Instance, release: Release, staging: string) {
  const halves = await halvesOf(instance, release);
  return Promise.all(
    halves.map(async ({ name, bytes }) => {
      const from = join(staging, name);
      await writeDurably(from, bytes);
      return { from, name };
    }),
  );
}

/** Opens the data of a release into a folder, as its recipient: verified before, and against the manifest after. */
export async function decryptInto(
  instance: Instance,
  caller: Caller,
  release: Release,
  manifest: Manifest,
  staging: string,
): Promise<{ from: string; name: string }[]> {
  const folder = packageFolder(instance, release.id);
  const { checks } = await verifyPackage(folder, null);
  const failing = checks.filter((check) => !check.ok && !check.advisory);
  if (failing.length > 0) {
    throw new Error(
      `The package of ${release.reference} does not verify: ${failing.map((one) => one.name).join(', ')}`,
    );
  }
  const identity = await instance.database.read(actorOf(caller), (db) =>
    receivingIdentity(db, instance.sealer, caller.organisation.id),
  );
  const opened = await Promise.all(
    manifest.data.map(async ({ file, name, sha256 }) => {
      const from = join(staging, name);
      const opened = await decryptFile(join(folder, file), from, identity);
      if (opened.sha256 !== sha256) throw new Error(`${name} is not what the manifest says was sent`);
      return { from, name };
    }),
  );
  step('package.opened');
  return opened;
}
