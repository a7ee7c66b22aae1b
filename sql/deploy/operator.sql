-- Deploy rollcall:operator to pg
-- What the operator does on the command line: the first organisation and
-- admin, and the people and events that come in as files.

begin;

create function add_org(p_slug text, p_name text, p_timezone text) returns bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint;
begin
  if p_slug is null or p_slug !~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' then
    raise exception using errcode = 'RC422', message = 'bad_slug', detail = 'slug';
  elsif not coalesce(valid_line(p_name, 200), false) then
    raise exception using errcode = 'RC422', message = 'bad_name', detail = 'name';
  elsif not exists (select from timezones where name = p_timezone) then
    raise exception using errcode = 'RC422', message = 'zone_unknown', detail = 'timezone';
  end if;
  insert into organizations (slug, name, timezone)
  values (p_slug, p_name, p_timezone)
  on conflict (slug) do nothing
  returning id into v_org;
  if v_org is null then
    raise exception using errcode = 'RC409', message = 'slug_taken';
  end if;
  return v_org;
end
$$;

comment on function add_org(text, text, text) is
  'Makes an organisation; its prompts are on from now. A slug that is taken is refused and nothing changed.';

create function person_by_email(p_email text, p_name text, p_timezone text) returns bigint
  language plpgsql
as $$
declare
  v_user bigint;
begin
  insert into users (email, name, timezone)
  values (p_email, p_name, p_timezone)
  on conflict (lower(email)) do nothing
  returning id into v_user;
  if v_user is null then
    select id into v_user from users where lower(email) = lower(p_email);
  end if;
  return v_user;
end
$$;

comment on function person_by_email(text, text, text) is
  'The person with that address, made if need be. Someone who is there keeps their own name and zone.';

create function add_admin(p_slug text, p_email text, p_name text) returns bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint := (org_by_slug(p_slug)).id;
  v_user bigint;
begin
  if not coalesce(valid_email(p_email), false) then
    raise exception using errcode = 'RC422', message = 'bad_email', detail = 'email';
  elsif not coalesce(valid_line(p_name, 200), false) then
    raise exception using errcode = 'RC422', message = 'bad_name', detail = 'name';
  end if;
  v_user := person_by_email(p_email, p_name, null);
  insert into memberships (user_id, org_id, role)
  values (v_user, v_org, 'admin')
  on conflict (user_id, org_id) do update set role = 'admin';
  return v_user;
end
$$;

comment on function add_admin(text, text, text) is
  'Makes the person if need be, and an admin of them in any case. Again changes nothing.';

create function import_person(
  p_org bigint, p_email text, p_name text, p_timezone text, p_role text, out result text, out why text
)
  language plpgsql
as $$
declare
  v_user bigint;
  v_known boolean;
  v_role text;
begin
  result := 'refused';
  if p_email = '' then
    why := 'no address';
  elsif not valid_email(p_email) then
    why := 'the address does not look like one';
  elsif p_name = '' then
    why := 'no name';
  elsif not valid_line(p_name, 200) then
    why := 'the name is too long or has characters in it that are not text';
  elsif p_timezone is not null and not exists (select from timezones where name = p_timezone) then
    why := 'the time zone is not known; zones are written like Europe/Berlin';
  elsif p_role is not null and p_role not in ('member', 'door', 'staff', 'admin') then
    why := 'the role is none of member, door, staff, admin';
  end if;
  if why is not null then
    return;
  end if;

  v_known := exists (select from users where lower(email) = lower(p_email));
  v_user := person_by_email(p_email, p_name, p_timezone);
  select role into v_role from memberships where user_id = v_user and org_id = p_org;
  if v_role is null then
    insert into memberships (user_id, org_id, role) values (v_user, p_org, coalesce(p_role, 'member'));
    result := 'new';
    why := case when v_known then 'has an account already and keeps its name and time zone' end;
  elsif v_role = coalesce(p_role, v_role) then
    result := 'unchanged';
  elsif v_role = 'admin' and (select count(*) = 1 from memberships where org_id = p_org and role = 'admin') then
    why := 'is the last admin; make someone else an admin first';
  else
    update memberships set role = p_role where user_id = v_user and org_id = p_org;
    result := 'changed';
    why := format('was %s, is %s now', v_role, p_role);
  end if;
end
$$;

create type person_verdict as (line int, result text, why text);

create function import_people(p_slug text, p_people jsonb, p_dry_run boolean) returns setof person_verdict
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

comment on function import_people(text, jsonb, boolean) is
  'Rows [{line, email, name, timezone, role}] into an organisation, each with its verdict: new, changed, unchanged '
  'or refused and why. A dry run does it all and takes it back.';

create function is_virtual_place(p_location text) returns boolean
  language sql immutable parallel safe
  return lower(p_location) in ('', 'online', 'virtual') or p_location ~* '^[a-z][a-z0-9+.-]*://\S*$';

create function local_moment(p_local text, p_zone text) returns timestamptz
  language plpgsql stable
as $$
begin
  if p_local !~ '^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?$' then
    return null;
  end if;
  return p_local::timestamp at time zone p_zone;
exception when datetime_field_overflow or invalid_datetime_format then
  return null;
end
$$;

comment on function local_moment(text, text) is
  'The moment at which clocks in the zone show 2026-11-20T18:30:00; null when there is no such date or hour.';

create type event_entry as (
  line int, uid text, recurrence_time text, sequence int, title text, description text, location text, url text,
  starts_local text, ends_local text, zone text, all_day boolean, cancelled boolean, duration_seconds bigint
);

create function read_event_entry(p_entry event_entry, p_org organizations, out event events, out why text)
  language plpgsql stable
as $$
declare
  v_zone text := coalesce(nullif(p_entry.zone, ''), p_org.timezone);
begin
  event.org_id := p_org.id;
  event.uid := p_entry.uid;
  event.sequence := coalesce(p_entry.sequence, 0);
  event.title := coalesce(nullif(btrim(p_entry.title), ''), 'Untitled event');
  event.description := replace(coalesce(p_entry.description, ''), E'\r', '');
  event.location := btrim(regexp_replace(coalesce(p_entry.location, ''), E'[\\s\u0001-\u001f\u007f-\u009f]+', ' ', 'g'));
  event.is_virtual := is_virtual_place(event.location);
  event.url := case when p_entry.url ~* '^https?://' and valid_line(p_entry.url, 2000) then p_entry.url end;
  event.all_day := coalesce(p_entry.all_day, false);
  event.timezone := case when event.all_day or v_zone <> 'UTC' then v_zone end;
  event.status := case when p_entry.cancelled then 'cancelled' else 'published' end;

  if coalesce(p_entry.uid, '') = '' or length(p_entry.uid) > 1000 then
    why := 'it has no UID by which to know it again';
  elsif not valid_line(event.title, 500) then
    why := 'the title is too long or has characters in it that are not text';
  elsif length(event.description) > 100000 or length(event.location) > 2000 then
    why := 'the description or the place is too long';
  elsif not exists (select from timezones where name = v_zone) then
    why := 'its time zone is not known';
  else
    event.starts_at := local_moment(p_entry.starts_local, v_zone);
    event.ends_at := case
      when event.starts_at is null then null
      -- A last day where the day after it belongs: many calendars write so.
      when event.all_day and p_entry.ends_local = p_entry.starts_local then null
      when p_entry.ends_local is not null then local_moment(p_entry.ends_local, v_zone)
      when event.all_day and p_entry.duration_seconds % 86400 = 0 then
        (p_entry.starts_local::timestamp + make_interval(days => (p_entry.duration_seconds / 86400)::int))
          at time zone v_zone
      when p_entry.duration_seconds is not null then
        event.starts_at + make_interval(secs => p_entry.duration_seconds)
    end;
    event.recurrence_time := case
      when p_entry.recurrence_time ~ 'Z$' then local_moment(rtrim(p_entry.recurrence_time, 'Z'), 'UTC')
      else local_moment(p_entry.recurrence_time, v_zone)
    end;
    why := case
      when event.starts_at is null then 'its start is not a date and time that exists'
      when local_moment(p_entry.ends_local, v_zone) is null and p_entry.ends_local is not null then
        'its end is not a date and time that exists'
      when p_entry.recurrence_time is not null and event.recurrence_time is null then
        'its RECURRENCE-ID is not a date and time that exists'
      when event.ends_at < event.starts_at then 'it ends before it starts'
    end;
  end if;
end
$$;

comment on function read_event_entry(event_entry, organizations) is
  'The event that a calendar''s entry describes, or why it describes none.';

create function import_event(p_event events, out result text, out why text)
  language plpgsql
as $$
declare
  v_old events;
  v_new events := p_event;
begin
  select * into v_old
  from events
  where org_id = p_event.org_id
    and uid = p_event.uid
    and recurrence_time is not distinct from p_event.recurrence_time
  -- Rows that refer to it may come in meanwhile: views, answers, messages.
  for no key update;
  if not found then
    insert into events (
      org_id, uid, recurrence_time, sequence, title, description, location, url, is_virtual, starts_at, ends_at,
      all_day, timezone, status
    )
    values (
      p_event.org_id, p_event.uid, p_event.recurrence_time, p_event.sequence, p_event.title, p_event.description,
      p_event.location, p_event.url, p_event.is_virtual, p_event.starts_at, p_event.ends_at,
      p_event.all_day, p_event.timezone, p_event.status
    );
    result := 'new';
    return;
  end if;
  if v_old.sequence > p_event.sequence then
    result := 'unchanged';
    why := format('an older version (SEQUENCE %s) than the one that is here (%s)', p_event.sequence, v_old.sequence);
    return;
  end if;

  -- What the calendar does not know stays: its life goes on by itself.
  if p_event.status <> 'cancelled' and v_old.status <> 'cancelled' then
    v_new.status := v_old.status;
  end if;
  if (
    v_old.title, v_old.description, v_old.location, v_old.url, v_old.is_virtual, v_old.starts_at, v_old.ends_at,
    v_old.all_day, v_old.timezone, v_old.status, v_old.sequence, v_old.deleted_at
  ) is not distinct from (
    v_new.title, v_new.description, v_new.location, v_new.url, v_new.is_virtual, v_new.starts_at, v_new.ends_at,
    v_new.all_day, v_new.timezone, v_new.status, v_new.sequence, null::timestamptz
  ) then
    result := 'unchanged';
    return;
  end if;
  update events
  set
    title = v_new.title, description = v_new.description, location = v_new.location, url = v_new.url,
    is_virtual = v_new.is_virtual, all_day = v_new.all_day, timezone = v_new.timezone, sequence = v_new.sequence,
    status = v_new.status, starts_at = v_new.starts_at, ends_at = v_new.ends_at, updated_at = app_now()
  where id = v_old.id;
  result := 'changed';
  why := case
    when v_new.status = 'cancelled' and v_old.status <> 'cancelled' then 'cancelled'
    when v_old.status = 'cancelled' and v_new.status <> 'cancelled' then 'takes place again'
    when (v_old.starts_at, v_old.ends_at) is distinct from (v_new.starts_at, v_new.ends_at) then 'moved'
  end;
end
$$;

create type event_verdict as (line int, uid text, title text, result text, why text);

create function import_events(p_slug text, p_events jsonb, p_dry_run boolean) returns setof event_verdict
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org organizations := org_by_slug(p_slug);
  v_entry event_entry;
  v_read record;
  v_verdict event_verdict;
  v_verdicts event_verdict[] := '{}';
begin
  begin
    for v_entry in select * from jsonb_populate_recordset(null::event_entry, p_events) loop
      select * into v_read from read_event_entry(v_entry, v_org);
      v_verdict := (v_entry.line, v_entry.uid, (v_read.event).title, 'refused', v_read.why);
      if v_read.why is null then
        select i.result, i.why into v_verdict.result, v_verdict.why from import_event(v_read.event) i;
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

comment on function import_events(text, jsonb, boolean) is
  'A calendar''s entries into an organisation, each with its verdict: new, changed, unchanged, or refused and why. '
  'What the file does not name is not touched. A dry run does it all and takes it back.';

grant execute on function
  add_org(text, text, text),
  add_admin(text, text, text),
  import_people(text, jsonb, boolean),
  import_events(text, jsonb, boolean)
  to rollcall_ctl;

commit;
