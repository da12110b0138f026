-- Data leaving under a decision. Until it is sent a release is the sender's alone; then both parties'.

create sequence release_numbers;
grant usage on sequence release_numbers to chirograph_app;

create table releases (
  id uuid primary key,
  reference text not null unique,
  request_id uuid not null,
  agreement_id uuid not null,
  sender_id uuid not null,
  recipient_id uuid not null,
  data_set text not null,
  purpose text not null,
  state text not null check (state in ('prepared', 'refused', 'withdrawn', 'sent', 'collected', 'destroyed')),
  rulebook text not null,
  facts_hash text not null,
  prepared_by uuid,
  prepared_at timestamptz not null,
  approved_by uuid,
  manifest bytea,
  sent_act uuid,
  sent_at timestamptz,
  collected_act uuid,
  collected_at timestamptz,
  destroyed_act uuid,
  destroyed_at timestamptz,
  destruction_method text,
  keep_until date,
  parties uuid[] not null check (parties <@ array[sender_id, recipient_id] and parties @> array[sender_id]),
  -- Only the holder of what a request asks for answers it, and only to whoever asked.
  foreign key (request_id, agreement_id, sender_id, recipient_id)
    references requests (id, agreement_id, holder_id, recipient_id),
  check ((state in ('sent', 'collected', 'destroyed')) = (sent_at is not null and manifest is not null)),
  check ((state in ('collected', 'destroyed')) = (collected_at is not null)),
  check ((state = 'destroyed') = (destroyed_at is not null and destruction_method is not null))
);
call isolate('releases');
create index releases_request on releases (request_id);
grant select, insert, update on releases to chirograph_app;
-- What left is for ever, even to raw SQL: only what happens to it afterwards is added.
create function what_left_is_for_ever() returns trigger language plpgsql as $$
begin
  if (new.id, new.reference, new.request_id, new.agreement_id, new.sender_id, new.recipient_id, new.data_set, new.purpose,
      new.manifest, new.sent_at, new.prepared_by, new.prepared_at, new.approved_by, new.rulebook, new.facts_hash, new.parties)
    is distinct from
     (old.id, old.reference, old.request_id, old.agreement_id, old.sender_id, old.recipient_id, old.data_set, old.purpose,
      old.manifest, old.sent_at, old.prepared_by, old.prepared_at, old.approved_by, old.rulebook, old.facts_hash, old.parties)
    or (old.sent_act is not null and new.sent_act is distinct from old.sent_act)
    or (old.collected_at is not null and new.collected_at is distinct from old.collected_at)
    or (old.destroyed_at is not null and new.destroyed_at is distinct from old.destroyed_at)
  then raise exception 'what left cannot change';
  end if;
  return new;
end $$;
create trigger what_left before update on releases
  for each row when (old.sent_at is not null) execute function what_left_is_for_ever();
-- The sweep of packages that no release owns needs to know which releases there are.
create policy worker_sweeps on releases for select to chirograph_worker using (true);
grant select (id, state) on releases to chirograph_worker;

-- How the sender got there is the sender's own: what its file held, what the rules found, and, until the release is
-- answered, the first rows before and after (personal data, sealed, for whoever approves).
create table release_workings (
  release_id uuid primary key references releases,
  report jsonb not null,
  findings jsonb not null,
  preview bytea,
  -- The encrypted file as it was prepared and looked at: name, hash, size. Nothing else is ever sent.
  encrypted jsonb,
  parties uuid[] not null check (cardinality(parties) = 1)
);
call isolate('release_workings');
grant select, insert, update on release_workings to chirograph_app;

-- Whose logs an act about something belongs in: read from the thing itself, never from the caller.
create function act_parties(subject_type text, subject_id uuid) returns uuid[]
  language sql stable set search_path = public, pg_temp
  as $$ select case subject_type
    when 'organisation' then (select parties from organisations where id = subject_id)
    when 'agreement' then (select parties from agreements where id = subject_id)
    when 'request' then (select parties from requests where id = subject_id)
    when 'release' then (select parties from releases where id = subject_id)
  end $$;
