import type { SealedTable } from './sealed-rows.ts';

/** A log: its name and the key that its checkpoints are opened with. Sealed by setting up, and by the log that follows it. */
export const sealedLogs: SealedTable = {
  name: 'log',
  table: 'ledger_logs',
  key: ['organisation_id', 'log'],
  columns: ['organisation_id', 'log', 'origin', 'vkey', 'parties'],
  open: {
    created_at: 'nothing rests on it: entries and checkpoints say when',
    sealed_key: 'only the worker reads it; the audit opens it, and it must be the key that vkey names',
  },
  reference: 'origin',
  before: {
    names: ({ act, subject }) => (act === 'organisation.created' ? [subject.id] : []),
    columns: ['organisation_id'],
  },
};
