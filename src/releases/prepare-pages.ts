import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { findAgreementById } from '../agreements/index.ts';
import { findNames, findPeople } from '../organisations/index.ts';
import { actorOf, type Caller, callerOf, holdsRole } from '../organisations/rules.ts';
import { paths } from '../paths.ts';
import { type Answer, type Exchange, fieldOf, type Route } from '../platform/http/index.ts';
import type { Instance } from '../platform/instance.ts';
import { londonDay } from '../platform/pure/dates.ts';
import { type Refusal, refuse } from '../platform/refusal.ts';
import { withStaging } from '../platform/staging.ts';
import { dataSetOf, findRequest } from '../requests/index.ts';
import { requestCan } from '../requests/rules.ts';
import type { Rulebook } from '../rulebook/index.ts';
import { beginRun } from './begin-run.ts';
import { cancelRun, goingOn, runAsItStands } from './find-run.ts';
import { preparePage } from './page-prepare.ts';
import { runJson, runPage } from './page-run.ts';
import { prepareRelease } from './prepare-release.ts';
import { largestUpload, mayPrepare } from './rules.ts';
import { findReleaseOf } from './store.ts';

/** Dropping a file for an agreed request, and watching what becomes of it. */
export function prepareRoutes(instance: Instance, rulebook: Rulebook): Route[] {
  // The page for a request that this caller may prepare a release for, with groups as large as asked; otherwise why not.
  const page = async (caller: Caller, key: string, asked: string) => {
    const found = await instance.database.read(actorOf(caller), async (db) => {
      const request = await findRequest(db, key);
      const kept = request && (await findAgreementById(db, request.agreementId));
      const recipient = request && (await findNames(db, [request.recipientId])).get(request.recipientId);
      const release = request && (await findReleaseOf(db, request.id));
      return request && kept && recipient ? { request, kept, recipient, release } : null;
    });
    if (found?.request.holderId !== caller.organisation.id) return noSuchRequest;
    if (!holdsRole(caller, mayPrepare)) return notYoursToPrepare;
    if (!requestCan('release', found.request.state)) return notAgreed;
    const { request, kept, recipient, release } = found;
    const size = sizeAsked(asked, dataSetOf(kept.agreement, request.dataSet)?.protection?.k ?? null);
    if (!size.ok) return size;
    const running = await goingOn(instance, caller, request.id);
    const model = preparePage(request, kept, recipient, { release, running, k: size.k });
    return { ok: true, requestId: request.id, k: size.k, running, model } as const;
  };

  const show = async ({ visitor, params, query }: Exchange): Promise<Answer> => {
    const shown = await page(callerOf(visitor), params['id'] ?? '', query['k'] ?? '');
    return shown.ok ? { page: 'prepare.njk', model: shown.model } : { refused: shown };
  };

  /** The whole of it while the visitor waits: for programs. */
  const prepare = async (exchange: Exchange): Promise<Answer> => {
    const { visitor, params, form, upload, idempotencyKey, now, ending } = exchange;
    const caller = callerOf(visitor);
    const key = params['id'] ?? '';
    const shown = await page(caller, key, fieldOf(form, 'k'));
    if (!shown.ok) return { refused: shown };
    if (!upload) return { refused: noFile, page: 'prepare.njk', model: shown.model };
    const prepared = await withStaging(instance, async (folder) => {
      const input = join(folder, 'dropped.csv');
      await pipeline(upload.stream, createWriteStream(input, { mode: 0o600, flags: 'wx' }));
      return prepareRelease(instance, rulebook, caller, key, input, idempotencyKey, now, {
        ending,
        k: shown.k,
      });
    });
    return prepared.ok ? { goTo: paths.release(prepared.reference) } : { refused: prepared };
  };

  /** The same as something that one can watch: the answer comes once the file is here. */
  const begin = async (exchange: Exchange): Promise<Answer> => {
    const { visitor, params, form, upload, idempotencyKey, now, ending, afterwards } = exchange;
    const caller = callerOf(visitor);
    const shown = await page(caller, params['id'] ?? '', fieldOf(form, 'k'));
    if (!shown.ok) return { refused: shown };
    if (!upload) return { refused: noFile, page: 'prepare.njk', model: shown.model };
    if (shown.running) return { goTo: paths.run(shown.running.id), notice: oneIsRead };
    const { requestId, k } = shown;
    const dropped = { requestId, file: upload.stream, k, key: idempotencyKey, now };
    const { begun, ended } = beginRun(instance, rulebook, caller, dropped, ending);
    const id = await begun;
    afterwards(ended);
    return { goTo: paths.run(id) };
  };

  const path = paths.prepareRelease(':id');
  const upload = { maxBytes: largestUpload };
  return [
    { method: 'GET', path, who: 'signed-in', handle: show },
    { method: 'POST', path, who: 'signed-in', handle: prepare, upload },
    { method: 'POST', path: paths.beginRun(':id'), who: 'signed-in', handle: begin, upload },
    ...runRoutes(instance),
  ];
}

function runRoutes(instance: Instance): Route[] {
  const find = async (caller: Caller, id: string) => {
    const run = await runAsItStands(instance, caller, id);
    if (!run) return noSuchRun;
    return holdsRole(caller, mayPrepare) ? ({ ok: true, run } as const) : notYoursToPrepare;
  };

  const show = async ({ visitor, params, now }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const found = await find(caller, params['id'] ?? '');
    if (!found.ok) return { refused: found };
    const { run } = found;
    if (run.release !== null) return { goTo: paths.releaseQuality(run.release) };
    const { request, people } = await instance.database.read(actorOf(caller), async (db) => ({
      request: await findRequest(db, run.requestId),
      people: await findPeople(db, londonDay(now)),
    }));
    if (!request) throw new Error('A run without its request');
    return { page: 'run.njk', model: runPage(run, request, people) };
  };

  const watch = async ({ visitor, params }: Exchange): Promise<Answer> => {
    const found = await find(callerOf(visitor), params['id'] ?? '');
    return found.ok ? { json: runJson(found.run) } : { refused: found };
  };

  const cancel = async ({ visitor, params }: Exchange): Promise<Answer> => {
    const caller = callerOf(visitor);
    const found = await find(caller, params['id'] ?? '');
    if (!found.ok) return { refused: found };
    await cancelRun(instance, caller, found.run.id);
    return { goTo: paths.run(found.run.id) };
  };

  return [
    { method: 'GET', path: paths.run(':id'), who: 'signed-in', handle: show, fetches: true },
    { method: 'GET', path: paths.runJson(':id'), who: 'signed-in', handle: watch },
    { method: 'POST', path: paths.cancelRun(':id'), who: 'signed-in', handle: cancel },
  ];
}

/** The size of groups that was asked for, as typed: what is agreed is the least. Null for what is agreed. */
function sizeAsked(typed: string, agreed: number | null): { ok: true; k: number | null } | Refusal {
  if (typed === '' || typed === String(agreed)) return { ok: true, k: null };
  const k = /^[0-9]{1,6}$/.test(typed) ? Number(typed) : 0;
  if (agreed !== null && k > agreed) return { ok: true, k };
  const says =
    agreed === null
      ? 'The agreement asks for no groups in this data set, so no size of them can be chosen.'
      : `Groups must be of at least ${agreed}, as agreed: choose a larger whole number. Smaller ones need an amended agreement.`;
  return refuse('conflict', 'release.size-not-agreed', says);
}

const oneIsRead =
  'A file is being prepared for this request already, so the one you dropped was not kept. Cancel this one first if it is not right.';

const noSuchRequest = refuse(
  'not-found',
  'request.not-found',
  'There is no such request for your organisation to answer. Check the reference.',
);

const noSuchRun = refuse(
  'not-found',
  'run.not-found',
  'There is nothing here that your organisation is preparing. It may have ended more than a day ago: look at the request.',
);

const notYoursToPrepare = refuse(
  'no-authority',
  'release.prepare-no-authority',
  'Your role cannot prepare a release. Ask a colleague who can.',
);

const notAgreed = refuse(
  'conflict',
  'release.request-not-agreed',
  'This request is not waiting for data: it is undecided, refused, or answered already. Look at the request.',
);

const noFile = refuse('invalid', 'release.no-file-chosen', 'Choose the file to prepare from', 'file');
