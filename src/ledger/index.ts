export { appendToLedger } from './append.ts';
export { openCheckpoint } from './checkpoint.ts';
export { createLog } from './create-log.ts';
export { type Entry, parseEntry } from './entry.ts';
export { exportLog } from './export.ts';
export { integrateOwn, integratePending, startIntegrator } from './integrate.ts';
export { findTrouble } from './keep.ts';
export { parseReceipt, verifyReceipt } from './proof.ts';
export { receiptFor } from './receipt.ts';
export {
  destroySalts,
  findCheckpoint,
  findEntries,
  findLogHolders,
  findLogSizes,
  findPending,
  oldestPending,
} from './store.ts';
export { type LogTrouble, refuseStopped, showTrouble } from './trouble.ts';
export { verifyLog } from './verify-log.ts';
