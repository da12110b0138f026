import type { SealedTable } from '../ledger/index.ts';

/** A request: sealed when it is made, when it is decided, and when a release answers it. */
export const sealedRequests: SealedTable = {
  name: 'request',
  table: 'requests',
  key: ['id'],
  columns: [
    'id',
    'reference',
    'agreement_id',
    'holder_id',
    'recipient_id',
    'data_set',
    'purpose',
    'need',
    'needed_by',
    'state',
    'raised_by_organisation',
    'raised_by_person',
    'raised_at',
    'salt',
    'parties',
  ],
  open: { due: 'made from needed_by, by the database' },
  reference: 'reference',
  before: { names: ({ subject }) => (subject.type === 'request' ? [subject.id] : []), columns: ['id'] },
};

/** A decision: sealed when it is made. */
export const sealedDecisions: SealedTable = {
  name: 'decision',
  table: 'decisions',
  key: ['id'],
  columns: [
    'id',
    'request_id',
    'decision',
    'verdict',
    'findings',
    'reasons',
    'decided_by_agreement',
    'decided_by_person',
    'rulebook',
    'facts_hash',
    'decided_at',
    'salt',
    'parties',
  ],
  open: {},
  before: {
    names: ({ detail }) => (detail['decision'] === undefined ? [] : [String(detail['decision'])]),
    columns: ['id'],
  },
};
