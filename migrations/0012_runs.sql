-- A dropped file on its way to what may leave of it: how far it is, for whoever watches it at any server, and whether
-- somebody has asked to cancel it, which the process that works on it looks at. No name or value of the file.
create table runs (
  id uuid primary key,
  request_id uuid not null references requests,
  organisation_id uuid not null,
  begun_by uuid not null,
  begun_at timestamptz not null,
  -- The number of the process that works on it, among those present: once that is gone, so is the work.
  process integer not null,
  bytes bigint not null check (bytes >= 0),
  bytes_read bigint not null default 0 check (bytes_read >= 0),
  step text,
  cancel_asked boolean not null default false,
  state text not null default 'running' check (state in ('running', 'done', 'cancelled', 'failed', 'lost')),
  -- Why it failed, in words; and the reference of the release that came of it.
  says text,
  release text,
  parties uuid[] not null generated always as (array[organisation_id]) stored,
  check ((state = 'done') = (release is not null)),
  check ((state = 'failed') = (says is not null))
);
call isolate('runs');
create index runs_request on runs (request_id);
grant select, insert, delete on runs to chirograph_app;
grant update (bytes_read, step, cancel_asked, state, says, release) on runs to chirograph_app;
