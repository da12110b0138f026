import type { Entry, SealedTable } from '../ledger/index.ts';

const created = ({ act, subject }: Entry) => (act === 'organisation.created' ? [subject.id] : []);

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
  before: {
    names: (entry) => created(entry).flatMap((id) => [`${id}/receiving`, `${id}/signing`]),
    columns: ['organisation_id', 'purpose'],
  },
};
