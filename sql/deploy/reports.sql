-- Deploy rollcall:reports to pg
-- What staff are told about an event, an organisation, a person.
--
-- An event's people are counted when its report is asked for; an
-- organisation's events are counted once, and again when something about one
-- has changed, so that a report over a million people adds up a row an event.

begin;

create function count_people(p_event bigint)
  returns table (registered boolean, door text, asked boolean, answer text, rating int, people bigint)
  language sql stable
as $$
  with found as (
    select p.user_id, p.status = 'registered' as registered, p.attendance_status as door, null::boolean as asked, null as answer, null::int as rating
    from event_participants p
    where p.event_id = p_event
    union all
    select n.user_id, null, null, true, null, null
    from notifications n
    where n.event_id = p_event
      and n.type = 'attendance_prompt'
    union all
    select a.user_id, null, null, null, a.status, a.feedback_rating
    from attendance a
    where a.event_id = p_event
      and a.status <> 'unknown'
  ), person as (
    select
      coalesce(bool_or(f.registered), false) as registered,
      max(f.door) as door,
      coalesce(bool_or(f.asked), false) as asked,
      max(f.answer) as answer,
      max(f.rating) as rating
    from found f
    group by f.user_id
  )
  select p.registered, p.door, p.asked, p.answer, p.rating, count(*)
  from person p
  group by p.registered, p.door, p.asked, p.answer, p.rating
$$;

comment on function count_people(bigint) is
  'Everyone who has to do with an event, those alike together: whether they are registered, what the door says (null: no '
  'participant), whether they were asked, what they answered themselves, their rating. A few rows, however many people.';

create table event_tallies (
  event_id bigint primary key references events on delete cascade,
  registered int not null,
  present int not null,
  late int not null,
  absent int not null,
  excused int not null,
  besides int not null,
  asked int not null,
  answered int not null,
  attended int not null,
  partial int not null,
  not_attended int not null,
  told int not null,
  rated int not null,
  points int not null
);

comment on table event_tallies is 'People of an event, counted; none: there are none, or it stands in event_changes.';
comment on column event_tallies.present is 'This and the next three: of the registered.';
comment on column event_tallies.besides is 'Whom the door has as present or late though they are not registered.';
comment on column event_tallies.answered is 'This and the next four: of those who were asked; told: gave a rating.';
comment on column event_tallies.rated is 'Ratings, and their sum, of all who say they were there.';

create table event_changes (
  id bigint generated always as identity primary key,
  event_id bigint not null
);

create index event_changes_event on event_changes (event_id);

comment on table event_changes is
  'Events whose people have changed since they were counted. A row a change: nobody waits for anybody to write one.';

create function count_event(p_event bigint) returns event_tallies
  language sql stable
as $$
  select row(
    p_event,
    coalesce(sum(c.people) filter (where c.registered), 0)::int,
    coalesce(sum(c.people) filter (where c.registered and c.door = 'present'), 0)::int,
    coalesce(sum(c.people) filter (where c.registered and c.door = 'late'), 0)::int,
    coalesce(sum(c.people) filter (where c.registered and c.door = 'absent'), 0)::int,
    coalesce(sum(c.people) filter (where c.registered and c.door = 'excused'), 0)::int,
    coalesce(sum(c.people) filter (where not c.registered and c.door in ('present', 'late')), 0)::int,
    coalesce(sum(c.people) filter (where c.asked), 0)::int,
    coalesce(sum(c.people) filter (where c.asked and c.answer is not null), 0)::int,
    coalesce(sum(c.people) filter (where c.asked and c.answer = 'attended'), 0)::int,
    coalesce(sum(c.people) filter (where c.asked and c.answer = 'partial'), 0)::int,
    coalesce(sum(c.people) filter (where c.asked and c.answer = 'not_attended'), 0)::int,
    coalesce(sum(c.people) filter (where c.asked and c.rating is not null and c.answer <> 'not_attended'), 0)::int,
    coalesce(sum(c.people) filter (where c.rating is not null and c.answer <> 'not_attended'), 0)::int,
    coalesce(sum(c.people * c.rating) filter (where c.answer <> 'not_attended'), 0)::int
  )::event_tallies
  from count_people(p_event) c
$$;

create function org_tallies(p_org bigint, p_from timestamptz)
  returns table (
    event_id bigint, title text, starts_at timestamptz, all_day boolean, timezone text, ended_at timestamptz,
    is_taken boolean, registered int, expected int, came int, asked int, answered int, attended int, partial int,
    not_attended int, told int, rated int, points int
  )
  language sql stable
as $$
  select
    e.id, e.title, e.starts_at, e.all_day, e.timezone, e.effective_end,
    coalesce(e.takes_attendance and c.present + c.late + c.absent + c.excused + c.besides > 0, false),
    coalesce(c.registered, 0),
    coalesce(c.registered - c.excused, 0),
    coalesce(c.present + c.late, 0),
    coalesce(c.asked, 0), coalesce(c.answered, 0), coalesce(c.attended, 0), coalesce(c.partial, 0),
    coalesce(c.not_attended, 0), coalesce(c.told, 0), coalesce(c.rated, 0), coalesce(c.points, 0)
  from (
    select e.*, exists (select from event_changes c where c.event_id = e.id) as is_changed
    from events e
    where e.org_id = p_org
      and e.effective_end >= p_from
      and e.effective_end <= app_now()
      and e.deleted_at is null
      and e.status not in ('draft', 'cancelled')
    offset 0
  ) e
  left join lateral (
    select t.* from event_tallies t where t.event_id = e.id and not e.is_changed
    union all
    select n.* from count_event(e.id) n where e.is_changed
  ) c on true
$$;

comment on function org_tallies(bigint, timestamptz) is
  'The events of an organisation that ended since then, with their people counted. is_taken: attendance is taken there, '
  'and was, of somebody; expected: registered and not excused; came: present or late, of those.';

-- Per event, for its staff.

create function event_report(p_session bytea, p_slug text, p_event bigint)
  returns table (
    takes_attendance boolean, is_taken boolean, registered int, expected int, came int, excused int, besides int,
    asked int, answered int, rated int, points int
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select
    e.takes_attendance,
    e.takes_attendance and c.present + c.late + c.absent + c.excused + c.besides > 0,
    c.registered, c.registered - c.excused, c.present + c.late, c.excused, c.besides, c.asked, c.answered, c.rated,
    c.points
  from events e
  cross join lateral count_event(e.id) c
  where e.id = team_event_id(p_session, p_slug, p_event)
$$;

comment on function event_report(bytea, text, bigint) is 'An event''s people as org_tallies() has them. No row: not for this person.';

create function event_doors(p_session bytea, p_slug text, p_event bigint)
  returns table (door text, people bigint, attended bigint, partial bigint, not_attended bigint, unanswered bigint)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select
    d.door,
    coalesce(sum(c.people), 0)::bigint,
    coalesce(sum(c.people) filter (where c.answer = 'attended'), 0)::bigint,
    coalesce(sum(c.people) filter (where c.answer = 'partial'), 0)::bigint,
    coalesce(sum(c.people) filter (where c.answer = 'not_attended'), 0)::bigint,
    coalesce(sum(c.people) filter (where c.answer is null), 0)::bigint
  from (select team_event_id(p_session, p_slug, p_event) as id) e
  cross join unnest(array['present', 'late', 'absent', 'excused', 'unknown', 'besides']) with ordinality as d(door, place)
  left join count_people(e.id) c
    on d.door = case when c.registered then c.door when c.door in ('present', 'late') then 'besides' end
  where e.id is not null
  group by d.door, d.place
  order by d.place
$$;

comment on function event_doors(bytea, text, bigint) is
  'The registered by what the door says, each with what they answered themselves; besides: whom the door has as present '
  'or late though they are not registered.';

create function event_people(p_session bytea, p_slug text, p_event bigint, p_door text, p_most int)
  returns table (
    participant_id bigint, user_id bigint, name text, is_member boolean, registration text, door text,
    marked_at timestamptz, answer text, rating int
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select
    p.id,
    u.id,
    u.name,
    exists (select from memberships m where m.user_id = u.id and m.org_id = p.org_id),
    p.status,
    p.attendance_status,
    p.attendance_marked_at,
    a.status,
    a.feedback_rating::int
  from event_participants p
  join users u on u.id = p.user_id
  left join attendance a on a.event_id = p.event_id and a.user_id = p.user_id
  where p.event_id = team_event_id(p_session, p_slug, p_event)
    and (p_door is null or p.attendance_status = p_door)
  order by lower(u.name), p.id
  limit p_most
$$;

comment on function event_people(bytea, text, bigint, text, int) is
  'The participants of an event by name, of whom the door says p_door (null: everyone), with their own answers.';

-- Per organisation, for its staff.

create function report_start(p_zone text, p_days int) returns timestamptz
  language sql stable
  return case
    when p_days > 0 then (date_trunc('day', app_now() at time zone p_zone) - make_interval(days => p_days - 1)) at time zone p_zone
    else '-infinity'
  end;

comment on function report_start(text, int) is 'Since when, of so many days up to today in that zone; 0: since ever.';

create function team_tallies(p_session bytea, p_slug text, p_days int)
  returns table (
    event_id bigint, title text, starts_at timestamptz, all_day boolean, event_zone text, ended_at timestamptz,
    is_taken boolean, registered int, expected int, came int, asked int, answered int, attended int, partial int,
    not_attended int, told int, rated int, points int, zone text
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select
    y.event_id, y.title, y.starts_at, y.all_day, coalesce(y.timezone, o.timezone), y.ended_at, y.is_taken, y.registered,
    y.expected, y.came, y.asked, y.answered, y.attended, y.partial, y.not_attended, y.told, y.rated, y.points, z.zone
  from team_org(p_session, p_slug, 'staff') t
  join organizations o on o.id = t.org_id
  join users u on u.id = t.user_id
  cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
  cross join lateral org_tallies(t.org_id, report_start(z.zone, p_days)) y
$$;

comment on function team_tallies(bytea, text, int) is
  'org_tallies() of the last so many days (0: of all), for the organisation''s staff, with the reader''s zone.';

create function report_trend(p_session bytea, p_slug text, p_days int)
  returns table (
    label text, since text, until text, events bigint, expected bigint, came bigint, rate int, asked bigint, answered bigint, response int
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  with ended as materialized (
    select y.*, (y.ended_at at time zone y.zone)::date as day
    from team_tallies(p_session, p_slug, p_days) y
  ), whole as (
    select
      case when p_days > 0 then (report_start(e.zone, p_days) at time zone e.zone)::date else min(e.day) end as first,
      (app_now() at time zone e.zone)::date as last
    from ended e
    group by e.zone
  ), shape as (
    select
      case
        when p_days between 1 and 7 then '1 day'
        when p_days between 8 and 31 then '6 days'
        when p_days > 31 then '10 days'
        when w.last - w.first < 730 then '1 month'
        else '1 year'
      end::interval as step,
      case
        when p_days > 0 then w.first
        when w.last - w.first < 730 then date_trunc('month', w.first)
        else date_trunc('year', w.first)
      end::timestamp as first,
      w.last
    from whole w
  ), step as (
    select f.first::date as first, (f.first + s.step - interval '1 day')::date as last, s.step
    from shape s
    cross join lateral generate_series(s.first, s.last, s.step) as f(first)
  )
  select
    case
      when s.step = interval '1 year' then to_char(s.first, 'YYYY')
      when s.step = interval '1 month' then to_char(s.first, 'FMMonth YYYY')
      when s.step = interval '1 day' then to_char(s.first, 'FMDay FMDD FMMonth')
      else to_char(s.first, 'FMDD FMMonth') || ' to ' || to_char(s.last, 'FMDD FMMonth')
    end,
    to_char(s.first, t.pattern),
    to_char(s.last, t.pattern),
    count(e.event_id),
    coalesce(sum(e.expected) filter (where e.is_taken), 0)::bigint,
    coalesce(sum(e.came) filter (where e.is_taken), 0)::bigint,
    round(100.0 * sum(e.came) filter (where e.is_taken) / nullif(sum(e.expected) filter (where e.is_taken), 0))::int,
    coalesce(sum(e.asked), 0)::bigint,
    coalesce(sum(e.answered), 0)::bigint,
    round(100.0 * sum(e.answered) / nullif(sum(e.asked), 0))::int
  from step s
  cross join lateral (
    select case s.step
      when interval '1 year' then 'YYYY'
      when interval '1 month' then 'FMMon YYYY'
      else 'FMDD FMMon'
    end
  ) as t(pattern)
  left join ended e on e.day between s.first and s.last
  group by s.first, s.last, s.step, t.pattern
  order by s.first desc
  limit 60
$$;

comment on function report_trend(bytea, text, int) is
  'The period in steps of days, or months, or years, the last first; since and until: short for its first day and its last. '
  'No row: not for this person, or nothing ended in it.';

-- A person's, for staff.

create function person_record(
  p_session bytea, p_slug text, p_person bigint, p_before timestamptz, p_before_event bigint, p_most int
)
  returns table (
    event_id bigint, title text, starts timestamptz, all_day boolean, event_zone text, zone text, org_name text,
    elsewhere boolean, door text, marked_at timestamptz, status text, rating smallint
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select
    event_id,
    coalesce(a.title, d.title),
    coalesce(a.starts, d.starts),
    coalesce(a.all_day, d.all_day),
    coalesce(a.event_zone, d.event_zone),
    coalesce(a.zone, d.zone),
    coalesce(a.org_name, d.org_name),
    coalesce(a.elsewhere, false),
    d.door,
    d.marked_at,
    a.status,
    a.rating
  from person_attendance(p_session, p_slug, p_person, p_before, p_before_event, p_most) a
  full join (
    select
      e.id as event_id, e.title, e.starts_at as starts, e.all_day, coalesce(e.timezone, o.timezone) as event_zone,
      coalesce(reader.timezone, o.timezone) as zone, o.name as org_name, p.attendance_status as door,
      p.attendance_marked_at as marked_at
    from team_org(p_session, p_slug, 'staff') t
    join users reader on reader.id = t.user_id
    join organizations o on o.id = t.org_id
    join event_participants p on p.user_id = p_person and p.org_id = t.org_id
    join events e on e.id = p.event_id
    where e.deleted_at is null
      and e.status <> 'draft'
      and (p.attendance_status <> 'unknown' or p.status = 'registered' and e.starts_at <= app_now())
      and (p_before is null or (e.starts_at, e.id) < (p_before, p_before_event))
    order by e.starts_at desc, e.id desc
    limit p_most
  ) d using (event_id)
  order by 3 desc, 1 desc
  limit p_most
$$;

comment on function person_record(bytea, text, bigint, timestamptz, bigint, int) is
  'person_attendance(), and what the door of the own organisation says: of events that have begun, registered or marked.';

create function person_doors(p_session bytea, p_slug text, p_person bigint)
  returns table (present bigint, late bigint, absent bigint, excused bigint)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select
    count(*) filter (where p.attendance_status = 'present'),
    count(*) filter (where p.attendance_status = 'late'),
    count(*) filter (where p.attendance_status = 'absent'),
    count(*) filter (where p.attendance_status = 'excused')
  from team_org(p_session, p_slug, 'staff') t
  join event_participants p on p.user_id = p_person and p.org_id = t.org_id
  join events e on e.id = p.event_id
  where e.deleted_at is null
    and e.takes_attendance
$$;

comment on function person_doors(bytea, text, bigint) is 'How often a person came, by the door of the reader''s organisation.';

grant execute on function
  event_report(bytea, text, bigint),
  event_doors(bytea, text, bigint),
  event_people(bytea, text, bigint, text, int),
  team_tallies(bytea, text, int),
  report_trend(bytea, text, int),
  person_record(bytea, text, bigint, timestamptz, bigint, int),
  person_doors(bytea, text, bigint)
  to rollcall_staff;

-- From here on every change is noted. What was there before is counted soon.

insert into event_changes (event_id)
select id from events;

create function note_changes() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  insert into event_changes (event_id)
  select distinct c.event_id from changed c where c.event_id is not null;
  return null;
end
$$;

do $$
declare
  v_table text;
begin
  foreach v_table in array array['event_participants', 'attendance', 'notifications'] loop
    execute format(
      'create trigger note_insert after insert on %I referencing new table as changed '
      'for each statement execute function note_changes()', v_table);
    execute format(
      'create trigger note_delete after delete on %I referencing old table as changed '
      'for each statement execute function note_changes()', v_table);
  end loop;
  -- What changes of a notification counts for nothing here.
  foreach v_table in array array['event_participants', 'attendance'] loop
    execute format(
      'create trigger note_update after update on %I referencing new table as changed '
      'for each statement execute function note_changes()', v_table);
  end loop;
end
$$;

commit;
