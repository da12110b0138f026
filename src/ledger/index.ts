export { appendToLedger } from './append.ts';
export { type AuditedLog, auditLog, listLogs } from './audit-log.ts';
export { type AuditedTable, auditRows } from './audit-rows.ts';
export { auditSalts } from './audit-salts.ts';
export { findWaiting } from './audit-store.ts';
export { openCheckpoint } from './checkpoint.ts';
export { continueLog, lossOf } from './continue-log.ts';
export { cosignPartners } from './cosign-partners.ts';
export { createLog } from './create-log.ts';
export { type Entry, parseEntry } from './entry.ts';
export { exportLog } from './export.ts';
export { type Finding, todo } from './finding.ts';
export { integrateOwn, integratePending, startIntegrator } from './integrate.ts';
export { findTrouble } from './keep.ts';
export { parseVkey } from './note.ts';
export { parseReceipt, verifyReceipt } from './proof.ts';
export { readSeals } from './read-seals.ts';
export { receiptFor } from './receipt.ts';
export { sealedLogs } from './sealed-logs.ts';
export type { SealedTable } from './sealed-rows.ts';
export { startWitnessing } from './start-witnessing.ts';
export {
  destroySalts,
  findEntries,
  findLog,
  findLogHolders,
  findLogSizes,
  findLogs,
  findPending,
  type Log,
  oldestPending,
} from './store.ts';
export { type LogTrouble, refuseStopped, showTrouble } from './trouble.ts';
export { verifyLog } from './verify-log.ts';
export { openWitness, serveWitness } from './witness-server.ts';
export { findWitnesses, type WitnessShown } from './witness-store.ts';
