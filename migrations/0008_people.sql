-- Letting people in, handing a role on for a while, and what an erased person leaves behind.

-- Who let somebody in; nobody where the operator did, or setting up.
alter table people add column added_by uuid;

-- A link that lets one person choose a password, once. Only the SHA-256 of its token is kept. A person has one at most: a
-- new one puts an end to the one before, and so does using it.
create table one_time_links (
  person_id uuid primary key,
  token_hash bytea not null unique check (length(token_hash) = 32),
  purpose text not null check (purpose in ('invitation', 'reset')),
  made_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > made_at),
  parties uuid[] not null,
  foreign key (person_id, parties) references people (id, parties)
);
call isolate('one_time_links');
grant select, insert, update, delete on one_time_links to chirograph_app;

-- Whoever holds a link is nobody yet: this looks across the wall, for one link.
create function find_link(hash bytea, moment timestamptz)
  returns table (person_id uuid, purpose text, person_name text, email text, organisation_id uuid, organisation_name text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select p.id, l.purpose, p.name, p.email, o.id, o.name
        from one_time_links l join people p on p.id = l.person_id join organisations o on o.id = p.organisation_id
        where l.token_hash = hash and l.expires_at > moment and p.erased_at is null $$;
grant execute on function find_link(bytea, timestamptz) to chirograph_app;

-- A role handed to a colleague from one day to another, both of London. Who may let people in is not handed on: one makes
-- another administrator instead.
create table delegations (
  id uuid primary key,
  from_person uuid not null,
  to_person uuid not null check (to_person <> from_person),
  role text not null check (role <> 'administrator'),
  from_day date not null,
  until_day date not null check (until_day >= from_day and until_day < from_day + 92),
  given_at timestamptz not null,
  ended_at timestamptz,
  ended_by uuid,
  parties uuid[] not null,
  foreign key (from_person, parties) references people (id, parties),
  foreign key (to_person, parties) references people (id, parties)
);
call isolate('delegations');
create index delegations_to_person on delegations (to_person);
grant select, insert, update (ended_at, ended_by) on delegations to chirograph_app;

-- The delegations that give something on a day: begun, not over, not ended, and of a role that the giver holds themselves
-- still. This is the only place that says so.
create function delegations_on(day date) returns setof delegations language sql stable
  as $$ select d.* from delegations d join people giver on giver.id = d.from_person
        where day between d.from_day and d.until_day and d.ended_at is null
          and giver.erased_at is null and d.role = any (giver.roles) $$;
grant execute on function delegations_on(date) to chirograph_app;

-- The same for whoever a session is of, before anyone is anybody.
create function delegated_in_session(hash bytea, day date)
  returns table (delegation_id uuid, role text, from_person uuid)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select d.id, d.role, d.from_person from sessions s join delegations_on(day) d on d.to_person = s.person_id
        where s.token_hash = hash $$;
grant execute on function delegated_in_session(bytea, date) to chirograph_app;

-- An act can be about a person as well as by one: each has a salt of their own, so that erasing one leaves the other.
alter table ledger_salts add column part text not null default 'doer' check (part in ('doer', 'about'));
alter table ledger_salts drop constraint ledger_salts_pkey, add primary key (act_id, part);

-- An act under way and the erasure of whoever does it wait for each other. The act that is first leaves a salt, and the
-- erasure destroys it; the act that comes second keeps none (and src/ledger/append.ts then does not let it happen).
create function no_salt_of_the_erased() returns trigger language plpgsql as $$
declare
  gone boolean;
begin
  select erased_at is not null into gone from people where id = new.person_id for share;
  return case when gone then null else new end;
end $$;
create trigger of_the_living before insert on ledger_salts
  for each row execute function no_salt_of_the_erased();

-- Two people for each release that a person approves, whatever the code does.
alter table releases add constraint two_people check (approved_by <> prepared_by);

-- The delegation under which a release was prepared: whoever gave it stands behind the preparer.
alter table releases add column prepared_under uuid;
create or replace function what_left_is_for_ever() returns trigger language plpgsql as $$
begin
  if (new.id, new.reference, new.request_id, new.agreement_id, new.sender_id, new.recipient_id, new.data_set, new.purpose,
      new.manifest, new.sent_at, new.prepared_by, new.prepared_under, new.prepared_at, new.approved_by, new.rulebook,
      new.facts_hash, new.parties)
    is distinct from
     (old.id, old.reference, old.request_id, old.agreement_id, old.sender_id, old.recipient_id, old.data_set, old.purpose,
      old.manifest, old.sent_at, old.prepared_by, old.prepared_under, old.prepared_at, old.approved_by, old.rulebook,
      old.facts_hash, old.parties)
    or (old.sent_act is not null and new.sent_act is distinct from old.sent_act)
    or (old.collected_at is not null and new.collected_at is distinct from old.collected_at)
    or (old.destroyed_at is not null and new.destroyed_at is distinct from old.destroyed_at)
  then raise exception 'what left cannot change';
  end if;
  return new;
end $$;
