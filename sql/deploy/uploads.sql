-- Deploy rollcall:uploads to pg
-- Calendars that were handed in and wait for a yes: what was read of the file
-- and what would become of it, for a day.

begin;

create table calendar_uploads (
  id bigint generated always as identity primary key,
  org_id bigint not null references organizations on delete cascade,
  user_id bigint references users on delete set null,
  name text not null check (valid_line(name, 80)),
  size int not null check (size >= 0),
  entries jsonb,
  refused jsonb,
  verdicts jsonb not null,
  new_count int not null,
  changed_count int not null,
  unchanged_count int not null,
  refused_count int not null,
  created_at timestamptz not null default app_now(),
  imported_at timestamptz,
  imported_by bigint references users on delete set null,
  check ((imported_at is null) = (entries is not null and refused is not null))
);

create index calendar_uploads_org on calendar_uploads (org_id, created_at);
create index calendar_uploads_created on calendar_uploads (created_at);
create index calendar_uploads_user on calendar_uploads (user_id);
create index calendar_uploads_imported_by on calendar_uploads (imported_by);

comment on table calendar_uploads is
  'Calendar files that staff handed in: looked at first, then imported once or thrown away. Pruned after a day.';
comment on column calendar_uploads.entries is 'What import_calendar() reads; gone when it has.';
comment on column calendar_uploads.refused is 'What the reader of the file refused: [{line, title, why}]; gone likewise.';
comment on column calendar_uploads.verdicts is
  'At most 200 of what would become of the file, or, once imported, became of it: [{line, title, result, why, starts, '
  'day, repeats}]; the weightiest first.';

create function judge_calendar(p_org organizations, p_entries jsonb, p_refused jsonb, p_dry_run boolean)
  returns table (new_count int, changed_count int, unchanged_count int, refused_count int, verdicts jsonb)
  language sql
as $$
  with verdicts as materialized (
    select v.line, v.title, v.starts, v.result, v.why
    from import_calendar(p_org, p_entries, p_dry_run) v
    union all
    select r.line, r.title, null, 'refused', r.why
    from jsonb_to_recordset(p_refused) as r(line int, title text, why text)
  ), weighed as (
    select v.*, array_position(array['refused', 'changed', 'new', 'unchanged'], v.result) as weight
    from verdicts v
  ), shown as (
    select w.*
    from weighed w
    order by w.weight, w.line
    limit 200
  ), told as (
    select
      s.weight,
      s.line,
      s.result,
      s.why,
      shorten(s.title, 200) as title,
      s.starts,
      case when (e.entry -> 'starts' -> 'date')::boolean then left(e.entry -> 'starts' ->> 'local', 10) end as day,
      e.entry ? 'repeats' as repeats
    from shown s
    left join jsonb_array_elements(p_entries) as e(entry) on (e.entry -> 'line')::int = s.line
  )
  select
    (select count(*) filter (where v.result = 'new')::int from verdicts v),
    (select count(*) filter (where v.result = 'changed')::int from verdicts v),
    (select count(*) filter (where v.result = 'unchanged')::int from verdicts v),
    (select count(*) filter (where v.result = 'refused')::int from verdicts v),
    coalesce((
      select jsonb_agg(to_jsonb(t) - 'weight' order by t.weight, t.line) from told t
    ), '[]');
$$;

comment on function judge_calendar(organizations, jsonb, jsonb, boolean) is
  'import_calendar(), counted, with the verdicts that a page shows.';

create function take_upload_turn() returns void
  language plpgsql
as $$
begin
  for v_turn in 1..2 loop
    if pg_try_advisory_xact_lock(hashtextextended('calendar_upload', v_turn)) then
      return;
    end if;
  end loop;
  raise exception using errcode = 'RC409', message = 'import_busy';
end
$$;

comment on function take_upload_turn() is
  'Two calendars at a time, of all organisations: each may keep one of the staff''s few workers for a minute, and the '
  'door must not wait.';

create function hold_upload(
  p_session bytea, p_slug text, p_name text, p_size int, p_entries jsonb, p_refused jsonb
) returns bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_org organizations;
  v_upload bigint;
begin
  select * into v_team from require_team(p_session, p_slug, 'admin');
  perform take_upload_turn();
  select * into v_org from organizations where id = v_team.org_id;
  insert into calendar_uploads (
    org_id, user_id, name, size, entries, refused,
    new_count, changed_count, unchanged_count, refused_count, verdicts
  )
  select v_team.org_id, v_team.user_id, shorten(p_name, 80), p_size, p_entries, p_refused, j.*
  from judge_calendar(v_org, p_entries, p_refused, true) j
  returning id into v_upload;
  -- The newest five of each kind stay. One that is being imported waits for
  -- this to be done, and goes with the next.
  delete from calendar_uploads
  where id in (
    select u.id
    from calendar_uploads u
    where u.org_id = v_team.org_id
      and (
        select count(*)
        from calendar_uploads newer
        where newer.org_id = u.org_id
          and (newer.imported_at is null) = (u.imported_at is null)
          and newer.id > u.id
      ) >= 5
    for update skip locked
  );
  return v_upload;
end
$$;

comment on function hold_upload(bytea, text, text, int, jsonb, jsonb) is
  'Keeps a calendar, with what would become of it, for a yes within a day; of more than five in an organisation the '
  'oldest goes. For admins.';

create function own_upload(p_session bytea, p_slug text, p_upload bigint) returns calendar_uploads
  language plpgsql
as $$
declare
  v_team record;
  v_upload calendar_uploads;
begin
  select * into v_team from require_team(p_session, p_slug, 'admin');
  select * into v_upload
  from calendar_uploads u
  where u.id = p_upload
    and u.org_id = v_team.org_id
  for update;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  return v_upload;
end
$$;

comment on function own_upload(bytea, text, bigint) is
  'The upload, locked, for an admin of its organisation; else 401 or 404.';

create function import_upload(p_session bytea, p_slug text, p_upload bigint) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_upload calendar_uploads := own_upload(p_session, p_slug, p_upload);
  v_org organizations;
begin
  if v_upload.imported_at is not null then
    return false;
  end if;
  perform take_upload_turn();
  select * into v_org from organizations where id = v_upload.org_id;
  update calendar_uploads u
  set
    new_count = j.new_count,
    changed_count = j.changed_count,
    unchanged_count = j.unchanged_count,
    refused_count = j.refused_count,
    verdicts = j.verdicts,
    entries = null,
    refused = null,
    imported_at = app_now(),
    imported_by = session_user_id(p_session)
  from judge_calendar(v_org, v_upload.entries, v_upload.refused, false) j
  where u.id = v_upload.id;
  return true;
end
$$;

comment on function import_upload(bytea, text, bigint) is
  'Imports a calendar that waits, once, all or nothing; the upload then tells what really became of it. False: it was '
  'imported before.';

create function discard_upload(p_session bytea, p_slug text, p_upload bigint) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_upload calendar_uploads := own_upload(p_session, p_slug, p_upload);
begin
  delete from calendar_uploads where id = v_upload.id and imported_at is null;
  return found;
end
$$;

comment on function discard_upload(bytea, text, bigint) is
  'Throws away a calendar that waits. False: it was imported before, which stays told.';

grant select (
  id, org_id, user_id, name, size, verdicts, new_count, changed_count, unchanged_count, refused_count, created_at,
  imported_at, imported_by
) on calendar_uploads to rollcall_staff;
grant execute on function
  hold_upload(bytea, text, text, int, jsonb, jsonb),
  import_upload(bytea, text, bigint),
  discard_upload(bytea, text, bigint)
  to rollcall_staff;

commit;
