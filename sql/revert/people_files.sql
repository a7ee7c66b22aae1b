-- Revert rollcall:people_files from pg

begin;

drop function add_participants(bytea, text, bigint, jsonb, text);
drop function people_to_join(bytea, text, bigint, text, int);
delete from calendar_uploads where kind = 'people';

create or replace function forget_address(p_email text) returns void
  language sql
  begin atomic
    delete from sign_in_requests
    where lower(email) = lower(p_email)
      or lower(new_email) = lower(p_email)
      or lower(old_email) = lower(p_email);
  end;

create or replace function import_upload(p_session bytea, p_slug text, p_upload bigint) returns boolean
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

create or replace function hold_upload(
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

drop function hold_people(bytea, text, bigint, text, int, jsonb, jsonb, jsonb);
drop function event_to_join(bigint, bigint);
drop function drop_old_uploads(bigint);
drop function judge_people(organizations, bigint, jsonb, jsonb, boolean);
drop function import_people_list(organizations, bigint, jsonb, boolean);

create or replace function import_people(p_slug text, p_people jsonb, p_dry_run boolean) returns setof person_verdict
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint := (org_by_slug(p_slug)).id;
  v_person record;
  v_verdict person_verdict;
  v_verdicts person_verdict[] := '{}';
begin
  begin
    for v_person in
      select
        coalesce(r.line, rows.place::int) as line,
        coalesce(btrim(r.email), '') as email,
        coalesce(btrim(r.name), '') as name,
        nullif(btrim(r.timezone), '') as timezone,
        nullif(btrim(r.role), '') as role,
        first_value(coalesce(r.line, rows.place::int)) over (
          partition by lower(btrim(r.email)) order by rows.place
        ) as first_line
      from jsonb_array_elements(p_people) with ordinality as rows(person, place)
      cross join lateral jsonb_to_record(rows.person)
        as r(line int, email text, name text, timezone text, role text)
      order by rows.place
    loop
      if v_person.email <> '' and v_person.first_line < v_person.line then
        v_verdict := (v_person.line, 'refused', format('the address stands on line %s already', v_person.first_line));
      else
        select v_person.line, i.result, i.why into v_verdict
        from import_person(v_org, v_person.email, v_person.name, v_person.timezone, v_person.role) i;
      end if;
      v_verdicts := array_append(v_verdicts, v_verdict);
    end loop;
    if p_dry_run then
      raise exception using errcode = 'RC000', message = 'dry_run';
    end if;
  exception when sqlstate 'RC000' then
    null;
  end;
  return query select * from unnest(v_verdicts);
end
$$;

drop function judge_person_rows(bigint, jsonb);
drop type person_row;

update personal_data
set
  columns = array_remove(columns, 'kind'),
  downloaded = 'calendars; the events in them are the organisation''s',
  erased = 'deleted, when they handed it in'
where relation = 'calendar_uploads';

comment on table calendar_uploads is
  'Calendar files that staff handed in: looked at first, then imported once or thrown away. Pruned after a day.';
comment on column calendar_uploads.entries is 'What import_calendar() reads; gone when it has.';
comment on column calendar_uploads.verdicts is
  'At most 200 of what would become of the file, or, once imported, became of it: [{line, title, result, why, starts, '
  'day, repeats}]; the weightiest first.';

alter table calendar_uploads drop column event_id, drop column kind;

commit;
