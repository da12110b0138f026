-- One body asks another for data; the holder decides.

create sequence request_numbers;
grant usage on sequence request_numbers to chirograph_app;

create table requests (
  id uuid primary key,
  reference text not null unique,
  agreement_id uuid not null references agreements,
  holder_id uuid not null,
  recipient_id uuid not null,
  data_set text not null,
  purpose text not null,
  need text not null,
  needed_by date,
  state text not null check (state in ('waiting', 'agreed', 'refused', 'answered')),
  raised_by_organisation uuid not null,
  raised_by_person uuid,
  raised_at timestamptz not null,
  parties uuid[] not null check (parties @> array[holder_id, recipient_id] and parties <@ array[holder_id, recipient_id]),
  unique (id, parties),
  unique (id, agreement_id, holder_id, recipient_id)
);
call isolate('requests');
create index requests_agreement on requests (agreement_id);
grant select, insert on requests to chirograph_app;
grant update (state) on requests to chirograph_app;

create table decisions (
  id uuid primary key,
  request_id uuid not null,
  decision text not null check (decision in ('share', 'smaller-set', 'ask', 'refuse', 'escalate')),
  verdict text not null check (verdict in ('share', 'smaller-set', 'refer', 'refuse')),
  findings jsonb not null,
  reasons text not null,
  decided_by_agreement boolean not null,
  decided_by_person uuid,
  rulebook text not null,
  facts_hash text not null,
  decided_at timestamptz not null,
  parties uuid[] not null,
  foreign key (request_id, parties) references requests (id, parties)
);
call isolate('decisions');
create index decisions_request on decisions (request_id);
grant select, insert on decisions to chirograph_app;
