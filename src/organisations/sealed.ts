import type { Entry, SealedTable } from '../ledger/index.ts';

const created = ({ act, subject }: Entry) => (act === 'organisation.created' ? subject.id : null);

/** An organisation: sealed when it is set up. */
export const sealedOrganisations: SealedTable = {
  name: 'organisation',
  table: 'organisations',
  key: ['id'],
  columns: ['id', 'slug', 'name', 'created_at', 'parties'],
  open: {},
  reference: 'slug',
  before: { names: created, columns: ['id'] },
};

/** Its keys, the sealed private halves included. */
export const sealedKeys: SealedTable = {
  name: 'key',
  table: 'organisation_keys',
  key: ['id'],
  columns: [
    'id',
    'organisation_id',
    'purpose',
    'public_key',
    'sealed',
    'created_at',
    'retired_at',
    'parties',
  ],
  open: {},
  reference: 'purpose',
  before: { names: created, columns: ['organisation_id'] },
};

/** Its log: the name and the key that its checkpoints are opened with. */
export const sealedLogs: SealedTable = {
  name: 'log',
  table: 'ledger_logs',
  key: ['organisation_id'],
  columns: ['organisation_id', 'origin', 'vkey', 'created_at', 'parties'],
  open: {
    sealed_key: 'only the worker reads it; the audit opens it, and it must be the key that vkey names',
  },
  reference: 'origin',
  before: { names: created, columns: ['organisation_id'] },
};
