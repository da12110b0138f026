import type pg from 'pg';

// The wall between organisations, as the database's own catalogues must show it. Whoever adds a table, a grant or a
// function that crosses the wall says here what it is and why.

/** Tables without a row of any organisation: the service sees nothing of them. */
const nobodys: Record<string, string> = {
  instance: 'what this database is, for ever; asked by instance_mode()',
  migrations: 'the owner’s record of what ran',
  attempts: 'wrong passwords and codes under keyed hashes, before anybody is somebody',
};

/** What the worker sees or changes across organisations, by table and policy. */
export const workerPolicies: Record<string, { of: 'select' | 'insert' | 'update' | 'delete'; why: string }> =
  {
    'ledger_logs worker_integrates': { of: 'select', why: 'the integrator signs with every log’s key' },
    'ledger_logs worker_continues': {
      of: 'insert',
      why: 'a log that can never be signed again is followed by another',
    },
    'ledger_partners worker_reads': { of: 'select', why: 'who witnesses whose log' },
    'ledger_partners worker_adds': { of: 'insert', why: 'it notes who has an act in common' },
    'ledger_witness_keys worker_reads': { of: 'select', why: 'it cosigns with each organisation’s key' },
    'ledger_witness_keys worker_adds': { of: 'insert', why: 'it makes them at first use' },
    'ledger_seen worker_reads': { of: 'select', why: 'a witness cosigns only what leads on' },
    'ledger_seen worker_adds': { of: 'insert', why: 'it remembers what it cosigned' },
    'ledger_seen worker_goes_on': { of: 'update', why: 'the last it cosigned' },
    'ledger_cosignatures worker_reads': { of: 'select', why: 'what is cosigned already' },
    'ledger_cosignatures worker_adds': { of: 'insert', why: 'it keeps what witnesses gave' },
    'ledger_witnesses worker_reads': { of: 'select', why: 'from where a witness is asked next' },
    'ledger_witnesses worker_adds': { of: 'insert', why: 'how a witness answered' },
    'ledger_witnesses worker_goes_on': { of: 'update', why: 'how it answered last' },
    'ledger_pending worker_takes': { of: 'select', why: 'it takes what waits' },
    'ledger_pending worker_removes': { of: 'delete', why: 'and what it took is in the log' },
    'ledger_entries worker_reads': { of: 'select', why: 'a log is checked before it is added to' },
    'ledger_entries worker_adds': { of: 'insert', why: 'it adds to logs, and nobody removes' },
    'ledger_tiles worker_reads': { of: 'select', why: 'the tree’s edge is in them' },
    'ledger_tiles worker_adds': { of: 'insert', why: 'the tree grows' },
    'ledger_tiles worker_lengthens': {
      of: 'update',
      why: 'a partial tile becomes longer; a full one is for ever',
    },
    'ledger_checkpoints worker_reads': { of: 'select', why: 'the last one says where the log ends' },
    'ledger_checkpoints worker_adds': { of: 'insert', why: 'it signs' },
    'releases worker_sweeps': {
      of: 'select',
      why: 'packages that no release owns are swept: their ids and states',
    },
  };

/** The functions that look past the wall as the owner, and why each must. */
const crossings: Record<string, string> = {
  'ledger_append(text)': 'an act is written to the log of each of its parties',
  'sign_in_lookup(text)': 'signing in comes before being anybody',
  'find_session(bytea,timestamp with time zone)': 'so does showing a session',
  'begin_attempt(bytea[],integer[],interval[],timestamp with time zone)': 'attempts are nobody’s',
  'forgive_attempt(bytea[],bytea[])': 'the same',
  'public_organisations()': 'names and public keys, for anybody',
  'public_organisations(text[])': 'the same, of some bodies by their short names',
  'organisation_names(uuid[])': 'names, for anybody',
  'organisations_named(text)': 'the same, by words of them',
  'public_register(date,text,text,integer,integer)': 'signed agreements, for anybody',
  'agreements_with(uuid)':
    'agreements of me() with another: the index of parties cannot be asked for both under the policy',
  'example_people()': 'the example’s one-click sign-in; empty where the instance is live',
  'find_link(bytea,timestamp with time zone)': 'whoever holds a one-time link is nobody yet',
  'delegated_in_session(bytea,date)': 'the roles that came by delegation, with showing a session',
  'needs_setup()': 'whether an instance is empty',
  'instance_mode()': 'whether it is the example',
};

/**
 * Every link from one table to another. A body that has learnt the id of a thing of others must not hang a row of its own
 * on it, for them to see: either the row has the thing's parties, or this says what else keeps it out.
 */
const links: Record<string, string> = {
  'organisation_keys (organisation_id) to organisations': 'its only party is that organisation, by a check',
  'people (organisation_id) to organisations': 'the same',
  'ledger_tiles (organisation_id, log) to ledger_logs': 'only the worker adds any',
  'ledger_checkpoints (organisation_id, log) to ledger_logs': 'the same',
  'ledger_cosignatures (organisation_id, log) to ledger_logs': 'the same',
  'ledger_witnesses (organisation_id, log) to ledger_logs': 'the same',
  'sessions (person_id, parties) to people': 'the same parties',
  'one_time_links (person_id, parties) to people': 'the same',
  'delegations (from_person, parties) to people': 'the same',
  'delegations (to_person, parties) to people': 'the same',
  'second_factors (person_id, parties) to people': 'the same parties',
  'recovery_codes (person_id, parties) to people': 'the same parties',
  'agreement_signatures (agreement_id, parties) to agreements': 'the same parties',
  'requests (agreement_id) to agreements':
    'anybody may ask, and the rules answer; a request has its own two parties',
  'decisions (request_id, parties) to requests': 'the same parties',
  'releases (request_id, agreement_id, sender_id, recipient_id) to requests':
    'its parties are those two, by a check',
  'runs (request_id) to requests': 'its only party is who runs it, by how it is made',
  'release_workings (release_id) to releases': 'it has one party, who wrote it, and one row for each release',
};

/** Everything granted to anybody but its owner. */
const grants = [
  'PUBLIC: usage on schema public',
  'chirograph_app: usage on schema public',
  'chirograph_worker: usage on schema public',

  'chirograph_app: insert, select, update on answers',
  'chirograph_app: insert on ledger_logs (organisation_id, origin, sealed_key, vkey)',
  'chirograph_app: select on ledger_logs (created_at, log, organisation_id, origin, parties, vkey)',
  'chirograph_app: select on ledger_entries',
  'chirograph_app: select on ledger_tiles',
  'chirograph_app: select on ledger_checkpoints',
  'chirograph_app: select on ledger_partners',
  'chirograph_app: select on ledger_witness_keys (created_at, organisation_id, parties, vkey)',
  'chirograph_app: select on ledger_cosignatures',
  'chirograph_app: select on ledger_witnesses',
  'chirograph_app: delete, insert, select on ledger_salts',
  'chirograph_app: insert, select on organisations',
  'chirograph_app: insert, select on organisation_keys',
  'chirograph_app: insert, select, update on people',
  'chirograph_app: delete, insert, select on sessions',
  'chirograph_app: delete, insert, select, update on one_time_links',
  'chirograph_app: insert, select on delegations',
  'chirograph_app: update on delegations (ended_at, ended_by)',
  'chirograph_app: update on sessions (ends_at, offered_secret, proved_at, seen_at)',
  'chirograph_app: delete, insert, select on second_factors',
  'chirograph_app: update on second_factors (last_step)',
  'chirograph_app: delete, insert, select on recovery_codes',
  'chirograph_app: insert, select on agreements',
  'chirograph_app: update on agreements (state)',
  'chirograph_app: insert, select on agreement_signatures',
  'chirograph_app: usage on request_numbers',
  'chirograph_app: insert, select on requests',
  'chirograph_app: update on requests (state)',
  'chirograph_app: insert, select on decisions',
  'chirograph_app: usage on release_numbers',
  'chirograph_app: insert, select, update on releases',
  'chirograph_app: insert, select, update on release_workings',
  'chirograph_app: delete, insert, select on runs',
  'chirograph_app: update on runs (bytes_read, cancel_asked, release, says, state, step)',

  'chirograph_worker: insert, select on ledger_logs',
  'chirograph_worker: delete, select on ledger_pending',
  'chirograph_worker: insert, select on ledger_entries',
  'chirograph_worker: insert, select on ledger_tiles',
  'chirograph_worker: update on ledger_tiles (hashes)',
  'chirograph_worker: insert, select on ledger_checkpoints',
  'chirograph_worker: insert, select on ledger_partners',
  'chirograph_worker: insert, select on ledger_witness_keys',
  'chirograph_worker: insert, select, update on ledger_seen',
  'chirograph_worker: insert, select on ledger_cosignatures',
  'chirograph_worker: insert, select, update on ledger_witnesses',
  'chirograph_worker: select on releases (id, state)',

  'chirograph_app: execute on me()',
  'chirograph_app: execute on delegations_on(date)',
  'chirograph_app: execute on agreement_brief(text)',
  'chirograph_app: execute on agreement_published(text)',
  'chirograph_worker: execute on agreement_brief(text)',
  'chirograph_worker: execute on agreement_published(text)',
  'chirograph_worker: execute on me()',
  'chirograph_worker: execute on instance_mode()',
  ...Object.keys(crossings).map((name) => `chirograph_app: execute on ${name}`),
];

/** What is wrong with the wall of a database, in words; empty where it is whole. */
export async function faultsOf(database: pg.Client): Promise<string[]> {
  return [
    ...(await faultsOfTables(database)),
    ...(await faultsOfPolicies(database)),
    ...(await faultsOfFunctions(database)),
    ...(await faultsOfRoles(database)),
    ...differences('grant', grants, await linesOf(database, grantsQuery)),
    ...differences('link', Object.keys(links), await linesOf(database, linksQuery)),
    ...differences(
      'policy of the worker',
      Object.keys(workerPolicies),
      await linesOf(database, workersQuery),
    ),
  ];
}

function differences(what: string, listed: string[], found: string[]): string[] {
  return [
    ...found.filter((line) => !listed.includes(line)).map((line) => `${what} not listed: ${line}`),
    ...listed.filter((line) => !found.includes(line)).map((line) => `${what} missing: ${line}`),
  ];
}

async function linesOf(database: pg.Client, query: string): Promise<string[]> {
  return (await database.query<{ line: string }>(query)).rows.map(({ line }) => line);
}

function faultsOfTables(database: pg.Client): Promise<string[]> {
  return linesOf(
    database,
    `with relations as (
       select oid, relname as name, relkind as kind, relowner::regrole::text as owner, relrowsecurity, relforcerowsecurity
       from pg_class where relnamespace = 'public'::regnamespace and relkind not in ('i', 'I', 'c'))
     select format('schema %s is not ours', nspname) as line from pg_namespace
       where nspname not in ('public', 'information_schema') and nspname not like 'pg\\_%'
     union all select format('%s belongs to %s', name, owner) from relations where owner <> 'chirograph_owner'
     union all select format('%s is neither a table nor a sequence', name) from relations where kind not in ('r', 'S')
     union all select format('%s has no row-level security', name) from relations where kind = 'r' and not relrowsecurity
     union all select format('%s does not force it on its owner', name) from relations where kind = 'r' and not relforcerowsecurity
     union all select format('%s has a rule', ev_class::regclass) from pg_rewrite join relations on ev_class = relations.oid`,
  );
}

/** One policy for the service, of the one shape; one for the owner, which holds no role back; and the worker's. */
async function faultsOfPolicies(database: pg.Client): Promise<string[]> {
  const { rows } = await database.query<{ table: string; role: string; policies: string[] }>(
    `select c.relname as table, role, array_remove(array_agg(format('%s %s %s using %s check %s', p.polname,
         case when p.polpermissive then 'permits' else 'restricts' end, p.polcmd,
         pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
         order by p.polname) filter (where p.oid is not null), null) as policies
     from pg_class c cross join unnest(array['chirograph_app', 'chirograph_owner']) role
     left join pg_policy p on p.polrelid = c.oid and p.polroles && array[role::regrole::oid, 0::oid]
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' group by 1, 2`,
  );
  const shape = '(parties @> ARRAY[me()])';
  const wrong = rows.filter(({ table, role, policies }) => {
    const expected =
      role === 'chirograph_owner'
        ? ['owner permits * using true check true']
        : table in nobodys
          ? []
          : [`parties permits * using ${shape} check ${shape}`];
    return JSON.stringify(policies ?? []) !== JSON.stringify(expected);
  });
  const reading = await linesOf(
    database,
    `select distinct format('policy %s of %s reads %s', p.polname, p.polrelid::regclass,
         pg_describe_object(d.refclassid, d.refobjid, 0)) as line
     from pg_policy p join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
     where (d.refclassid = 'pg_class'::regclass and d.refobjid <> p.polrelid)
        or (d.refclassid = 'pg_proc'::regclass and d.refobjid <> 'me()'::regprocedure)
     union all select format('policy %s of %s asks', polname, polrelid::regclass) from pg_policy
     where concat(pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) ~* '\\mselect\\M'`,
  );
  return [
    ...wrong.map(
      ({ table, role, policies }) => `${table} for ${role}: ${policies?.join('; ') || 'no policy'}`,
    ),
    ...reading,
  ];
}

async function faultsOfFunctions(database: pg.Client): Promise<string[]> {
  const definers = await linesOf(
    database,
    `select oid::regprocedure::text as line from pg_proc where pronamespace = 'public'::regnamespace and prosecdef`,
  );
  const unsafe = await linesOf(
    database,
    `select format('%s runs for its owner without a fixed search_path', oid::regprocedure) as line from pg_proc
       where pronamespace = 'public'::regnamespace and prosecdef
       and proconfig is distinct from array['search_path=public, pg_temp']
     union all select format('%s belongs to %s', oid::regprocedure, proowner::regrole) from pg_proc
       where pronamespace = 'public'::regnamespace and proowner <> 'chirograph_owner'::regrole`,
  );
  return [...differences('crossing', Object.keys(crossings), definers), ...unsafe];
}

function faultsOfRoles(database: pg.Client): Promise<string[]> {
  return linesOf(
    database,
    `with ours as (select * from pg_roles where rolname in ('chirograph_owner', 'chirograph_app', 'chirograph_worker')),
       serving as (select * from ours where rolname <> 'chirograph_owner')
     select format('%s is more than an ordinary role', rolname) as line from ours
       where rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication
     union all select 'chirograph_owner can sign in' from ours where rolname = 'chirograph_owner' and rolcanlogin
     union all select format('%s is a member of %s', rolname, roleid::regrole) from serving
       join pg_auth_members on member = serving.oid
     union all select format('%s can create %s', rolname, kind) from serving cross join (values ('tables'), ('schemas')) kinds (kind)
       where case kind when 'tables' then has_schema_privilege(serving.oid, 'public', 'create')
         else has_database_privilege(serving.oid, current_database(), 'create') end`,
  );
}

const linksQuery = `select format('%s (%s) to %s', conrelid::regclass,
    (select string_agg(attname, ', ' order by place) from unnest(conkey) with ordinality key (attnum, place)
       join pg_attribute using (attnum) where attrelid = conrelid), confrelid::regclass) as line
  from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`;

const workersQuery = `select format('%s %s', polrelid::regclass, polname) as line from pg_policy
  where polroles && array['chirograph_worker'::regrole::oid, 0::oid]`;

// A null list of privileges is the default one, which gives functions to everybody: acldefault says so.
const grantsQuery = `with held as (
    select relname::text as name, '' as field, relowner as owner, acl.* from pg_class
      cross join aclexplode(coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))) acl
      where relnamespace = 'public'::regnamespace and relkind not in ('i', 'I', 'c')
    union all select relname, attname, relowner, acl.* from pg_class join pg_attribute on attrelid = pg_class.oid
      cross join aclexplode(attacl) acl where relnamespace = 'public'::regnamespace
    union all select pg_proc.oid::regprocedure::text, '', proowner, acl.* from pg_proc
      cross join aclexplode(coalesce(proacl, acldefault('f', proowner))) acl where pronamespace = 'public'::regnamespace
    union all select 'schema public', '', nspowner, acl.* from pg_namespace cross join aclexplode(nspacl) acl
      where nspname = 'public'),
  given as (
    select name, field, case grantee when 0 then 'PUBLIC' else grantee::regrole::text end as grantee,
      lower(privilege_type) || case when is_grantable then ' and grant' else '' end as privilege
    from held where grantee not in (owner, 'chirograph_owner'::regrole))
  select format('%s: %s on %s', grantee, string_agg(privilege, ', ' order by privilege), name) as line
    from given where field = '' group by grantee, name
  union all select format('%s: %s on %s (%s)', grantee, privilege, name, string_agg(field, ', ' order by field))
    from given where field <> '' group by grantee, privilege, name`;
