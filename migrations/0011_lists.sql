-- Lists are read in the order they are shown, a page at a time: an index leads to the page's first row, and no row before it
-- is looked at. The wall stays as it is: what these indexes compare is leakproof, so it is asked before the policy is.

-- The day something has to be done by; what has no day comes after every day.
alter table requests add column due date not null generated always as (coalesce(needed_by, 'infinity')) stored;
alter table releases add column due date not null generated always as (coalesce(keep_until, 'infinity')) stored;

create index requests_to_answer on requests (holder_id, state, due, raised_at, id) where state in ('waiting', 'agreed');
create index requests_asked on requests (recipient_id, due, raised_at, id) where state in ('waiting', 'agreed');
create index requests_answered_by on requests (holder_id, raised_at, id) where state in ('refused', 'answered');
create index requests_answered_for on requests (recipient_id, raised_at, id) where state in ('refused', 'answered');
create index requests_between on requests (holder_id, recipient_id, raised_at, id);
drop index decisions_request;
create index decisions_request on decisions (request_id, decided_at);

create index releases_prepared on releases (sender_id, prepared_at, id) where state = 'prepared';
create index releases_sent_by on releases (sender_id, sent_at, id) where state = 'sent';
create index releases_sent_to on releases (recipient_id, sent_at, id) where state = 'sent';
create index releases_held_from on releases (sender_id, due, collected_at, id) where state = 'collected';
create index releases_held_by on releases (recipient_id, due, collected_at, id) where state = 'collected';
create index releases_held_between on releases (sender_id, recipient_id, due, collected_at, id) where state = 'collected';
create index releases_closed_by on releases (sender_id, prepared_at, id) where state in ('refused', 'withdrawn', 'destroyed');
create index releases_closed_for on releases (recipient_id, prepared_at, id) where state = 'destroyed';
create index releases_between on releases (sender_id, recipient_id, prepared_at, id);
drop index releases_request;
create index releases_request on releases (request_id, prepared_at);

-- A row of these is found by its number, its request, or one of its two bodies: by an index of parties a body with most rows
-- would have all of them looked at.
drop index requests_parties_idx, decisions_parties_idx, releases_parties_idx, release_workings_parties_idx;

-- What lists and the register show of an agreement, taken from its document by the database itself, so that a page of fifty
-- need not read fifty documents. Jsonb is made of jsonb only: the same document always gives the same.
create function agreement_brief(document text) returns jsonb language sql immutable parallel safe
  set search_path = public, pg_temp
  as $$ select jsonb_build_object(
          'reference', d->'reference', 'version', d->'version', 'title', d->'title',
          'startsOn', d->'startsOn', 'endsOn', d->'endsOn',
          'parties', (select jsonb_agg(jsonb_build_object(
              'organisation', p->'organisation', 'legalName', p->'legalName', 'maySign', p->'maySign'))
            from jsonb_array_elements(d->'parties') p),
          'terms', jsonb_build_object(
            'purposes', d->'terms'->'purposes',
            'datasets', (select jsonb_agg(jsonb_build_object('id', s->'id', 'title', s->'title'))
              from jsonb_array_elements(d->'terms'->'datasets') s),
            'retention', d->'terms'->'retention', 'requests', d->'terms'->'requests'))
        from (select document::jsonb) words (d) $$;
create function agreement_published(document text) returns jsonb language sql immutable parallel safe
  set search_path = public, pg_temp
  as $$ select jsonb_build_object(
          'reference', d->'reference', 'version', d->'version', 'type', d->'type', 'title', d->'title',
          'startsOn', d->'startsOn', 'endsOn', d->'endsOn',
          'parties', (select jsonb_agg(jsonb_build_object(
              'organisation', p->'organisation', 'legalName', p->'legalName', 'role', p->'role'))
            from jsonb_array_elements(d->'parties') p),
          'terms', jsonb_build_object(
            'purposes', d->'terms'->'purposes', 'powers', d->'terms'->'powers',
            'lawfulBases', d->'terms'->'lawfulBases', 'datasets', d->'terms'->'datasets',
            'retention', d->'terms'->'retention'))
        from (select document::jsonb) words (d) $$;
-- Whoever writes an agreement has these made.
grant execute on function agreement_brief(text), agreement_published(text) to chirograph_app, chirograph_worker;
alter table agreements
  add column brief jsonb generated always as (agreement_brief(document)) stored,
  add column published jsonb generated always as (agreement_published(document)) stored;

create index agreements_in_order on agreements (state, ends_on, id);
create index agreements_drafts on agreements (starts_on, id) where state = 'draft';
create index agreements_registered on agreements (reference, version) where state = 'signed';

-- A page of the public register: what of a signed agreement in force on a day anyone may know, after one reference and version,
-- of one body or (null) of all. Planned anew each time: how many agreements a body has decides which index is the short way.
drop function public_register();
create function public_register(today date, body text, after_reference text, after_version integer, how_many integer)
  returns table (digest text, published jsonb)
  language plpgsql stable security definer set search_path = public, pg_temp
as $$
declare
  body_id uuid := (select id from organisations where slug = body);
begin
  if body is not null and body_id is null then return; end if;
  return query execute
    'select digest, published from agreements
     where state = ''signed'' and starts_on <= $1 and ends_on >= $1 and (reference, version) > ($3, $4)
       and ($2 is null or parties @> array[$2])
     order by reference, version limit least($5, 1000)'
    using today, body_id, after_reference, after_version, how_many;
end $$;
grant execute on function public_register(date, text, text, integer, integer) to chirograph_app;

-- The agreements that the caller's organisation has with another, by id. Under the policy alone the index of parties cannot
-- be asked for both at once, and a body with many agreements would have all of its own read.
create function agreements_with(partner uuid) returns setof uuid
  language sql stable security definer set search_path = public, pg_temp
  as $$ select id from agreements where parties @> array[me(), partner] $$;
grant execute on function agreements_with(uuid) to chirograph_app;

-- Names of bodies by their ids, and the bodies with some short names: a page asks for those it shows, not for everybody.
create function organisation_names(ids uuid[]) returns table (id uuid, slug text, name text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select id, slug, name from organisations o where o.id = any (ids) $$;
grant execute on function organisation_names(uuid[]) to chirograph_app;
create function public_organisations(slugs text[])
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
        where o.slug = any (slugs) order by o.name $$;
grant execute on function public_organisations(text[]) to chirograph_app;
-- Bodies whose name has some words in it, the first ones by name: what is typed to find a partner.
create function organisations_named(words text) returns table (id uuid, slug text, name text)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select id, slug, name from organisations o
        where position(lower(words) in lower(o.name)) > 0 order by o.name limit 20 $$;
grant execute on function organisations_named(text) to chirograph_app;
