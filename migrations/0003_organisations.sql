-- Public bodies, their people and keys. Each row is its organisation's own.

create table organisations (
  id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z][a-z0-9-]{1,62}$'),
  name text not null check (length(name) between 2 and 200),
  created_at timestamptz not null,
  parties uuid[] not null,
  check (parties = array[id])
);
call isolate('organisations');
grant select, insert on organisations to chirograph_app;

-- A public key as text; the private half sealed under the master key. Retired keys stay: old signatures need them.
create table organisation_keys (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null references organisations,
  purpose text not null check (purpose in ('signing', 'receiving')),
  public_key text not null,
  sealed bytea not null,
  created_at timestamptz not null,
  retired_at timestamptz,
  parties uuid[] not null,
  check (parties = array[organisation_id])
);
call isolate('organisation_keys');
create unique index one_current_key on organisation_keys (organisation_id, purpose) where retired_at is null;
grant select, insert on organisation_keys to chirograph_app;

-- Details go when a person is erased; the row stays, so that what they did still has a doer.
create table people (
  id uuid primary key,
  organisation_id uuid not null references organisations,
  name text,
  email text,
  password_hash text,
  roles text[] not null,
  created_at timestamptz not null,
  erased_at timestamptz,
  parties uuid[] not null,
  check (parties = array[organisation_id]),
  unique (id, parties),
  check ((erased_at is null) = (name is not null and email is not null)),
  check (erased_at is null or password_hash is null)
);
call isolate('people');
create unique index people_email on people (lower(email));
create index people_organisation on people (organisation_id);
grant select, insert, update on people to chirograph_app;

-- Only the SHA-256 of a session's token is kept. A session is its person's organisation's: nobody starts one for others.
create table sessions (
  token_hash bytea primary key check (length(token_hash) = 32),
  person_id uuid not null,
  started_at timestamptz not null,
  expires_at timestamptz not null,
  parties uuid[] not null,
  foreign key (person_id, parties) references people (id, parties)
);
call isolate('sessions');
create index sessions_person on sessions (person_id);
grant select, insert, delete on sessions to chirograph_app;

-- Signing in happens before anyone is somebody: these two look across the wall, one row at a time.
create function sign_in_lookup(address text)
  returns table (person_id uuid, organisation_id uuid, password_hash text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select id, organisation_id, password_hash from people where lower(email) = lower(address) and erased_at is null $$;
grant execute on function sign_in_lookup(text) to chirograph_app;

create function find_session(hash bytea, moment timestamptz)
  returns table (person_id uuid, person_name text, roles text[], organisation_id uuid, slug text, organisation_name text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select p.id, p.name, p.roles, o.id, o.slug, o.name
        from sessions s join people p on p.id = s.person_id join organisations o on o.id = p.organisation_id
        where s.token_hash = hash and s.expires_at > moment and p.erased_at is null $$;
grant execute on function find_session(bytea, timestamptz) to chirograph_app;

-- What anyone may know of a body: its name and its public keys.
create function public_organisations()
  returns table (id uuid, slug text, name text, signing_key text, receiving_key text, log_key text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select o.id, o.slug, o.name, s.public_key, r.public_key, l.vkey
        from organisations o
        left join organisation_keys s on s.organisation_id = o.id and s.purpose = 'signing' and s.retired_at is null
        left join organisation_keys r on r.organisation_id = o.id and r.purpose = 'receiving' and r.retired_at is null
        left join ledger_logs l on l.organisation_id = o.id
        order by o.name $$;
grant execute on function public_organisations() to chirograph_app;

-- The example signs in by one click; a live instance has nobody here.
create function example_people()
  returns table (person_id uuid, name text, roles text[], organisation_id uuid, organisation_name text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select p.id, p.name, p.roles, o.id, o.name from people p join organisations o on o.id = p.organisation_id
        where p.erased_at is null and exists (select from instance where mode = 'example')
        order by o.name, p.created_at, p.name $$;
grant execute on function example_people() to chirograph_app;

-- The first person of an empty live instance sets it up; afterwards this is false for ever.
create function needs_setup() returns boolean
  language sql stable security definer set search_path = public, pg_temp
  as $$ select exists (select from instance where mode = 'live') and not exists (select from organisations) $$;
grant execute on function needs_setup() to chirograph_app;
