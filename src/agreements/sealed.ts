import type { SealedTable } from '../ledger/index.ts';

/** An agreement: sealed when it is proposed, and again each time a party signs. */
export const sealedAgreements: SealedTable = {
  name: 'agreement',
  table: 'agreements',
  key: ['id'],
  columns: [
    'id',
    'reference',
    'version',
    'state',
    'title',
    'starts_on',
    'ends_on',
    'digest',
    'document',
    'created_at',
    'parties',
  ],
  open: {
    brief: 'made from the document, by the database',
    published: 'the same',
  },
  reference: 'reference',
  before: {
    names: ({ act, subject }) => (act === 'agreement.proposed' ? [subject.id] : []),
    columns: ['id'],
  },
};

/** A party's signature of an agreement: sealed when it is made. */
export const sealedSignatures: SealedTable = {
  name: 'signature',
  table: 'agreement_signatures',
  key: ['agreement_id', 'organisation_id'],
  columns: [
    'agreement_id',
    'organisation_id',
    'person_id',
    'role',
    'protected_header',
    'signature',
    'public_key',
    'signed_at',
    'salt',
    'parties',
  ],
  open: {},
  before: {
    names: ({ act, subject, by }) => (act === 'agreement.signed' ? [`${subject.id}/${by}`] : []),
    columns: ['agreement_id', 'organisation_id'],
  },
};
