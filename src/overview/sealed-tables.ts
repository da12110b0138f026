import { sealedAgreements, sealedSignatures } from '../agreements/index.ts';
import { type SealedTable, sealedLogs } from '../ledger/index.ts';
import { sealedKeys, sealedOrganisations } from '../organisations/index.ts';
import { sealedReleases, sealedWorkings } from '../releases/index.ts';
import { sealedDecisions, sealedRequests } from '../requests/index.ts';

/** Every table whose rows the ledger commits to. A new one is declared in its folder and named here. */
export const sealedTables: readonly SealedTable[] = [
  sealedOrganisations,
  sealedKeys,
  sealedLogs,
  sealedAgreements,
  sealedSignatures,
  sealedRequests,
  sealedDecisions,
  sealedReleases,
  sealedWorkings,
];

/** The log's own tables, which `auditLog` makes again from one another. */
export const logTables: readonly string[] = [
  'ledger_entries',
  'ledger_tiles',
  'ledger_checkpoints',
  'ledger_pending',
];

/** Every other table, and why the ledger commits to none of its rows. */
export const notSealed: Readonly<Record<string, string>> = {
  attempts: 'wrong attempts to sign in, forgotten when they are over',
  answers: 'what a repeated request was answered with; what it did is sealed',
  delegations: 'who a role is handed to, and until when',
  instance: 'what this database is; no act changes it',
  ledger_salts: 'kept to be destroyed when a person is erased; what is there is compared with its entry',
  ledger_cosignatures:
    'each is checked by its witness’s key, and says nothing that a witness could not say again',
  ledger_partners: 'made again from the entries',
  ledger_seen: 'kept outside the database as well, which is what counts',
  ledger_witness_keys: 'a key that is not the one partners hold shows at once',
  ledger_witnesses: 'how witnesses last answered; they are asked again',
  migrations: 'which steps this database has taken',
  one_time_links: 'gone once they are used',
  people: 'personal data, which changes and is erased; what a person did is sealed',
  recovery_codes: 'hashes of codes that let a person in, each gone when it is used',
  runs: 'how far a file that was dropped has come; the release that comes of it is sealed',
  second_factors: 'sealed secrets of signing in, which people change',
  sessions: 'who is signed in at the moment',
};
