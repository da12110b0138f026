-- Logs that follow one another, and those who witness them.

-- A log that can never be signed again is followed by another of the same organisation, under a key of its own: `log`
-- counts them from 1. The old one stays as it is.
alter table ledger_tiles drop constraint ledger_tiles_organisation_id_fkey;
alter table ledger_checkpoints drop constraint ledger_checkpoints_organisation_id_fkey;
alter table ledger_logs add column log smallint not null default 1 check (log > 0),
  drop constraint ledger_logs_pkey, add primary key (organisation_id, log);
alter table ledger_entries add column log smallint not null default 1,
  drop constraint ledger_entries_pkey, add primary key (organisation_id, log, index);
alter table ledger_tiles add column log smallint not null default 1,
  drop constraint ledger_tiles_pkey, add primary key (organisation_id, log, level, index),
  add foreign key (organisation_id, log) references ledger_logs;
alter table ledger_checkpoints add column log smallint not null default 1,
  drop constraint ledger_checkpoints_pkey, add primary key (organisation_id, log, size),
  add foreign key (organisation_id, log) references ledger_logs;
grant select (log) on ledger_logs to chirograph_app;
-- The service makes an organisation's first log with the organisation; only the worker makes another.
grant insert on ledger_logs to chirograph_worker;
create policy worker_continues on ledger_logs for insert to chirograph_worker with check (log > 1);

-- The parties of an act's subject: one statement for each kind, which a session plans once.
create or replace function act_parties(subject_type text, subject_id uuid) returns uuid[]
  language plpgsql stable set search_path = public, pg_temp
as $$
begin
  case subject_type
    when 'organisation' then return (select parties from organisations where id = subject_id);
    when 'agreement' then return (select parties from agreements where id = subject_id);
    when 'request' then return (select parties from requests where id = subject_id);
    when 'release' then return (select parties from releases where id = subject_id);
    else return null;
  end case;
end $$;

-- What is appended waits once for each organisation, however many logs it has had. The entry is read once, and
-- put together again from what was read: then nothing else is in it, and it is laid out in one way.
create or replace function ledger_append(entry text) returns void language plpgsql security definer
  set search_path = public, pg_temp
as $$
declare
  act json; happened json; doer json; detail json; id json; parties json; person json; subject json;
  holders uuid[];
begin
  if octet_length(entry) >= 4096 then
    raise check_violation using message = 'ledger_append: an entry must be shorter than 4096 bytes';
  end if;
  select said."act", said."at", said."by", said."detail", said."id", said."parties", said."person", said."subject"
    into act, happened, doer, detail, id, parties, person, subject
    from json_to_record(entry::json) said("act" json, "at" json, "by" json, "detail" json, "id" json,
      "parties" json, "person" json, "subject" json);
  holders := (select array_agg(distinct holder order by holder)
    from unnest(act_parties(subject ->> 'type', (subject ->> 'id')::uuid)) holder);
  if me() = any (holders) is not true then
    raise insufficient_privilege using message = 'ledger_append: the act is not yours to record';
  end if;
  if doer::text is distinct from '"' || me() || '"' then
    raise insufficient_privilege using message = 'ledger_append: the act is said to be by another organisation';
  end if;
  if parties::text is distinct from '["' || array_to_string(holders, '","') || '"]' then
    raise check_violation using message = 'ledger_append: the parties are not those of the act';
  end if;
  if entry is distinct from concat('{"act":', act, ',"at":', happened, ',"by":', doer, ',"detail":', detail,
    ',"id":', id, ',"parties":', parties, ',"person":', coalesce(person::text, 'null'),
    ',"subject":{"id":', subject -> 'id', ',"type":', subject -> 'type', '},"v":1}')
  then
    raise check_violation using message = 'ledger_append: the entry is not laid out as an entry';
  end if;
  -- No NOTIFY: it would make every commit queue for one lock. The integrator looks several times a second.
  insert into ledger_pending (organisation_id, act_id, entry)
    select organisation_id, (id #>> '{}')::uuid, ledger_append.entry from ledger_logs
    where organisation_id = any (holders) and log = 1;
end $$;

-- With whom an organisation has an act in common: it witnesses their logs. The integrator notes it as entries go in.
create table ledger_partners (
  organisation_id uuid not null,
  partner_id uuid not null check (partner_id <> organisation_id),
  parties uuid[] not null generated always as (array[organisation_id]) stored,
  primary key (organisation_id, partner_id)
);
call isolate('ledger_partners');
grant select on ledger_partners to chirograph_app;
grant select, insert on ledger_partners to chirograph_worker;
create policy worker_reads on ledger_partners for select to chirograph_worker using (true);
create policy worker_adds on ledger_partners for insert to chirograph_worker with check (true);
insert into ledger_partners (organisation_id, partner_id)
  select distinct organisation_id, partner::uuid
  from ledger_entries cross join json_array_elements_text(entry::json -> 'parties') partner
  where partner <> organisation_id::text;

-- The key an organisation cosigns its partners' checkpoints with; another than its log's. Made by the worker at first use.
create table ledger_witness_keys (
  organisation_id uuid primary key,
  vkey text not null unique,
  sealed_key bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  parties uuid[] not null generated always as (array[organisation_id]) stored
);
call isolate('ledger_witness_keys');
grant select (organisation_id, vkey, created_at, parties) on ledger_witness_keys to chirograph_app;
grant select, insert on ledger_witness_keys to chirograph_worker;
create policy worker_reads on ledger_witness_keys for select to chirograph_worker using (true);
create policy worker_adds on ledger_witness_keys for insert to chirograph_worker with check (true);

-- What an organisation's witness cosigned last of a log: it cosigns nothing that does not lead on from there.
create table ledger_seen (
  organisation_id uuid not null,
  origin text not null,
  size bigint not null check (size >= 0),
  root bytea not null check (length(root) = 32),
  parties uuid[] not null generated always as (array[organisation_id]) stored,
  primary key (organisation_id, origin)
);
call isolate('ledger_seen');
grant select, insert, update on ledger_seen to chirograph_worker;
create policy worker_reads on ledger_seen for select to chirograph_worker using (true);
create policy worker_adds on ledger_seen for insert to chirograph_worker with check (true);
create policy worker_goes_on on ledger_seen for update to chirograph_worker using (true) with check (true);

-- Cosignatures of a log's checkpoints (c2sp.org/tlog-cosignature), as their witnesses gave them. Sealed like what they sign.
create table ledger_cosignatures (
  organisation_id uuid not null,
  log smallint not null,
  size bigint not null,
  vkey text not null,
  line text not null,
  signed_at timestamptz not null,
  parties uuid[] not null generated always as (array[organisation_id]) stored,
  primary key (organisation_id, log, size, vkey),
  foreign key (organisation_id, log) references ledger_logs
);
call isolate('ledger_cosignatures');
revoke update, delete, truncate on ledger_cosignatures from chirograph_owner;
grant select on ledger_cosignatures to chirograph_app;
grant select, insert on ledger_cosignatures to chirograph_worker;
create policy worker_reads on ledger_cosignatures for select to chirograph_worker using (true);
create policy worker_adds on ledger_cosignatures for insert to chirograph_worker with check (true);

-- How each witness last answered for a log: what is shown, and from which size it is asked next.
create table ledger_witnesses (
  organisation_id uuid not null,
  log smallint not null,
  vkey text not null,
  size bigint,
  answer text not null check (answer in ('cosigned', 'down', 'refused', 'disagrees')),
  answered_at timestamptz not null default clock_timestamp(),
  parties uuid[] not null generated always as (array[organisation_id]) stored,
  primary key (organisation_id, log, vkey),
  foreign key (organisation_id, log) references ledger_logs
);
call isolate('ledger_witnesses');
grant select on ledger_witnesses to chirograph_app;
grant select, insert, update on ledger_witnesses to chirograph_worker;
create policy worker_reads on ledger_witnesses for select to chirograph_worker using (true);
create policy worker_adds on ledger_witnesses for insert to chirograph_worker with check (true);
create policy worker_goes_on on ledger_witnesses for update to chirograph_worker using (true) with check (true);

-- Each is found by its organisation: an index of parties would only slow the worker.
drop index ledger_partners_parties_idx, ledger_witness_keys_parties_idx, ledger_seen_parties_idx,
  ledger_cosignatures_parties_idx, ledger_witnesses_parties_idx;

-- What anyone may know of a body: its name and its public keys, those of its earlier logs among them.
drop function public_organisations();
create function public_organisations()
  returns table (id uuid, slug text, name text, signing_key text, receiving_key text, log_key text,
    earlier_log_keys text[], witness_key text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select o.id, o.slug, o.name, s.public_key, r.public_key, logs.keys[1], logs.keys[2:], w.vkey
        from organisations o
        left join organisation_keys s on s.organisation_id = o.id and s.purpose = 'signing' and s.retired_at is null
        left join organisation_keys r on r.organisation_id = o.id and r.purpose = 'receiving' and r.retired_at is null
        left join lateral (select array_agg(vkey order by log desc) as keys from ledger_logs l
          where l.organisation_id = o.id) logs on true
        left join ledger_witness_keys w on w.organisation_id = o.id
        order by o.name $$;
grant execute on function public_organisations() to chirograph_app;
