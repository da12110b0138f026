-- The bodies with some short names (0011_lists), with all their logs' keys and their witness's (0009_witnesses).
drop function public_organisations(text[]);
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
