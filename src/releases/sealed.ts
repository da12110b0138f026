import type { SealedTable } from '../ledger/index.ts';

/** A release: sealed by every act that moves it on. Until it is sent that binds its sender alone. */
export const sealedReleases: SealedTable = {
  name: 'release',
  table: 'releases',
  key: ['id'],
  columns: [
    'id',
    'reference',
    'request_id',
    'agreement_id',
    'sender_id',
    'recipient_id',
    'data_set',
    'purpose',
    'state',
    'rulebook',
    'facts_hash',
    'prepared_by',
    'prepared_under',
    'prepared_at',
    'approved_by',
    'manifest',
    'sent_act',
    'sent_at',
    'collected_act',
    'collected_at',
    'destroyed_act',
    'destroyed_at',
    'destruction_method',
    'keep_until',
    'salt',
    'parties',
  ],
  open: { due: 'made from keep_until, by the database' },
  reference: 'reference',
  before: {
    names: ({ act, detail }) =>
      /^release\.(prepared|refused|sent)$/.test(act) ? [String(detail['reference'])] : [],
    columns: ['reference'],
  },
};

/** How a release was arrived at: its sender's own, sealed when it is prepared or sent. */
export const sealedWorkings: SealedTable = {
  name: 'workings',
  table: 'release_workings',
  key: ['release_id'],
  before: { with: sealedReleases },
  columns: ['release_id', 'report', 'findings', 'encrypted', 'salt', 'parties'],
  open: { preview: 'forgotten once the release is answered; until then it opens under no other release' },
};
