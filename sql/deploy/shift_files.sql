-- Deploy rollcall:shift_files to pg
-- Files with shifts: looked at first, then brought in, as calendars and lists
-- of people are and in the same place.

begin;

alter table calendar_uploads
  drop constraint calendar_uploads_kind_check,
  add constraint calendar_uploads_kind_check check (kind in ('calendar', 'people', 'shifts'));

comment on table calendar_uploads is
  'Files that staff handed in, calendars, lists of people and of shifts: looked at first, then imported once or thrown '
  'away. Pruned after a day.';
comment on column calendar_uploads.entries is
  'What import_calendar() reads; of people {people, hashes} as import_people() and know_addresses() do; of shifts '
  '{shifts} as import_shifts() does. Gone when it has.';

update personal_data
set
  downloaded = 'calendars; the events in them are the organisation''s, and lists of people and shifts the team''s, for a day'
where relation = 'calendar_uploads';

create type shift_row as (
  line int, title text, location text, start_at timestamptz, end_at timestamptz, capacity int, people bigint[], why text,
  is_there boolean
);

comment on type shift_row is
  'A row of a list of shifts, as it is judged: why it is refused, or null; whether there is such a shift already.';

create function csv_moment(p_text text, p_day text) returns timestamp
  language sql stable
  return coalesce(
    form_moment(
      substring(p_text from '^(\d{4}-\d\d-\d\d)[ T]\d{1,2}:\d\d$'),
      lpad(substring(p_text from '^\d{4}-\d\d-\d\d[ T](\d{1,2}:\d\d)$'), 5, '0')
    ),
    form_moment(p_day, lpad(substring(p_text from '^(\d{1,2}:\d\d)$'), 5, '0'))
  );

comment on function csv_moment(text, text) is '2026-11-27 18:00, or only the hour of that day; null for anything else.';

create function judge_shift_rows(p_org organizations, p_shifts jsonb) returns setof shift_row
  language plpgsql stable
as $$
declare
  v_zone text := safe_zone((p_org).timezone);
begin
  return query
    select
      r.line, r.title, r.location, r.start_at, r.end_at,
      case when r.capacity ~ '^[1-9]\d{0,5}$' then r.capacity::int end,
      r.people,
      case
        when not valid_line(r.title, 200) then 'the title is too long or has characters in it that are not text'
        when r.location <> '' and not valid_line(r.location, 500) then 'the place is too long or has characters in it that are not text'
        when r.starts is null then 'the start is no day and hour like 2026-11-27 18:00'
        when r.ends is null then 'the end is no day and hour like 2026-11-27 22:00, nor an hour like 22:00'
        when r.start_at at time zone v_zone <> r.starts then 'the clocks leave the hour of the start out that night'
        when r.end_at at time zone v_zone <> r.ends then 'the clocks leave the hour of the end out that night'
        when r.end_at <= r.start_at then 'it ends before it starts'
        when r.end_at > r.start_at + interval '48 hours' then 'it takes more than 48 hours'
        when r.end_at <= app_now() then 'it is over already'
        when r.capacity !~ '^[1-9]\d{0,5}$' then 'the capacity is no number from 1 to 999999'
        when r.stranger is not null then format('address %s of people is nobody''s in your organisation', r.stranger)
        when r.capacity ~ '^[1-9]\d{0,5}$' and r.capacity::int < cardinality(r.people) then 'more people than places'
        when r.first_line < r.line then format('the same shift stands on line %s already', r.first_line)
      end,
      exists (
        select from duty_schedules s
        where s.org_id = (p_org).id and s.start_at = r.start_at and s.title = r.title and s.status = 'active'
      )
    from (
      select
        m.*, w.people, w.stranger,
        first_value(m.line) over (partition by m.title, m.start_at, m.location order by m.line) as first_line
      from (
        select
          f.line, btrim(f.title) as title, coalesce(btrim(f.location), '') as location, btrim(f.capacity) as capacity,
          f.people as addresses, t.starts, t.ends, moment_at(t.starts, v_zone) as start_at, moment_at(t.ends, v_zone) as end_at
        from jsonb_to_recordset(p_shifts)
          as f(line int, title text, start text, "end" text, location text, capacity text, people text)
        cross join lateral (
          select
            csv_moment(btrim(f.start), null) as starts,
            csv_moment(btrim(f."end"), substring(btrim(f.start) from '^\d{4}-\d\d-\d\d')) as ends
        ) t
      ) m
      cross join lateral (
        select
          coalesce(array_agg(distinct s.user_id) filter (where s.user_id is not null), '{}') as people,
          min(a.place) filter (where s.user_id is null) as stranger
        from regexp_split_to_table(coalesce(m.addresses, ''), '\s*[;\s]\s*') with ordinality as a(address, place)
        left join users u on lower(u.email) = lower(a.address)
        left join memberships s on s.user_id = u.id and s.org_id = (p_org).id
        where a.address <> ''
      ) w
    ) r
    order by r.line;
end
$$;

create type shift_verdict as (line int, title text, starts timestamptz, result text, why text);

create function import_shifts(p_org organizations, p_entries jsonb, p_actor bigint, p_dry_run boolean)
  returns setof shift_verdict
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_rows shift_row[] := array(select r from judge_shift_rows(p_org, p_entries -> 'shifts') r);
  v_row shift_row;
  v_shift duty_schedules;
  v_ids bigint[] := '{}';
  v_busy int;
  v_verdicts shift_verdict[] := '{}';
begin
  begin
    foreach v_row in array v_rows loop
      v_busy := 0;
      if v_row.why is null and not v_row.is_there then
        insert into duty_schedules (org_id, title, location, start_at, end_at, capacity)
        values ((p_org).id, v_row.title, v_row.location, v_row.start_at, v_row.end_at, v_row.capacity)
        returning * into v_shift;
        v_busy := (select count(distinct c.user_id) from shift_clashes(v_shift, v_row.people) c);
        insert into duty_assignments (org_id, schedule_id, user_id, assigned_at, assigned_by)
        select (p_org).id, v_shift.id, p.id, v_now, p_actor
        from unnest(v_row.people) p(id)
        order by p.id;
        v_ids := v_ids || v_shift.id;
      end if;
      v_verdicts := v_verdicts || row(
        v_row.line, v_row.title, v_row.start_at,
        case when v_row.why is not null then 'refused' when v_row.is_there then 'unchanged' else 'new' end,
        case
          when v_row.why is not null then v_row.why
          when v_row.is_there then 'there is such a shift already'
          else nullif(concat_ws('; ',
            case when v_row.people <> '{}' then cardinality(v_row.people) || ' assigned' end,
            case when v_busy > 0 then v_busy || ' of them with another shift then' end
          ), '')
        end
      )::shift_verdict;
    end loop;
    perform tell_shift_changes(v_ids, 'assigned');
    if p_dry_run then
      raise exception using errcode = 'RC000', message = 'dry_run';
    end if;
  exception when sqlstate 'RC000' then
    null;
  end;
  return query select * from unnest(v_verdicts);
end
$$;

comment on function import_shifts(organizations, jsonb, bigint, boolean) is
  'Makes the shifts of a list and assigns its people, each with a verdict; whoever is assigned gets one mail, of the first. '
  'A dry run does it all and takes it back.';

create function judge_shifts(p_org organizations, p_entries jsonb, p_refused jsonb, p_actor bigint, p_dry_run boolean)
  returns table (new_count int, changed_count int, unchanged_count int, refused_count int, verdicts jsonb)
  language sql
as $$
  with verdicts as materialized (
    select v.line, v.title, v.starts, v.result, v.why from import_shifts(p_org, p_entries, p_actor, p_dry_run) v
    union all
    select r.line, r.title, null, 'refused', r.why
    from jsonb_to_recordset(p_refused) as r(line int, title text, why text)
  ), shown as (
    select
      array_position(array['refused', 'new', 'unchanged'], v.result) as weight,
      v.line, v.result, v.why, v.starts, shorten(v.title, 200) as title, false as repeats
    from verdicts v
    order by weight, v.line
    limit 200
  )
  select
    (select count(*) filter (where v.result = 'new')::int from verdicts v),
    0,
    (select count(*) filter (where v.result = 'unchanged')::int from verdicts v),
    (select count(*) filter (where v.result = 'refused')::int from verdicts v),
    coalesce((select jsonb_agg(to_jsonb(s) - 'weight' order by s.weight, s.line) from shown s), '[]');
$$;

comment on function judge_shifts(organizations, jsonb, jsonb, bigint, boolean) is
  'import_shifts(), counted, with the verdicts that a page shows.';

create function hold_shifts(p_session bytea, p_slug text, p_name text, p_size int, p_shifts jsonb, p_refused jsonb)
  returns bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_org organizations;
  v_entries jsonb := jsonb_build_object('shifts', p_shifts);
  v_upload bigint;
begin
  select * into v_team from require_team(p_session, p_slug, 'admin');
  perform take_upload_turn();
  select * into v_org from organizations where id = v_team.org_id;
  insert into calendar_uploads (
    org_id, user_id, kind, name, size, entries, refused,
    new_count, changed_count, unchanged_count, refused_count, verdicts
  )
  select v_team.org_id, v_team.user_id, 'shifts', shorten(p_name, 80), p_size, v_entries, p_refused, j.*
  from judge_shifts(v_org, v_entries, p_refused, v_team.user_id, true) j
  returning id into v_upload;
  perform drop_old_uploads(v_team.org_id);
  return v_upload;
end
$$;

comment on function hold_shifts(bytea, text, text, int, jsonb, jsonb) is
  'Keeps a list of shifts with what would become of it, for a yes within a day. For admins.';

create or replace function import_upload(p_session bytea, p_slug text, p_upload bigint) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_upload calendar_uploads := own_upload(p_session, p_slug, p_upload);
  v_actor bigint := session_user_id(p_session);
  v_org organizations;
  v_judged record;
begin
  if v_upload.imported_at is not null then
    return false;
  end if;
  perform take_upload_turn();
  select * into v_org from organizations where id = v_upload.org_id;
  if v_upload.kind = 'people' then
    perform event_to_join(v_upload.org_id, v_upload.event_id) where v_upload.event_id is not null;
    perform act_as(v_actor, null);
    select * into v_judged from judge_people(v_org, v_upload.event_id, v_upload.entries, v_upload.refused, false);
  elsif v_upload.kind = 'shifts' then
    select * into v_judged from judge_shifts(v_org, v_upload.entries, v_upload.refused, v_actor, false);
  else
    select * into v_judged from judge_calendar(v_org, v_upload.entries, v_upload.refused, false);
  end if;
  update calendar_uploads
  set
    new_count = v_judged.new_count,
    changed_count = v_judged.changed_count,
    unchanged_count = v_judged.unchanged_count,
    refused_count = v_judged.refused_count,
    verdicts = v_judged.verdicts,
    entries = null,
    refused = null,
    imported_at = app_now(),
    imported_by = v_actor
  where id = v_upload.id;
  return true;
end
$$;

-- Whoever is forgotten stands in no list either.
create or replace function forget_address(p_email text) returns void
  language sql
  begin atomic
    delete from sign_in_requests
    where lower(email) = lower(p_email)
      or lower(new_email) = lower(p_email)
      or lower(old_email) = lower(p_email);
    delete from calendar_uploads u
    where u.kind = 'people'
      and (
        exists (
          select from jsonb_to_recordset(u.entries -> 'people') as r(email text)
          where lower(btrim(r.email)) = lower(p_email)
        )
        or exists (
          select from jsonb_to_recordset(u.verdicts) as v(title text) where lower(btrim(v.title)) = lower(p_email)
        )
      );
    delete from calendar_uploads u
    where u.kind = 'shifts'
      and exists (
        select from jsonb_to_recordset(u.entries -> 'shifts') as r(people text)
        where lower(p_email) = any (regexp_split_to_array(lower(r.people), '\s*[;\s]\s*'))
      );
  end;

grant execute on function hold_shifts(bytea, text, text, int, jsonb, jsonb) to rollcall_staff;

commit;
