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
  parties uuid[] not null check (cardinality(parties) >= 2)
);
call isolate('agreements');
create unique index agreements_reference on agreements (reference, version);
grant select, insert on agreements to chirograph_app;
grant update (state) on agreements to chirograph_app;

-- Each party signs the digest with its own key.
create table agreement_signatures (
  agreement_id uuid not null references agreements,
  organisation_id uuid not null,
  person_id uuid not null,
  role text not null,
  protected_header text not null,
  signature text not null,
  public_key text not null,
  signed_at timestamptz not null,
  parties uuid[] not null,
  primary key (agreement_id, organisation_id)
);
call isolate('agreement_signatures');
grant select, insert on agreement_signatures to chirograph_app;

-- The public register: what is in force and may be known by anyone. No names, no contacts.
create function public_register()
  returns table (reference text, version integer, title text, starts_on date, ends_on date, digest text, document text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select reference, version, title, starts_on, ends_on, digest, document from agreements
        where state = 'signed' order by reference, version $$;
grant execute on function public_register() to chirograph_app;
