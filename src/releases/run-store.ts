import type { Db, Tx } from '../platform/database.ts';
import type { Instant } from '../platform/pure/dates.ts';
import { isId } from '../platform/pure/ids.ts';
import type { PipelineStep } from '../steps.ts';

/** How a run stands: `lost` where the process that worked on it is gone, and nothing came of it. */
type RunState = 'running' | 'done' | 'cancelled' | 'failed' | 'lost';

type Tables = {
  runs: {
    id: string;
    request_id: string;
    organisation_id: string;
    begun_by: string;
    begun_at: Instant;
    process: number;
    bytes: number;
    bytes_read: number;
    step: PipelineStep | null;
    cancel_asked: boolean;
    state: RunState;
    says: string | null;
    release: string | null;
  };
};

/** A dropped file on its way to what may leave of it. `says` why it failed; `release` is the reference of what came of it. */
export type Run = {
  id: string;
  requestId: string;
  organisationId: string;
  begunBy: string;
  begunAt: Instant;
  /** The number of the process that works on it, among those that are present. */
  process: number;
  bytes: number;
  bytesRead: number;
  /** Null until its turn has come. */
  step: PipelineStep | null;
  cancelAsked: boolean;
  state: RunState;
  says: string | null;
  release: string | null;
};

/** How a run ended. */
export type Ending =
  | { state: 'done'; release: string }
  | { state: 'failed'; says: string }
  | { state: 'cancelled' | 'lost' };

const tables = (db: Db) => db.withTables<Tables>();

/** Keeps a new run, and forgets those of the organisation that ended long ago. */
export async function addRun(tx: Tx, run: Run, longAgo: Instant): Promise<void> {
  await tables(tx)
    .deleteFrom('runs')
    .where('state', '!=', 'running')
    .where('begun_at', '<', longAgo)
    .execute();
  await tables(tx)
    .insertInto('runs')
    .values({
      id: run.id,
      request_id: run.requestId,
      organisation_id: run.organisationId,
      begun_by: run.begunBy,
      begun_at: run.begunAt,
      process: run.process,
      bytes: run.bytes,
      bytes_read: run.bytesRead,
      step: run.step,
      cancel_asked: run.cancelAsked,
      state: run.state,
      says: run.says,
      release: run.release,
    })
    .execute();
}

/** A run by its id, if the transaction's organisation may see it. */
export async function findRun(db: Db, id: string): Promise<Run | null> {
  if (!isId(id)) return null;
  const row = await tables(db).selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? runOf(row) : null;
}

/** The latest run for a request that has not ended, as far as is known. */
export async function findRunningFor(db: Db, requestId: string): Promise<Run | null> {
  const row = await tables(db)
    .selectFrom('runs')
    .selectAll()
    .where('request_id', '=', requestId)
    .where('state', '=', 'running')
    .orderBy('begun_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? runOf(row) : null;
}

/** Notes how far a run is; false where it is to go no further: somebody has asked to cancel it, or it is taken for lost. */
export async function noteProgress(
  tx: Tx,
  { id, bytesRead, step }: Pick<Run, 'id' | 'bytesRead' | 'step'>,
): Promise<boolean> {
  const row = await tables(tx)
    .updateTable('runs')
    .set({ bytes_read: bytesRead, step })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .returning('cancel_asked')
    .executeTakeFirst();
  return row?.cancel_asked === false;
}

/** Asks whichever process works on a run to stop; false where it has ended. */
export async function askToCancel(tx: Tx, id: string): Promise<boolean> {
  const { numUpdatedRows } = await tables(tx)
    .updateTable('runs')
    .set({ cancel_asked: true })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Keeps how a run ended, unless that is known already. */
export async function endRun(tx: Tx, id: string, ending: Ending): Promise<void> {
  await tables(tx)
    .updateTable('runs')
    .set({
      state: ending.state,
      says: ending.state === 'failed' ? ending.says : null,
      release: ending.state === 'done' ? ending.release : null,
    })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute();
}

function runOf(row: Tables['runs']): Run {
  return {
    id: row.id,
    requestId: row.request_id,
    organisationId: row.organisation_id,
    begunBy: row.begun_by,
    begunAt: row.begun_at,
    process: row.process,
    bytes: row.bytes,
    bytesRead: row.bytes_read,
    step: row.step,
    cancelAsked: row.cancel_asked,
    state: row.state,
    says: row.says,
    release: row.release,
  };
}
