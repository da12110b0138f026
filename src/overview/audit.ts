import { sql } from 'kysely';
import {
  type AuditedLog,
  type AuditedTable,
  auditLog,
  auditRows,
  auditSalts,
  type Finding,
  findTrouble,
  findWaiting,
  integratePending,
  listLogs,
  readSeals,
  showTrouble,
} from '../ledger/index.ts';
import type { Db, Tx } from '../platform/database.ts';
import type { Instance } from '../platform/instance.ts';
import { auditPackages } from '../releases/index.ts';
import { sealedTables } from './sealed-tables.ts';

/** What an audit looked at and found: nothing is changed by it. `before` are rows that no entry commits to. */
export type Audit = {
  logs: Omit<AuditedLog, 'findings'>[];
  tables: Omit<AuditedTable, 'findings'>[];
  packages: number;
  findings: Finding[];
};

/**
 * Checks everything that the ledger commits to, of one organisation or of all that have a log here: the logs, made again
 * from their entries; each sealed row; who did what, as far as it is not erased; and the files of each package.
 */
export async function audit(instance: Instance, organisationId: string | null): Promise<Audit> {
  // A log that was tampered with is not added to any more: then what it would not add to is what the audit names.
  const [notAdded] = await integratePending(instance);
  const listed = await instance.database.work(listLogs);
  const asked = listed.logs.filter((log) => organisationId === null || log.organisationId === organisationId);
  const findings = [...listed.findings];
  const found: Audit = { logs: [], tables: [], packages: 0, findings };
  const tables = new Map(sealedTables.map(({ table }) => [table, { table, rows: 0, before: 0 }]));
  for (const id of new Set(asked.map((log) => log.organisationId))) {
    const one = await auditOne(
      instance,
      id,
      asked.filter((log) => log.organisationId === id),
    );
    for (const { findings: inLog, ...about } of one.logs) {
      found.logs.push(about);
      findings.push(...inLog);
    }
    found.packages += one.packages.packages;
    findings.push(...one.salts, ...one.packages.findings);
    for (const { findings: inTable, ...counts } of one.tables) {
      findings.push(...inTable);
      const sum = tables.get(counts.table);
      if (sum) Object.assign(sum, { rows: sum.rows + counts.rows, before: sum.before + counts.before });
    }
  }
  // What two parties both see is found by both.
  const each = new Map(findings.map((one) => [JSON.stringify([one.table, one.row, one.wrong]), one]));
  if (notAdded && findings.length === 0) throw notAdded.fault;
  return { ...found, tables: [...tables.values()], findings: [...each.values()] };
}

// The log is the worker's to read, the rows are the organisation's: both look at one moment of the database.
async function auditOne(
  instance: Instance,
  organisationId: string,
  ids: readonly { organisationId: string; log: number }[],
) {
  const { database, sealer } = instance;
  const rows = await database.read({ organisationId, personId: null }, async (db) => {
    const snapshot = await exportSnapshot(db);
    const work = <T>(todo: (tx: Tx) => Promise<T>) =>
      database.work(async (tx) => {
        await useSnapshot(tx, snapshot);
        return todo(tx);
      });
    const { logs, said, waiting } = await work(async (tx) => {
      const audited: AuditedLog[] = [];
      for (const id of ids) audited.push(await work((beside) => auditLog(tx, beside, id, sealer)));
      return {
        logs: audited,
        said: await readSeals(tx, organisationId, sealedTables),
        waiting: new Set((await findWaiting(tx, organisationId)).map(({ act }) => act)),
      };
    });
    return {
      logs,
      tables: await auditRows(db, organisationId, sealedTables, said),
      salts: await auditSalts(db, waiting),
    };
  });
  const inUse = rows.logs.find((log) => log.inUse);
  if (inUse?.findings.length === 0) inUse.findings.push(...(await auditKept(instance, inUse)));
  return { ...rows, packages: await auditPackages(instance, organisationId) };
}

// A log that is whole may still not be the one that was signed last: an old backup is whole.
async function auditKept(instance: Instance, { organisationId, origin }: AuditedLog): Promise<Finding[]> {
  const trouble = await findTrouble(instance, organisationId);
  if (!trouble) return [];
  const { says, todo } = showTrouble(trouble);
  const steps = todo.map(({ text, command }) => (command ? `${text} ${command}` : text));
  return [{ table: 'checkpoints', row: origin, wrong: says.join(' '), todo: steps.join(' ') }];
}

async function exportSnapshot(db: Db): Promise<string> {
  const { rows } = await sql<{ id: string }>`select pg_export_snapshot() as id`.execute(db);
  return rows[0]?.id ?? '';
}

async function useSnapshot(tx: Tx, id: string): Promise<void> {
  await sql`set transaction isolation level repeatable read, read only`.execute(tx);
  await sql`set transaction snapshot ${sql.lit(id)}`.execute(tx);
}
