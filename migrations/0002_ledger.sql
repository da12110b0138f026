-- One RFC 6962 log for each organisation. An act between several bodies is one entry in the log of each.
-- Nobody can change or remove what a log holds: the privileges to do so are taken from the owner as well.

create table ledger_logs (
  organisation_id uuid primary key,
  origin text not null unique,
  vkey text not null,
  sealed_key bytea not null,
  created_at timestamptz not null default now(),
  parties uuid[] not null generated always as (array[organisation_id]) stored
);
call isolate('ledger_logs');
-- The sealed key is the worker's to use. The service makes it, and never reads it.
grant insert (organisation_id, origin, vkey, sealed_key) on ledger_logs to chirograph_app;
grant select (organisation_id, origin, vkey, created_at, parties) on ledger_logs to chirograph_app;
grant select on ledger_logs to chirograph_worker;
create policy worker_integrates on ledger_logs for select to chirograph_worker using (true);

-- Acts that are done and not in the log yet. The integrator moves them.
create table ledger_pending (
  organisation_id uuid not null,
  place bigint not null generated always as identity,
  act_id uuid not null,
  entry text not null,
  appended_at timestamptz not null default clock_timestamp(),
  parties uuid[] not null generated always as (array[organisation_id]) stored,
  primary key (organisation_id, place)
);
call isolate('ledger_pending');
grant select, delete on ledger_pending to chirograph_worker;
create policy worker_takes on ledger_pending for select to chirograph_worker using (true);
create policy worker_removes on ledger_pending for delete to chirograph_worker using (true);

create table ledger_entries (
  organisation_id uuid not null,
  index bigint not null check (index >= 0),
  act_id uuid not null,
  entry text not null,
  leaf_hash bytea not null check (length(leaf_hash) = 32),
  parties uuid[] not null generated always as (array[organisation_id]) stored,
  primary key (organisation_id, index)
);
call isolate('ledger_entries');
create index ledger_entries_act on ledger_entries (organisation_id, act_id);
revoke update, delete, truncate on ledger_entries from chirograph_owner;
grant select on ledger_entries to chirograph_app;
grant select, insert on ledger_entries to chirograph_worker;
create policy worker_reads on ledger_entries for select to chirograph_worker using (true);
create policy worker_adds on ledger_entries for insert to chirograph_worker with check (true);

-- Up to 256 hashes each. A partial tile is replaced by a longer one; a full tile never changes.
create table ledger_tiles (
  organisation_id uuid not null references ledger_logs,
  level smallint not null check (level between 0 and 63),
  index bigint not null check (index >= 0),
  hashes bytea not null check (length(hashes) between 32 and 8192 and length(hashes) % 32 = 0),
  parties uuid[] not null generated always as (array[organisation_id]) stored,
  primary key (organisation_id, level, index)
);
call isolate('ledger_tiles');
revoke update, delete, truncate on ledger_tiles from chirograph_owner;
grant select on ledger_tiles to chirograph_app;
grant select, insert, update (hashes) on ledger_tiles to chirograph_worker;
create policy worker_reads on ledger_tiles for select to chirograph_worker using (true);
create policy worker_adds on ledger_tiles for insert to chirograph_worker with check (true);
create policy worker_lengthens on ledger_tiles for update to chirograph_worker
  using (length(hashes) < 8192) with check (true);

create table ledger_checkpoints (
  organisation_id uuid not null references ledger_logs,
  size bigint not null check (size >= 0),
  root bytea not null check (length(root) = 32),
  note text not null,
  signed_at timestamptz not null default clock_timestamp(),
  parties uuid[] not null generated always as (array[organisation_id]) stored,
  primary key (organisation_id, size)
);
call isolate('ledger_checkpoints');
revoke update, delete, truncate on ledger_checkpoints from chirograph_owner;
grant select on ledger_checkpoints to chirograph_app;
grant select, insert on ledger_checkpoints to chirograph_worker;
create policy worker_reads on ledger_checkpoints for select to chirograph_worker using (true);
create policy worker_adds on ledger_checkpoints for insert to chirograph_worker with check (true);

-- What ties a person to the commitment in an entry. Erasing the person destroys it (UK GDPR Article 17).
create table ledger_salts (
  act_id uuid primary key,
  organisation_id uuid not null,
  person_id uuid not null,
  salt bytea not null check (length(salt) = 32),
  parties uuid[] not null generated always as (array[organisation_id]) stored
);
call isolate('ledger_salts');
create index ledger_salts_person on ledger_salts (person_id);
grant select, insert, delete on ledger_salts to chirograph_app;

-- Each row belongs to one organisation and is found by it: an index of parties would only slow appending.
drop index ledger_pending_parties_idx, ledger_entries_parties_idx, ledger_salts_parties_idx;

-- Appends an act to the log of each of its parties, in the caller's transaction. The parties are those of the
-- act's subject (act_parties, which comes with the tables of the subjects), never the caller's word. The entry
-- must be laid out exactly as the service writes it, so nothing can hide in a duplicate key or a space.
create function ledger_append(entry text) returns void language plpgsql security definer
  set search_path = public, pg_temp
as $$
declare
  said json;
  holders uuid[];
begin
  if octet_length(entry) >= 4096 then
    raise check_violation using message = 'ledger_append: an entry must be shorter than 4096 bytes';
  end if;
  said := entry::json;
  holders := (select array_agg(distinct holder order by holder)
    from unnest(act_parties(said #>> '{subject,type}', (said #>> '{subject,id}')::uuid)) holder);
  if me() = any (holders) is not true then
    raise insufficient_privilege using message = 'ledger_append: the act is not yours to record';
  end if;
  if said ->> 'by' is distinct from me()::text then
    raise insufficient_privilege using message = 'ledger_append: the act is said to be by another organisation';
  end if;
  if said ->> 'parties' is distinct from '["' || array_to_string(holders, '","') || '"]' then
    raise check_violation using message = 'ledger_append: the parties are not those of the act';
  end if;
  if entry is distinct from format(
    '{"act":%s,"at":%s,"by":%s,"detail":%s,"id":%s,"parties":%s,"person":%s,"subject":{"id":%s,"type":%s},"v":1}',
    said -> 'act', said -> 'at', said -> 'by', said -> 'detail', said -> 'id', said -> 'parties', said -> 'person',
    said #> '{subject,id}', said #> '{subject,type}')
  then
    raise check_violation using message = 'ledger_append: the entry is not laid out as an entry';
  end if;
  -- No NOTIFY: it would make every commit queue for one lock. The integrator looks several times a second.
  insert into ledger_pending (organisation_id, act_id, entry)
    select organisation_id, (said ->> 'id')::uuid, entry from ledger_logs where organisation_id = any (holders);
end $$;
grant execute on function ledger_append(text) to chirograph_app;
