-- Two steps to sign in, sessions that can be listed and ended, and a count of wrong attempts.

-- Sessions from before know nothing of a second step: whoever had one signs in again.
delete from sessions;
alter table sessions
  -- What the page names a session by; its token's hash stays where it is.
  add column id uuid not null unique,
  add column browser text not null check (length(browser) between 1 and 60),
  add column seen_at timestamptz not null,
  -- When it ends unless it is used: never later than expires_at.
  add column ends_at timestamptz not null check (ends_at <= expires_at),
  -- When it last proved by a second factor who this is; null: a right password, and no second factor yet.
  add column proved_at timestamptz,
  -- The secret of an authenticator app that is being set up in this session, sealed.
  add column offered_secret bytea;
grant update (seen_at, ends_at, proved_at, offered_secret) on sessions to chirograph_app;

-- The authenticator app of a person: its secret sealed under the master key, and the last 30 seconds whose code was taken.
create table second_factors (
  person_id uuid primary key,
  sealed_secret bytea not null,
  last_step bigint not null,
  set_up_at timestamptz not null,
  parties uuid[] not null,
  foreign key (person_id, parties) references people (id, parties)
);
call isolate('second_factors');
grant select, insert, delete on second_factors to chirograph_app;
grant update (last_step) on second_factors to chirograph_app;

-- Each opens the second step once, and is then gone. Only a keyed hash is kept.
create table recovery_codes (
  person_id uuid not null,
  code_hash bytea not null check (length(code_hash) = 32),
  parties uuid[] not null,
  primary key (person_id, code_hash),
  foreign key (person_id, parties) references people (id, parties)
);
call isolate('recovery_codes');
grant select, insert, delete on recovery_codes to chirograph_app;

drop function find_session(bytea, timestamptz);
create function find_session(hash bytea, moment timestamptz)
  returns table (person_id uuid, person_name text, roles text[], organisation_id uuid, slug text, organisation_name text,
    seen_at timestamptz, proved_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select p.id, p.name, p.roles, o.id, o.slug, o.name, s.seen_at, s.proved_at
        from sessions s join people p on p.id = s.person_id join organisations o on o.id = p.organisation_id
        where s.token_hash = hash and s.ends_at > moment and p.erased_at is null $$;
grant execute on function find_session(bytea, timestamptz) to chirograph_app;

-- Wrong attempts at passwords and codes. They come before anybody is somebody, so they are nobody's: a bucket is a keyed
-- hash of who was tried from where, and tells nothing without the master key. Reached by the two functions below only.
create table attempts (
  bucket bytea primary key check (length(bucket) = 32),
  failures integer not null,
  not_before timestamptz, -- null: no need to wait
  at timestamptz not null
);
create index attempts_at on attempts (at);
alter table attempts enable row level security;
alter table attempts force row level security;
create policy owner on attempts to chirograph_owner using (true) with check (true);

-- Counts an attempt as wrong before it is made, in all its buckets or none, so that a thousand at once are a thousand.
-- Null: go ahead. Otherwise when to try again. After `free` wrong ones in a bucket each waits twice as long as the one
-- before it, from 15 seconds to `longest`; a day without any forgets them.
create function begin_attempt(buckets bytea[], free integer[], longest interval[], moment timestamptz)
  returns timestamptz language plpgsql security definer set search_path = public, pg_temp
as $$
declare
  wait timestamptz;
begin
  delete from attempts where bucket in
    (select bucket from attempts where at < moment - interval '1 day' limit 100 for update skip locked);
  insert into attempts (bucket, failures, at)
    select one, 0, moment from unnest(buckets) one order by one on conflict do nothing;
  perform from attempts where bucket = any (buckets) order by bucket for update;
  select max(not_before) into wait from attempts where bucket = any (buckets) and not_before > moment;
  if wait is not null then return wait; end if;
  update attempts set failures = failures + 1, at = moment,
      not_before = case when failures + 1 >= of.free
        then moment + least(of.longest, interval '15 seconds' * power(2, least(failures + 1 - of.free, 20))) end
    from unnest(buckets, free, longest) as of (bucket, free, longest) where attempts.bucket = of.bucket;
  return null;
end $$;
grant execute on function begin_attempt(bytea[], integer[], interval[], timestamptz) to chirograph_app;

-- The attempt was right: what was tried starts from nothing again, and a shared bucket gets this one attempt back.
create function forgive_attempt(own bytea[], shared bytea[])
  returns void language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  -- In the order that begin_attempt takes them: two that wait for each other would both fail, and one of them was right.
  perform from attempts where bucket = any (own || shared) order by bucket for update;
  delete from attempts where bucket = any (own);
  update attempts set failures = greatest(failures - 1, 0), not_before = null where bucket = any (shared);
end $$;
grant execute on function forgive_attempt(bytea[], bytea[]) to chirograph_app;
