-- Deploy rollcall:people_files to pg
-- Files with people, into an organisation or to one of its events: looked at
-- first, then brought in, as calendars are and in the same place.

begin;

alter table calendar_uploads
  add column kind text not null default 'calendar' check (kind in ('calendar', 'people')),
  add column event_id bigint references events on delete cascade,
  add constraint calendar_uploads_event check (event_id is null or kind = 'people');

create index calendar_uploads_event on calendar_uploads (event_id) where event_id is not null;

comment on table calendar_uploads is
  'Files that staff handed in, calendars and lists of people: looked at first, then imported once or thrown away. Pruned '
  'after a day.';
comment on column calendar_uploads.event_id is 'The event that the people of the list are registered for; null: for none.';
comment on column calendar_uploads.entries is
  'What import_calendar() reads; of people {people, hashes} as import_people() and know_addresses() do. Gone when it has.';
comment on column calendar_uploads.verdicts is
  'At most 200 of what would become of the file, or, once imported, became of it: [{line, title, result, why, starts, '
  'day, repeats}], the title of a person being the address; the weightiest first.';

update personal_data
set
  columns = columns || '{kind}',
  downloaded = 'calendars; the events in them are the organisation''s, and lists of people the team''s, for a day',
  erased = 'deleted, when they handed it in, or stand in it'
where relation = 'calendar_uploads';

create type person_row as (
  line int, place bigint, email text, name text, timezone text, role text, why text, is_known boolean, was text
);

comment on type person_row is
  'A row of a list of people, as it is judged: why it is refused, or null; whether the address is known, and the role it '
  'has in the organisation.';

create function judge_person_rows(p_org bigint, p_people jsonb) returns setof person_row
  language sql stable
as $$
  select
    r.line, r.place, r.email, r.name, r.timezone, r.role,
    case
      when r.email <> '' and r.first_line < r.line then format('the address stands on line %s already', r.first_line)
      when r.email = '' then 'no address'
      when not valid_email(r.email) then 'the address does not look like one'
      when r.name = '' then 'no name'
      when not valid_line(r.name, 200) then 'the name is too long or has characters in it that are not text'
      when r.timezone is not null and not exists (select from timezones where name = r.timezone) then
        'the time zone is not known; zones are written like Europe/Berlin'
      when r.role not in ('member', 'door', 'staff', 'admin') then 'the role is none of member, door, staff, admin'
    end,
    u.id is not null,
    m.role
  from (
    select
      coalesce(f.line, rows.place::int) as line,
      rows.place,
      coalesce(btrim(f.email), '') as email,
      coalesce(btrim(f.name), '') as name,
      nullif(btrim(f.timezone), '') as timezone,
      nullif(btrim(f.role), '') as role,
      first_value(coalesce(f.line, rows.place::int)) over (
        partition by lower(btrim(f.email)) order by rows.place
      ) as first_line
    from jsonb_array_elements(p_people) with ordinality as rows(person, place)
    cross join lateral jsonb_to_record(rows.person) as f(line int, email text, name text, timezone text, role text)
  ) r
  left join users u on lower(u.email) = lower(r.email)
  left join memberships m on m.user_id = u.id and m.org_id = p_org;
$$;

create or replace function import_people(p_slug text, p_people jsonb, p_dry_run boolean) returns setof person_verdict
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint := (org_by_slug(p_slug)).id;
  v_rows person_row[] := array(select r from judge_person_rows(v_org, p_people) r);
  v_admins person_verdict[];
begin
  begin
    insert into users (email, name, timezone)
    select r.email, r.name, r.timezone
    from unnest(v_rows) r
    where r.why is null and not r.is_known
    on conflict (lower(email)) do nothing;
    insert into memberships (user_id, org_id, role)
    select u.id, v_org, coalesce(r.role, 'member')
    from unnest(v_rows) r
    join users u on lower(u.email) = lower(r.email)
    where r.why is null and r.was is null
    on conflict (user_id, org_id) do nothing;
    update memberships m
    set role = r.role
    from unnest(v_rows) r
    join users u on lower(u.email) = lower(r.email)
    where m.user_id = u.id
      and m.org_id = v_org
      and r.why is null
      and r.role <> r.was
      and r.was <> 'admin';
    -- One by one, so that the last admin stays.
    v_admins := array(
      select (r.line, i.result, i.why)::person_verdict
      from (select * from unnest(v_rows) order by place) r
      cross join lateral import_person(v_org, r.email, r.name, r.timezone, r.role) i
      where r.why is null
        and r.was = 'admin'
        and r.role <> 'admin'
    );
    if p_dry_run then
      raise exception using errcode = 'RC000', message = 'dry_run';
    end if;
  exception when sqlstate 'RC000' then
    null;
  end;
  return query
    select
      r.line,
      case
        when r.why is not null then 'refused'
        when a.line is not null then a.result
        when r.was is null then 'new'
        when r.was <> r.role then 'changed'
        else 'unchanged'
      end,
      case
        when r.why is not null then r.why
        when a.line is not null then a.why
        when r.was is null and r.is_known then 'has an account already and keeps its name and time zone'
        when r.was <> r.role then format('was %s, is %s now', r.was, r.role)
      end
    from unnest(v_rows) r
    left join unnest(v_admins) a on a.line = r.line
    order by r.place;
end
$$;

create function import_people_list(p_org organizations, p_event bigint, p_entries jsonb, p_dry_run boolean)
  returns setof person_verdict
  language plpgsql
as $$
declare
  v_event events;
  v_verdicts person_verdict[];
begin
  begin
    v_verdicts := array(select v from import_people(p_org.slug, p_entries -> 'people', false) v);
    perform know_addresses(p_entries -> 'hashes');
    if p_event is not null then
      select * into v_event from events where id = p_event and org_id = p_org.id;
      with listed as (
        select v.line, v.result, v.why, u.id as person, p.status as before
        from unnest(v_verdicts) v
        left join jsonb_to_recordset(p_entries -> 'people') as r(line int, email text)
          on r.line = v.line and v.result <> 'refused'
        left join users u on lower(u.email) = lower(btrim(r.email))
        left join event_participants p on p.event_id = p_event and p.user_id = u.id
      ), enrolled as materialized (
        select e.user_id, e.status
        from (
          select array_agg(l.person order by l.line) as people from listed l where l.person is not null
        ) all_of_them
        cross join lateral enroll_people(v_event, all_of_them.people, null) e
      )
      select array_agg((
        l.line,
        case
          when l.person is null then l.result
          when coalesce(l.before, 'cancelled') = 'cancelled' then 'new'
          else 'unchanged'
        end,
        case when l.person is null then l.why else nullif(concat_ws('; ',
          case when e.status = 'waitlisted' then 'on the waiting list' end,
          case when l.result = 'new' then 'new in the organisation' else l.why end
        ), '') end
      )::person_verdict order by l.line) into v_verdicts
      from listed l
      left join enrolled e on e.user_id = l.person;
    end if;
    if p_dry_run then
      raise exception using errcode = 'RC000', message = 'dry_run';
    end if;
  exception when sqlstate 'RC000' then
    null;
  end;
  return query select * from unnest(v_verdicts);
end
$$;

comment on function import_people_list(organizations, bigint, jsonb, boolean) is
  'import_people(), and registers them for the event if there is one, each with a verdict. A dry run does it all and '
  'takes it back.';

create function judge_people(p_org organizations, p_event bigint, p_entries jsonb, p_refused jsonb, p_dry_run boolean)
  returns table (new_count int, changed_count int, unchanged_count int, refused_count int, verdicts jsonb)
  language sql
as $$
  with verdicts as materialized (
    select v.line, r.email as title, v.result, v.why
    from import_people_list(p_org, p_event, p_entries, p_dry_run) v
    left join jsonb_to_recordset(p_entries -> 'people') as r(line int, email text) on r.line = v.line
    union all
    select r.line, r.title, 'refused', r.why
    from jsonb_to_recordset(p_refused) as r(line int, title text, why text)
  ), shown as (
    select
      array_position(array['refused', 'changed', 'new', 'unchanged'], v.result) as weight,
      v.line, v.result, v.why, shorten(v.title, 200) as title, false as repeats
    from verdicts v
    order by weight, v.line
    limit 200
  )
  select
    (select count(*) filter (where v.result = 'new')::int from verdicts v),
    (select count(*) filter (where v.result = 'changed')::int from verdicts v),
    (select count(*) filter (where v.result = 'unchanged')::int from verdicts v),
    (select count(*) filter (where v.result = 'refused')::int from verdicts v),
    coalesce((select jsonb_agg(to_jsonb(s) - 'weight' order by s.weight, s.line) from shown s), '[]');
$$;

comment on function judge_people(organizations, bigint, jsonb, jsonb, boolean) is
  'import_people_list(), counted, with the verdicts that a page shows.';

create function drop_old_uploads(p_org bigint) returns void
  language sql
  begin atomic
    -- One that is being imported waits for this to be done, and goes with the
    -- next.
    delete from calendar_uploads
    where id in (
      select u.id
      from calendar_uploads u
      where u.org_id = p_org
        and (
          select count(*)
          from calendar_uploads newer
          where newer.org_id = u.org_id
            and newer.kind = u.kind
            and (newer.imported_at is null) = (u.imported_at is null)
            and newer.id > u.id
        ) >= 5
      for update skip locked
    );
  end;

comment on function drop_old_uploads(bigint) is 'The newest five of each kind, waiting and imported, stay.';

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
  perform drop_old_uploads(v_team.org_id);
  return v_upload;
end
$$;

create function event_to_join(p_org bigint, p_event bigint) returns events
  language plpgsql stable
as $$
declare
  v_event events;
begin
  select * into v_event from events where id = p_event and org_id = p_org and deleted_at is null;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif v_event.status = 'cancelled' then
    raise exception using errcode = 'RC410', message = 'event_cancelled';
  elsif v_event.status = 'draft' then
    raise exception using errcode = 'RC409', message = 'event_draft';
  elsif v_event.effective_end <= app_now() then
    raise exception using errcode = 'RC410', message = 'event_over';
  end if;
  return v_event;
end
$$;

comment on function event_to_join(bigint, bigint) is 'The organisation''s event, when staff may still register people for it.';

create function hold_people(
  p_session bytea, p_slug text, p_event bigint, p_name text, p_size int, p_people jsonb, p_hashes jsonb, p_refused jsonb
) returns bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_org organizations;
  v_entries jsonb := jsonb_build_object('people', p_people, 'hashes', p_hashes);
  v_upload bigint;
begin
  select * into v_team from require_team(p_session, p_slug, 'admin');
  perform event_to_join(v_team.org_id, p_event) where p_event is not null;
  perform take_upload_turn();
  perform act_as(v_team.user_id, null);
  select * into v_org from organizations where id = v_team.org_id;
  insert into calendar_uploads (
    org_id, user_id, kind, event_id, name, size, entries, refused,
    new_count, changed_count, unchanged_count, refused_count, verdicts
  )
  select v_team.org_id, v_team.user_id, 'people', p_event, shorten(p_name, 80), p_size, v_entries, p_refused, j.*
  from judge_people(v_org, p_event, v_entries, p_refused, true) j
  returning id into v_upload;
  perform drop_old_uploads(v_team.org_id);
  return v_upload;
end
$$;

comment on function hold_people(bytea, text, bigint, text, int, jsonb, jsonb, jsonb) is
  'Keeps a list of people, for an event or none, with what would become of it, for a yes within a day. For admins.';

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

comment on function import_upload(bytea, text, bigint) is
  'Imports a file that waits, once, all or nothing; the upload then tells what really became of it. False: it was '
  'imported before.';

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
  end;

-- Members, picked.

create function people_to_join(p_session bytea, p_slug text, p_event bigint, p_search text, p_most int)
  returns table (id bigint, name text, email text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select u.id, u.name, u.email
    from team_org(p_session, p_slug, 'staff') t
    join events e on e.org_id = t.org_id and e.id = p_event
    join memberships m on m.org_id = t.org_id
    join users u on u.id = m.user_id
    where (p_search = '' or position(lower(p_search) in lower(u.name)) > 0 or lower(u.email) = lower(p_search))
      and not exists (
        select from event_participants p
        where p.event_id = e.id and p.user_id = u.id and p.status <> 'cancelled'
      )
    order by m.sort_key, m.user_id
    limit p_most;
end
$$;

comment on function people_to_join(bytea, text, bigint, text, int) is
  'Members who are not registered for the event and have those letters in their name, or that address.';

create function add_participants(p_session bytea, p_slug text, p_event bigint, p_people jsonb, p_request_id text)
  returns table (registered bigint, waitlisted bigint)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint := (select t.org_id from require_team(p_session, p_slug, 'staff') t);
  v_event events := event_to_join(v_org, p_event);
  v_people bigint[];
begin
  v_people := array(
    select m.user_id
    from jsonb_array_elements_text(p_people) with ordinality as w(id, place)
    join memberships m on m.org_id = v_org and m.user_id = w.id::bigint
    order by w.place
  );
  if v_people = '{}' then
    raise exception using errcode = 'RC422', message = 'nobody_ticked', detail = 'who';
  end if;
  return query
    select count(*) filter (where e.status = 'registered'), count(*) filter (where e.status = 'waitlisted')
    from enroll_people(v_event, v_people, p_request_id) e;
end
$$;

comment on function add_participants(bytea, text, bigint, jsonb, text) is
  'Registers members for an event, in that order, or puts them on its waiting list, and mails them. For staff.';

grant select (kind, event_id) on calendar_uploads to rollcall_staff;
grant execute on function
  hold_people(bytea, text, bigint, text, int, jsonb, jsonb, jsonb),
  people_to_join(bytea, text, bigint, text, int),
  add_participants(bytea, text, bigint, jsonb, text)
  to rollcall_staff;

commit;
