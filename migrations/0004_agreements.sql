-- One document holds the words and the terms; a version never changes once a party has signed it.

create table agreements (
  id uuid primary key,
  reference text not null check (reference ~ '^[A-Za-z0-9][A-Za-z0-9-]{1,62}$'),
  version integer not null check (version > 0),
  state text not null check (state in ('draft', 'signed', 'ended')),
  title text not null,
  starts_on date not null,
  ends_on date not null,
  digest text not null check (digest ~ '^sha256:[0-9a-f]{64}$'),
  document text not null,
  created_at timestamptz not null,
  parties uuid[] not null check (cardinality(parties) >= 2),
  unique (id, parties)
);
call isolate('agreements');
create unique index agreements_reference on agreements (reference, version);
grant select, insert on agreements to chirograph_app;
grant update (state) on agreements to chirograph_app;

-- Each party signs the digest with its own key. What hangs on a thing has that thing's parties: an outsider who has learnt
-- its id can hang nothing on it for them to see.
create table agreement_signatures (
  agreement_id uuid not null,
  organisation_id uuid not null,
  person_id uuid not null,
  role text not null,
  protected_header text not null,
  signature text not null,
  public_key text not null,
  signed_at timestamptz not null,
  parties uuid[] not null,
  primary key (agreement_id, organisation_id),
  foreign key (agreement_id, parties) references agreements (id, parties)
);
call isolate('agreement_signatures');
grant select, insert on agreement_signatures to chirograph_app;

-- The public register: what of a signed agreement anyone may know. Contacts, addresses and the words stay behind the
-- wall: they are left out here, not by whoever asks.
create function public_register()
  returns table (starts_on date, ends_on date, digest text, published jsonb)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select starts_on, ends_on, digest, jsonb_build_object(
          'reference', d->'reference', 'version', d->'version', 'type', d->'type', 'title', d->'title',
          'startsOn', d->'startsOn', 'endsOn', d->'endsOn',
          'parties', (select jsonb_agg(jsonb_build_object(
              'organisation', p->'organisation', 'legalName', p->'legalName', 'role', p->'role'))
            from jsonb_array_elements(d->'parties') p),
          'terms', jsonb_build_object(
            'purposes', d->'terms'->'purposes', 'powers', d->'terms'->'powers',
            'lawfulBases', d->'terms'->'lawfulBases', 'datasets', d->'terms'->'datasets',
            'retention', d->'terms'->'retention'))
        from agreements cross join lateral (select document::jsonb) as words (d)
        where state = 'signed' order by reference, version $$;
grant execute on function public_register() to chirograph_app;
