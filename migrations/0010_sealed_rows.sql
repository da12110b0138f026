-- Entries commit to the rows they are about, so that a row that is changed, added or taken away behind the service's back
-- is found (src/ledger/README.md). A salt in the row, 122 random bits, keeps anybody who holds only the log from trying
-- guesses of what the row says, and goes with the row. Rows from before this have none, and no entry commits to them.
alter table agreement_signatures add column salt uuid;
alter table agreement_signatures alter column salt set default gen_random_uuid();
alter table requests add column salt uuid;
alter table requests alter column salt set default gen_random_uuid();
alter table decisions add column salt uuid;
alter table decisions alter column salt set default gen_random_uuid();
alter table releases add column salt uuid;
alter table releases alter column salt set default gen_random_uuid();
alter table release_workings add column salt uuid;
alter table release_workings alter column salt set default gen_random_uuid();

-- The size of the checkpoint before: one that was taken away is missed. Null for a log's first, and for those from before.
alter table ledger_checkpoints add column previous bigint;
