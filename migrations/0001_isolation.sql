-- Roles are made before the first migration (src/platform/migrate.ts): chirograph_owner owns and migrates,
-- chirograph_app serves people, chirograph_worker keeps the ledger. This file holds the one wall they all share.

grant usage on schema public to chirograph_app, chirograph_worker;
alter default privileges for role chirograph_owner revoke execute on functions from public;

-- The organisation this transaction runs for; null shows nothing.
create function me() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('app.organisation_id', true), '')::uuid $$;
grant execute on function me() to chirograph_app, chirograph_worker;

-- The one policy shape: a row is for the organisations in its `parties`, to read and to write.
create procedure isolate(place regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', place);
  execute format('alter table %s force row level security', place);
  execute format('create policy parties on %s to chirograph_app
    using (parties @> array[me()]) with check (parties @> array[me()])', place);
  execute format('create policy owner on %s to chirograph_owner using (true) with check (true)', place);
  execute format('create index on %s using gin (parties)', place);
end $$;

alter table migrations enable row level security;
alter table migrations force row level security;
create policy owner on migrations to chirograph_owner using (true) with check (true);

-- What this database is, for ever: an instance that held the example never becomes a real one.
create table instance (
  only_one boolean primary key default true check (only_one),
  mode text not null check (mode in ('example', 'live')),
  -- Made from the master key: whoever opens this database with other keys could open and sign nothing.
  key_check text not null,
  created_at timestamptz not null default now()
);
alter table instance enable row level security;
alter table instance force row level security;
create policy owner on instance to chirograph_owner using (true) with check (true);

create function instance_is_for_ever() returns trigger language plpgsql
  as $$ begin raise exception 'what an instance is cannot change'; end $$;
create trigger for_ever before update or delete or truncate on instance
  for each statement execute function instance_is_for_ever();

create function instance_mode() returns text language sql stable security definer
  set search_path = public, pg_temp
  as $$ select mode from instance $$;
grant execute on function instance_mode() to chirograph_app, chirograph_worker;

-- One answer for each idempotency key of an organisation, kept with the act it answered.
create table answers (
  organisation_id uuid not null,
  key text not null check (length(key) between 8 and 200),
  action text not null,
  answer jsonb,
  at timestamptz not null default now(),
  parties uuid[] not null,
  primary key (organisation_id, key)
);
call isolate('answers');
grant select, insert, update on answers to chirograph_app;
