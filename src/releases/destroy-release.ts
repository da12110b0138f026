import { actorOf, type Caller, holdsRole, underOf } from '../organisations/rules.ts';
import { rememberGone } from '../platform/gone.ts';
import type { Instance } from '../platform/instance.ts';
import { once } from '../platform/once.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { sha256Hex } from '../platform/pure/hash.ts';
import { newId } from '../platform/pure/ids.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { logsOf, readManifest } from './manifest.ts';
import { removeData } from './package-folder.ts';
import { recordAct } from './record-act.ts';
import { mayDestroy, releaseCan } from './rules.ts';
import { findRelease, updateRelease } from './store.ts';

/**
 * The recipient certifies that it has destroyed what it collected, and how. The certificate is in both logs; the
 * encrypted file that was kept here goes too. Manifest, terms and receipt stay: they are the proof.
 */
export async function destroyRelease(
  instance: Instance,
  caller: Caller,
  releaseKey: string,
  method: string,
  key: string | null,
  now: Instant,
): Promise<{ ok: true; reference: string } | Refusal> {
  if (!holdsRole(caller, mayDestroy)) {
    const says = 'Your role cannot certify destruction. Ask a colleague who can.';
    return refuse('no-authority', 'release.destroy-no-authority', says);
  }
  const answer = await instance.database.write(actorOf(caller), (tx) =>
    once(tx, key, ['release.destroy', releaseKey, method], async () => {
      const release = await findRelease(tx, releaseKey);
      if (release?.recipientId !== caller.organisation.id) {
        return refuse('not-found', 'release.not-found', 'Your organisation has received no such release.');
      }
      const manifest = release.manifest && readManifest(release.manifest);
      if (!releaseCan('destroy', release.state) || !manifest) {
        return refuse(
          'conflict',
          'release.not-collected',
          release.state === 'destroyed'
            ? 'The destruction of this release is certified already.'
            : 'This release has not been collected, so there is nothing to destroy.',
        );
      }
      const destroyedAct = newId();
      const destroyed = {
        ...release,
        state: 'destroyed',
        destroyedAct,
        destroyedAt: now,
        destructionMethod: method,
      } as const;
      if (!(await updateRelease(tx, release.state, destroyed))) {
        return refuse(
          'conflict',
          'release.changed',
          'Somebody else has just changed this release. Look at it again.',
        );
      }
      const detail = {
        logs: logsOf(manifest),
        manifest: `sha256:${sha256Hex(release.manifest ?? '')}`,
        method: `sha256:${sha256Hex(method)}`,
        ...underOf(caller, mayDestroy),
      };
      await recordAct(tx, caller, 'release.destroyed', destroyed, detail, now);
      return { ok: true, id: release.id, reference: release.reference } as const;
    }),
  );
  if (!answer.ok) return answer;
  await rememberGone(instance.folders.data, 'release', [answer.id]);
  await removeData(instance, answer.id);
  return { ok: true, reference: answer.reference };
}
