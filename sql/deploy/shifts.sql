-- Deploy rollcall:shifts to pg
-- Shifts: who is to be where, from when to when; and what became of it: who
-- came and went, who said that they will be late or cannot come.

set client_min_messages = warning;

drop index if exists scheduled_notifications_schedule;
create index concurrently scheduled_notifications_schedule
  on scheduled_notifications (schedule_id) where schedule_id is not null;

begin;

create table duty_schedules (
  id bigint generated always as identity primary key,
  org_id bigint not null references organizations on delete cascade,
  title text not null,
  location text not null default '',
  notes text not null default '',
  start_at timestamptz not null,
  end_at timestamptz not null,
  capacity int check (capacity > 0),
  status text not null default 'active' check (status in ('active', 'cancelled')),
  revision int not null default 1,
  version int not null default 1,
  series_id bigint,
  created_at timestamptz not null default app_now(),
  updated_at timestamptz not null default app_now(),
  check (start_at < end_at and end_at <= start_at + interval '48 hours')
);

create index duty_schedules_org on duty_schedules (org_id, start_at, id);
create index duty_schedules_start on duty_schedules (start_at) where status = 'active';
create index duty_schedules_end on duty_schedules (end_at) where status = 'active';
create index duty_schedules_series on duty_schedules (series_id, start_at) where series_id is not null;

comment on table duty_schedules is 'A shift: many people may be assigned to it. One that repeats is a row each time.';
comment on column duty_schedules.notes is 'For the team and those who are assigned.';
comment on column duty_schedules.revision is 'Raised when start or end changes: what was planned for the old time is not sent.';
comment on column duty_schedules.version is 'Raised with every change, so that none is made on what is not so any more.';
comment on column duty_schedules.series_id is 'The number of the first of those that were made together and repeat.';

create table duty_assignments (
  id bigint generated always as identity primary key,
  org_id bigint not null references organizations on delete cascade,
  schedule_id bigint not null references duty_schedules on delete cascade,
  user_id bigint not null references users on delete cascade,
  status text not null default 'assigned' check (status in ('assigned', 'declined')),
  declined_at timestamptz,
  late_minutes int check (late_minutes between 1 and 600),
  late_said_at timestamptz,
  generation int not null default 1,
  assigned_at timestamptz not null default app_now(),
  assigned_by bigint,
  unique (schedule_id, user_id),
  check ((status = 'declined') = (declined_at is not null)),
  check ((late_minutes is null) = (late_said_at is null))
);

create index duty_assignments_person on duty_assignments (user_id, schedule_id);
create index duty_assignments_org on duty_assignments (org_id);
create index duty_assignments_by on duty_assignments (assigned_by) where assigned_by <> user_id;

comment on column duty_assignments.status is 'declined: they said that they cannot come, and count for nobody''s place.';
comment on column duty_assignments.generation is 'Raising it revokes the links already mailed.';
comment on column duty_assignments.assigned_by is 'Null: by a file.';

create table attendance_logs (
  id bigint generated always as identity primary key,
  schedule_id bigint not null references duty_schedules on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  user_id bigint not null references users on delete cascade,
  type text not null check (type in ('check_in', 'check_out')),
  at timestamptz not null default app_now(),
  by_id bigint,
  undone_at timestamptz,
  undone_by bigint
);

create unique index attendance_logs_once on attendance_logs (schedule_id, user_id, type) where undone_at is null;
create index attendance_logs_person on attendance_logs (user_id, schedule_id);
create index attendance_logs_org on attendance_logs (org_id);
create index attendance_logs_by on attendance_logs (by_id) where by_id <> user_id;
create index attendance_logs_undone on attendance_logs (undone_by) where undone_by is not null;

comment on table attendance_logs is
  'Who came to a shift and went: only ever added to. What was wrong is marked as undone, and counts no more.';
comment on column attendance_logs.by_id is 'Who said so; null: the system.';

insert into personal_data (relation, columns, downloaded, erased) values
  ('duty_schedules', '{title,location,notes,status}', 'no: the organisation''s', 'stays: the organisation''s'),
  ('duty_assignments', '{user_id,status,assigned_by}', 'shifts; of whom they assigned only that they did',
    'deleted with the account; where they assigned others, their number stays'),
  ('attendance_logs', '{user_id,type,by_id,undone_by}', 'shift_times; of whom they checked in only that they did',
    'deleted with the account; where they checked in others, their number stays');

-- What a form says ----------------------------------------------------------

create type shift_form as (
  title text, location text, notes text, start_date text, start_time text, end_date text, end_time text, capacity text,
  repeats text, until text, times text, scope text
);

create function shift_start(p_form shift_form) returns timestamp
  language sql stable
  return form_moment((p_form).start_date, (p_form).start_time);

create function shift_end(p_form shift_form) returns timestamp
  language sql stable
  return form_moment(coalesce((p_form).end_date, (p_form).start_date), (p_form).end_time);

create function shift_form_faults(p_form shift_form, p_zone text) returns table (field text, key text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_zone text := safe_zone(p_zone);
  v_start timestamp := shift_start(p_form);
  v_end timestamp := shift_end(p_form);
  v_ends text := case when p_form.end_date is null then 'end_time' else 'end_date' end;
  v_repeats boolean := coalesce(p_form.repeats, 'none') <> 'none';
begin
  return query
    select f.field, f.key
    from (
      values
        ('title', 'bad_title', not coalesce(valid_line(p_form.title, 200), false)),
        ('start_date', 'bad_date', form_moment(p_form.start_date, '00:00') is null),
        ('start_time', 'start_time_missing', p_form.start_time is null),
        ('start_time', 'bad_time', p_form.start_time is not null and form_moment('2000-01-01', p_form.start_time) is null),
        ('start_time', 'time_skipped', (v_start at time zone v_zone) at time zone v_zone <> v_start),
        ('end_date', 'bad_date', p_form.end_date is not null and form_moment(p_form.end_date, '00:00') is null),
        ('end_time', 'end_time_missing', p_form.end_time is null),
        ('end_time', 'bad_time', p_form.end_time is not null and form_moment('2000-01-01', p_form.end_time) is null),
        ('end_time', 'time_skipped', (v_end at time zone v_zone) at time zone v_zone <> v_end),
        (v_ends, 'end_before_start', moment_at(v_end, v_zone) <= moment_at(v_start, v_zone)),
        (v_ends, 'shift_too_long', moment_at(v_end, v_zone) > moment_at(v_start, v_zone) + interval '48 hours'),
        ('location', 'bad_place', not valid_line(p_form.location, 500)),
        ('notes', 'bad_text', length(p_form.notes) > 2000),
        ('capacity', 'bad_capacity', p_form.capacity !~ '^[1-9]\d{0,5}$'),
        (
          'repeats',
          'bad_repeats',
          v_repeats and p_form.repeats not in (
            'daily', 'workdays', 'weekly', 'fortnightly', 'monthly_date', 'monthly_weekday'
          )
        ),
        ('until', 'repeats_endless', v_repeats and p_form.until is null and p_form.times is null),
        ('until', 'bad_date', v_repeats and p_form.until is not null and form_moment(p_form.until, '00:00') is null),
        ('until', 'until_before_start', v_repeats and form_moment(p_form.until, '00:00') < v_start::date),
        ('times', 'until_or_times', v_repeats and p_form.until is not null and p_form.times is not null),
        ('times', 'bad_shift_times', v_repeats and p_form.times !~ '^([2-9]|[1-9]\d|1\d\d|200)$')
    ) f(field, key, is_so)
    where f.is_so;
end
$$;

comment on function shift_form_faults(shift_form, text) is
  'What is wrong with a form, read in that zone, each with its field; no row: it can be taken.';

create function read_shift_form(p_form shift_form, p_org organizations) returns duty_schedules
  language plpgsql stable
as $$
declare
  v_zone text := safe_zone((p_org).timezone);
  v_fault record;
  v_shift duty_schedules;
begin
  select * into v_fault from shift_form_faults(p_form, v_zone) limit 1;
  if found then
    raise exception using errcode = 'RC422', message = v_fault.key, detail = v_fault.field;
  end if;
  v_shift.org_id := (p_org).id;
  v_shift.title := p_form.title;
  v_shift.location := coalesce(p_form.location, '');
  v_shift.notes := coalesce(p_form.notes, '');
  v_shift.start_at := moment_at(shift_start(p_form), v_zone);
  v_shift.end_at := moment_at(shift_end(p_form), v_zone);
  v_shift.capacity := p_form.capacity::int;
  return v_shift;
end
$$;

comment on function read_shift_form(shift_form, organizations) is
  'The shift that a form describes, in the zone of the organisation; raises what is first wrong with it.';

create function shift_dates(p_form shift_form) returns setof date
  language sql stable
as $$
  select d.day::date
  from (select shift_start(p_form)::date) as f(first)
  cross join lateral generate_series(
    f.first::timestamp,
    case
      when coalesce((p_form).repeats, 'none') = 'none' then f.first::timestamp
      else coalesce(form_moment((p_form).until, '00:00'), f.first + interval '20 years')
    end,
    interval '1 day'
  ) as d(day)
  where case (p_form).repeats
    when 'workdays' then extract(isodow from d.day) <= 5 or d.day = f.first
    when 'weekly' then (d.day::date - f.first) % 7 = 0
    when 'fortnightly' then (d.day::date - f.first) % 14 = 0
    when 'monthly_date' then extract(day from d.day) = extract(day from f.first)
    when 'monthly_weekday' then rule_fits(repeat_rule('monthly_weekday', f.first), d.day::date)
    else true
  end
  order by d.day
  limit coalesce((p_form).times::int, 201);
$$;

comment on function shift_dates(shift_form) is 'The days on which such a shift starts, 201 of them when there are too many.';

-- Whose shifts ----------------------------------------------------------------

create function team_shift(p_org bigint, p_shift bigint) returns duty_schedules
  language plpgsql
as $$
declare
  v_shift duty_schedules;
begin
  select * into v_shift from duty_schedules where id = p_shift and org_id = p_org for no key update;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  return v_shift;
end
$$;

comment on function team_shift(bigint, bigint) is 'The organisation''s shift, held until this is done; raises 404.';

create function open_shift(p_shift duty_schedules) returns void
  language plpgsql stable
as $$
begin
  if (p_shift).status = 'cancelled' then
    raise exception using errcode = 'RC410', message = 'shift_cancelled';
  elsif (p_shift).end_at <= app_now() then
    raise exception using errcode = 'RC410', message = 'shift_over';
  end if;
end
$$;

comment on function open_shift(duty_schedules) is 'Raises when it is cancelled or over: what is past changes for nobody.';

create function shift_scope(p_shift duty_schedules, p_scope text) returns setof duty_schedules
  language plpgsql
as $$
begin
  if p_scope is distinct from 'following' or (p_shift).series_id is null then
    return next p_shift;
    return;
  end if;
  return query
    select *
    from duty_schedules s
    where s.series_id = (p_shift).series_id
      and s.org_id = (p_shift).org_id
      and s.status = 'active'
      and s.end_at > app_now()
      and s.start_at >= (p_shift).start_at
    order by s.start_at, s.id
    for no key update;
end
$$;

comment on function shift_scope(duty_schedules, text) is
  'The shift alone, or (following) it and those after it that repeat with it, held, the first first.';

-- Telling people -----------------------------------------------------------------

create sequence shift_change_seq;

create or replace function state_unsent(p_cause text) returns text
  language sql immutable parallel safe
  return case
    when p_cause = 'too_late' then 'expired'
    when p_cause in ('moved', 'event_cancelled', 'shift_cancelled') then 'cancelled'
    else 'skipped'
  end;

create function cancel_shift_reminders(p_shifts bigint[], p_users bigint[], p_cause text) returns void
  language plpgsql
as $$
begin
  perform finish_unleased(array_agg(q.id), state_unsent(p_cause), array_agg(p_cause))
  from scheduled_notifications q
  where q.schedule_id = any (p_shifts)
    and (p_users is null or q.user_id = any (p_users))
    and q.kind in ('shift_start', 'shift_end')
    and (p_cause <> 'checked_in' or q.kind = 'shift_start')
  having count(*) > 0;
end
$$;

comment on function cancel_shift_reminders(bigint[], bigint[], text) is
  'Takes back the unsent reminders of shifts, of everybody (p_users null) or of some: of who checked in, that of the start.';

create function tell_shift_change(p_shift duty_schedules, p_users bigint[], p_what text) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_ids bigint[];
  v_before jsonb;
begin
  if (p_shift).end_at <= v_now or coalesce(cardinality(p_users), 0) = 0 then
    return;
  end if;
  -- What they have not been told yet is told as it is now, at the time it was
  -- to be told.
  select
    array_agg(q.id),
    jsonb_object_agg(q.user_id, jsonb_build_object('what', q.notify_type, 'at', q.scheduled_for))
      filter (where q.first_attempt_at is null)
  into v_ids, v_before
  from scheduled_notifications q
  where q.schedule_id = (p_shift).id
    and q.user_id = any (p_users)
    and q.kind = 'shift_change'
    and (q.lease_until is null or q.lease_until <= v_now);
  if v_ids is not null then
    perform finish_unleased(v_ids, 'cancelled', array(select text 'replaced' from unnest(v_ids)));
  end if;
  insert into scheduled_notifications (
    notification_id, org_id, kind, urgency, schedule_id, user_id, notify_type, revision, scheduled_for, not_before,
    expires_at, created_at
  )
  select
    format('shift-%s-%s-%s-%s', (p_shift).id, t.id, split_part(t.what, '_', 1), nextval('shift_change_seq')),
    (p_shift).org_id, k.kind, c.urgency, (p_shift).id, t.id, t.what, (p_shift).revision, d.due, d.due, (p_shift).end_at,
    v_now
  from (
    select
      u.id,
      case
        when b.was like 'assigned%' and p_what ~ '^(unassigned|cancelled)' then null
        when b.was like 'assigned%' then b.was
        when b.was like '%\_following' then split_part(p_what, '_', 1) || '_following'
        else p_what
      end as what,
      b.at
    from unnest(p_users) u(id)
    cross join lateral (
      select v_before -> u.id::text ->> 'what' as was, (v_before -> u.id::text ->> 'at')::timestamptz as at
    ) b
  ) t
  cross join lateral (
    -- A minute for second thoughts, unless there is none to lose.
    select case
      when (p_shift).start_at < v_now + interval '1 hour' then v_now
      else coalesce(t.at, v_now + interval '1 minute')
    end as due
  ) d
  join notification_kinds k on k.kind = 'shift_change'
  join notification_categories c using (category)
  where t.what is not null;
  notify rollcall_queue, '';
end
$$;

comment on function tell_shift_change(duty_schedules, bigint[], text) is
  'Mails people that they were assigned to a shift, or unassigned, or that it was moved or cancelled (p_what; with '
  '_following: those that repeat after it as well). Nobody is mailed about what they were not told of, nor twice within a '
  'minute.';

create function tell_shift_news(p_assignment duty_assignments, p_shift duty_schedules, p_word text, p_actor bigint) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
begin
  insert into scheduled_notifications (
    notification_id, org_id, kind, urgency, schedule_id, user_id, notify_type, revision, scheduled_for, not_before,
    expires_at, created_at
  )
  select
    format(
      'news-%s-%s-%s-%s', (p_assignment).id, p_word,
      extract(epoch from coalesce((p_assignment).late_said_at, (p_assignment).declined_at, v_now))::bigint, m.user_id
    ),
    (p_shift).org_id, k.kind, c.urgency, (p_shift).id, m.user_id, p_word, (p_shift).revision, v_now, v_now,
    (p_shift).end_at, v_now
  from memberships m
  cross join notification_kinds k
  join notification_categories c using (category)
  where m.org_id = (p_shift).org_id
    and m.role in ('staff', 'admin')
    and m.user_id <> p_actor
    and k.kind = 'shift_news'
  on conflict (notification_id) do nothing;
  notify rollcall_queue, '';
end
$$;

comment on function tell_shift_news(duty_assignments, duty_schedules, text, bigint) is
  'Tells the organisation''s staff, but for who says it, that somebody will be late, cannot come, or comes after all.';

create function shift_news_assignment(p_notification_id text) returns bigint
  language sql immutable parallel safe
  return case when p_notification_id like 'news-%' then split_part(p_notification_id, '-', 2)::bigint end;

comment on function shift_news_assignment(text) is 'The assignment that a news-ASSIGNMENT-WORD-TIME-USER tells of.';

create function shift_word(p_assignment duty_assignments) returns text
  language sql immutable parallel safe
  return case
    when (p_assignment).status = 'declined' then 'declined'
    when (p_assignment).late_minutes is not null then 'late'
    else 'coming'
  end;

create function shift_change_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when u.suppressed_at is not null then 'suppressed'
      when s.end_at <= app_now() then 'too_late'
      when (p_row).notify_type ~ '^unassigned' then case when a.status = 'assigned' then 'replaced' end
      when a.status is distinct from 'assigned' then 'not_assigned'
      when (p_row).notify_type ~ '^(assigned|moved)' and s.status = 'cancelled' then 'shift_cancelled'
    end
    from users u
    join duty_schedules s on s.id = (p_row).schedule_id
    left join duty_assignments a on a.schedule_id = s.id and a.user_id = u.id
    where u.id = (p_row).user_id
  );
end
$$;

create function shift_news_recheck(p_row scheduled_notifications) returns text
  language plpgsql stable
as $$
begin
  return (
    select case
      when u.suppressed_at is not null then 'suppressed'
      when not exists (
        select from memberships m
        where m.user_id = u.id and m.org_id = (p_row).org_id and m.role in ('staff', 'admin')
      ) then 'not_staff'
      when s.status = 'cancelled' then 'shift_cancelled'
      when a.id is null then 'not_assigned'
      when (p_row).notify_type <> shift_word(a) then 'replaced'
      when (p_row).notify_type = 'late'
        and extract(epoch from a.late_said_at)::bigint <> split_part((p_row).notification_id, '-', 4)::bigint then 'replaced'
    end
    from users u
    join duty_schedules s on s.id = (p_row).schedule_id
    left join duty_assignments a on a.id = shift_news_assignment((p_row).notification_id)
    where u.id = (p_row).user_id
  );
end
$$;

create function fit_in_mail(p_text text, p_most int) returns text
  language plpgsql immutable strict parallel safe
as $$
declare
  v_length int := length(p_text);
  v_octets int;
  v_ascii int;
  v_escaped int;
  v_size int;
begin
  loop
    -- It stands in the text, quoted-printable with three bytes for one that is
    -- not ASCII, or base64, and in the HTML, where some take six bytes.
    v_octets := octet_length(left(p_text, v_length));
    v_ascii := length(regexp_replace(left(p_text, v_length), '[^\x01-\x7f]', '', 'g'));
    v_escaped := length(regexp_replace(left(p_text, v_length), '[^"''&<>=\n]', '', 'g'));
    v_size := least(v_ascii + 3 * (v_octets - v_ascii), v_octets * 11 / 8)
      + v_ascii + 3 * (v_octets - v_ascii) + 6 * v_escaped;
    exit when v_size <= p_most;
    v_length := least(v_length - 1, v_length * p_most / v_size);
  end loop;
  return shorten(p_text, v_length);
end
$$;

comment on function fit_in_mail(text, int) is 'What takes no more than so many bytes of a mail; what is cut ends in an ellipsis.';

create function shift_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    select jsonb_build_object(
      'user_name', shorten(u.name, 100),
      'org_name', shorten(o.name, 100),
      'org_slug', o.slug,
      'postal_address', shorten(o.postal_address, 300),
      'shift_id', s.id,
      'shift_title', shorten(s.title, 80),
      'when_text', say_shift(s.start_at, s.end_at, z.zone),
      'zone', z.zone,
      'location', shorten(s.location, 80),
      'notes', fit_in_mail(s.notes, 1800),
      'is_end', (p_row).kind = 'shift_end',
      'is_assigned', (p_row).notify_type ~ '^assigned',
      'is_unassigned', (p_row).notify_type ~ '^unassigned',
      'is_moved', (p_row).notify_type ~ '^moved',
      'is_cancelled', (p_row).notify_type ~ '^cancelled',
      'is_following', (p_row).notify_type ~ '_following$',
      'is_late', (p_row).notify_type = 'late',
      'is_declined', (p_row).notify_type = 'declined',
      'person_name', shorten(who.name, 50),
      'late_minutes', a.late_minutes
    )
    from users u
    join duty_schedules s on s.id = (p_row).schedule_id
    join organizations o on o.id = s.org_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    left join duty_assignments a on a.id = shift_news_assignment((p_row).notification_id)
    left join users who on who.id = a.user_id
    where u.id = (p_row).user_id
  );
end
$$;

insert into notification_kinds (kind, category, template, recheck, display) values
  ('shift_change', 'shift', 'mail_shift_change', 'shift_change_recheck', 'shift_display'),
  ('shift_news', 'shift', 'mail_shift_news', 'shift_news_recheck', 'shift_display');

create function tell_shift_changes(p_shifts bigint[], p_what text) returns void
  language plpgsql
as $$
declare
  v_first record;
begin
  -- Once each, of the first that concerns them.
  for v_first in
    select f.shift, array_agg(f.user_id) as people, bool_or(f.more) as more
    from (
      select distinct on (a.user_id) s as shift, a.user_id, count(*) over (partition by a.user_id) > 1 as more
      from duty_schedules s
      join duty_assignments a on a.schedule_id = s.id and a.status = 'assigned'
      where s.id = any (p_shifts)
      order by a.user_id, s.start_at, s.id
    ) f
    group by f.shift, f.more
  loop
    perform tell_shift_change(
      v_first.shift, v_first.people, p_what || case when v_first.more then '_following' else '' end
    );
  end loop;
end
$$;

comment on function tell_shift_changes(bigint[], text) is
  'Tells those who are assigned to any of the shifts what became of them, once each however many they are.';

-- Making, moving, cancelling ---------------------------------------------------

create function make_shift(p_session bytea, p_slug text, p_form jsonb) returns table (shift_id bigint, made int)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_form shift_form := jsonb_populate_record(null::shift_form, p_form);
  v_org organizations;
  v_zone text;
  v_shift duty_schedules;
  v_dates date[];
  v_ids bigint[];
begin
  select o.* into v_org
  from require_team(p_session, p_slug, 'admin') t
  join organizations o on o.id = t.org_id;
  v_zone := safe_zone(v_org.timezone);
  v_shift := read_shift_form(v_form, v_org);
  if v_shift.end_at <= app_now() then
    raise exception using errcode = 'RC422', message = 'shift_past', detail = 'start_date';
  end if;
  v_dates := array(select d from shift_dates(v_form) d);
  if cardinality(v_dates) > 200 then
    raise exception using errcode = 'RC422', message = 'too_many_shifts', detail = 'until';
  end if;
  with put as (
    insert into duty_schedules (org_id, title, location, notes, start_at, end_at, capacity)
    select v_org.id, v_shift.title, v_shift.location, v_shift.notes, t.start_at, t.end_at, v_shift.capacity
    from unnest(v_dates) d
    cross join lateral shift_times(v_form, d, v_zone) t
    order by d
    returning id
  )
  select array_agg(put.id order by put.id) into v_ids from put;
  shift_id := v_ids[1];
  made := cardinality(v_ids);
  update duty_schedules set series_id = shift_id where made > 1 and id = any (v_ids);
  return next;
end
$$;

comment on function make_shift(bytea, text, jsonb) is
  'Makes the shift of a form, or as many as it repeats: the number of the first, and how many. For admins.';

create function shift_times(p_form shift_form, p_day date, p_zone text, out start_at timestamptz, out end_at timestamptz)
  language plpgsql stable
as $$
declare
  v_start timestamp := shift_start(p_form);
begin
  start_at := moment_at(p_day + v_start::time, p_zone);
  end_at := moment_at(p_day + (shift_end(p_form)::date - v_start::date) + shift_end(p_form)::time, p_zone);
  -- A night on which the clocks change may leave nothing of a short one.
  if end_at <= start_at then
    end_at := start_at + (shift_end(p_form) - v_start);
  end if;
end
$$;

comment on function shift_times(shift_form, date, text) is
  'When a shift with the hours of the form begins and ends that day, by the clocks there.';

create function rewrite_shift(p_old duty_schedules, p_new duty_schedules) returns boolean
  language plpgsql
as $$
declare
  v_moved boolean := (p_old.start_at, p_old.end_at) is distinct from (p_new.start_at, p_new.end_at);
begin
  if p_new.capacity < (
    select count(*) from duty_assignments a where a.schedule_id = p_old.id and a.status = 'assigned'
  ) then
    raise exception using errcode = 'RC422', message = 'capacity_below', detail = 'capacity';
  end if;
  update duty_schedules s
  set
    title = p_new.title, location = p_new.location, notes = p_new.notes, start_at = p_new.start_at,
    end_at = p_new.end_at, capacity = p_new.capacity, revision = s.revision + case when v_moved then 1 else 0 end,
    version = s.version + 1, updated_at = app_now()
  where s.id = p_old.id;
  if v_moved then
    -- Late was said of the old time.
    update duty_assignments
    set late_minutes = null, late_said_at = null
    where schedule_id = p_old.id and late_minutes is not null;
    perform cancel_shift_reminders(array[p_old.id], null, 'moved');
  end if;
  return v_moved or p_old.location <> p_new.location;
end
$$;

comment on function rewrite_shift(duty_schedules, duty_schedules) is
  'Gives a shift the words, place and times of another; true when people are to be told.';

create function change_shift(p_session bytea, p_slug text, p_shift bigint, p_version int, p_form jsonb) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_form shift_form := jsonb_populate_record(null::shift_form, p_form);
  v_org organizations;
  v_zone text;
  v_shift duty_schedules;
  v_new duty_schedules;
  v_days int;
  v_row duty_schedules;
  v_told bigint[] := '{}';
  v_changed int := 0;
begin
  select o.* into v_org
  from require_team(p_session, p_slug, 'admin') t
  join organizations o on o.id = t.org_id;
  v_zone := safe_zone(v_org.timezone);
  v_shift := team_shift(v_org.id, p_shift);
  perform open_shift(v_shift);
  if v_shift.version is distinct from p_version then
    raise exception using errcode = 'RC409', message = 'changed_meanwhile';
  end if;
  v_form.repeats := null;
  v_new := read_shift_form(v_form, v_org);
  if v_new.end_at <= app_now() then
    raise exception using errcode = 'RC422', message = 'shift_past', detail = 'start_date';
  end if;
  v_days := shift_start(v_form)::date - (v_shift.start_at at time zone v_zone)::date;
  for v_row in select * from shift_scope(v_shift, v_form.scope) loop
    select t.start_at, t.end_at into v_new.start_at, v_new.end_at
    from shift_times(v_form, (v_row.start_at at time zone v_zone)::date + v_days, v_zone) t;
    if rewrite_shift(v_row, v_new) then
      v_told := v_told || v_row.id;
    end if;
    v_changed := v_changed + 1;
  end loop;
  perform tell_shift_changes(v_told, 'moved');
  return v_changed;
end
$$;

comment on function change_shift(bytea, text, bigint, int, jsonb) is
  'Gives a shift, or it and those that follow, what a form says: moved by as many days, and to its hours. How many were '
  'changed. p_version is that of the form. For admins.';

create function cancel_shift(p_session bytea, p_slug text, p_shift bigint, p_version int, p_scope text) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org bigint := (select t.org_id from require_team(p_session, p_slug, 'admin') t);
  v_shift duty_schedules := team_shift(v_org, p_shift);
  v_shifts bigint[];
begin
  perform open_shift(v_shift);
  if v_shift.version is distinct from p_version then
    raise exception using errcode = 'RC409', message = 'changed_meanwhile';
  end if;
  v_shifts := array(select s.id from shift_scope(v_shift, p_scope) s);
  update duty_schedules
  set status = 'cancelled', version = version + 1, updated_at = app_now()
  where id = any (v_shifts);
  perform cancel_shift_reminders(v_shifts, null, 'shift_cancelled');
  perform tell_shift_changes(v_shifts, 'cancelled');
  return cardinality(v_shifts);
end
$$;

comment on function cancel_shift(bytea, text, bigint, int, text) is
  'Cancels a shift, or it and those that follow, and tells who was assigned: how many. For admins.';

-- Assigning ---------------------------------------------------------------------

create function shift_clashes(p_shift duty_schedules, p_users bigint[])
  returns table (user_id bigint, other_id bigint, title text, start_at timestamptz, end_at timestamptz)
  language plpgsql stable
as $$
#variable_conflict use_column
begin
  return query
    select
      a.user_id,
      case when s.org_id = (p_shift).org_id then s.id end,
      case when s.org_id = (p_shift).org_id then s.title end,
      case when s.org_id = (p_shift).org_id then s.start_at end,
      case when s.org_id = (p_shift).org_id then s.end_at end
    from duty_assignments a
    join duty_schedules s on s.id = a.schedule_id
    where a.user_id = any (p_users)
      and a.status = 'assigned'
      and s.id <> (p_shift).id
      and s.status = 'active'
      and s.start_at < (p_shift).end_at
      and s.end_at > (p_shift).start_at
    order by a.user_id, s.start_at, s.id;
end
$$;

comment on function shift_clashes(duty_schedules, bigint[]) is
  'What the people are assigned to at that time besides; of another organisation''s shift only that there is one.';

create function assign_people(p_shift duty_schedules, p_users bigint[], p_actor bigint) returns int
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_new bigint[];
begin
  perform open_shift(p_shift);
  v_new := array(
    select w.id
    from unnest(p_users) w(id)
    where not exists (
      select from duty_assignments a
      where a.schedule_id = (p_shift).id and a.user_id = w.id and a.status = 'assigned'
    )
    group by w.id
  );
  if (p_shift).capacity < cardinality(v_new) + (
    select count(*) from duty_assignments a where a.schedule_id = (p_shift).id and a.status = 'assigned'
  ) then
    raise exception using errcode = 'RC422', message = 'shift_full', detail = 'who';
  end if;
  insert into duty_assignments as a (org_id, schedule_id, user_id, assigned_at, assigned_by)
  select (p_shift).org_id, (p_shift).id, w.id, v_now, p_actor
  from unnest(v_new) w(id)
  order by w.id
  on conflict (schedule_id, user_id) do update
  set
    status = 'assigned', declined_at = null, late_minutes = null, late_said_at = null, assigned_at = v_now,
    assigned_by = p_actor, generation = a.generation + 1;
  -- Who does it for themselves knows it.
  perform tell_shift_change(p_shift, array_remove(v_new, p_actor), 'assigned');
  return cardinality(v_new);
end
$$;

comment on function assign_people(duty_schedules, bigint[], bigint) is
  'Assigns people to a shift that the caller holds, and tells them: how many were not before. Refused when there are not '
  'so many places. Whether it may be done is the caller''s to decide.';

create function assign_shift(p_session bytea, p_slug text, p_shift bigint, p_people jsonb, p_anyway boolean) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_shift duty_schedules;
  v_people bigint[];
begin
  select * into v_team from require_team(p_session, p_slug, 'staff');
  v_shift := team_shift(v_team.org_id, p_shift);
  v_people := array(
    select m.user_id
    from jsonb_array_elements_text(p_people) w(id)
    join memberships m on m.org_id = v_team.org_id and m.user_id = w.id::bigint
  );
  if v_people = '{}' then
    raise exception using errcode = 'RC422', message = 'nobody_ticked', detail = 'who';
  elsif not p_anyway and exists (select from shift_clashes(v_shift, v_people)) then
    perform open_shift(v_shift);
    raise exception using errcode = 'RC422', message = 'shift_overlap', detail = 'who';
  end if;
  return assign_people(v_shift, v_people, v_team.user_id);
end
$$;

comment on function assign_shift(bytea, text, bigint, jsonb, boolean) is
  'Assigns members to a shift. Who has another then is refused once (shift_overlap), and assigned with p_anyway. For staff.';

create function unassign_people(p_shift duty_schedules, p_users bigint[], p_actor bigint) returns int
  language plpgsql
as $$
declare
  v_gone bigint[];
  v_told bigint[];
begin
  perform open_shift(p_shift);
  with gone as (
    delete from duty_assignments
    where schedule_id = (p_shift).id and user_id = any (p_users)
    returning user_id, status
  )
  select array_agg(gone.user_id), array_agg(gone.user_id) filter (where gone.status = 'assigned' and gone.user_id is distinct from p_actor)
  into v_gone, v_told
  from gone;
  perform cancel_shift_reminders(array[(p_shift).id], v_gone, 'not_assigned');
  perform tell_shift_change(p_shift, v_told, 'unassigned');
  return coalesce(cardinality(v_gone), 0);
end
$$;

comment on function unassign_people(duty_schedules, bigint[], bigint) is
  'Takes people off a shift that the caller holds, and tells them. Whether it may be done is the caller''s to decide.';

create function unassign_shift(p_session bytea, p_slug text, p_shift bigint, p_user bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
begin
  select * into v_team from require_team(p_session, p_slug, 'staff');
  if unassign_people(team_shift(v_team.org_id, p_shift), array[p_user], v_team.user_id) = 0 then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
end
$$;

create function people_to_assign(p_session bytea, p_slug text, p_shift bigint, p_search text, p_only jsonb, p_most int)
  returns table (id bigint, name text, email text, clash text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select u.id, u.name, u.email, c.clash
    from team_org(p_session, p_slug, 'staff') t
    join organizations o on o.id = t.org_id
    join users viewer on viewer.id = t.user_id
    join duty_schedules s on s.org_id = t.org_id and s.id = p_shift
    join memberships m on m.org_id = t.org_id
    join users u on u.id = m.user_id
    left join lateral (
      select coalesce(shorten(x.title, 60) || ', ' || say_shift(x.start_at, x.end_at, safe_zone(coalesce(viewer.timezone, o.timezone))), '') as clash
      from shift_clashes(s, array[u.id]) x
      limit 1
    ) c on true
    where (p_search = '' or position(lower(p_search) in lower(u.name)) > 0 or lower(u.email) = lower(p_search))
      and (p_only is null or u.id in (select e::bigint from jsonb_array_elements_text(p_only) e))
      and not exists (
        select from duty_assignments a
        where a.schedule_id = s.id and a.user_id = u.id and a.status = 'assigned'
      )
    order by m.sort_key, m.user_id
    limit p_most;
end
$$;

comment on function people_to_assign(bytea, text, bigint, text, jsonb, int) is
  'Members who are not assigned to the shift and have those letters in their name, or that address (p_only: of those '
  'numbers). clash: what they have at that time already, empty when that is another organisation''s; null: nothing.';

create function say_shift(p_start timestamptz, p_end timestamptz, p_zone text) returns text
  language sql stable parallel safe
  return say_time(p_start, p_zone) || '–' || case
    when (p_start at time zone p_zone)::date = (p_end at time zone p_zone)::date then to_char(p_end at time zone p_zone, 'HH24:MI')
    else say_time(p_end, p_zone)
  end;

comment on function say_shift(timestamptz, timestamptz, text) is 'Friday 20 November 2026, 18:30–20:00';

create function say_clock(p_at timestamptz, p_near timestamptz, p_zone text) returns text
  language sql stable parallel safe
  return to_char(
    p_at at time zone p_zone,
    case
      when (p_at at time zone p_zone)::date = (p_near at time zone p_zone)::date then 'HH24:MI'
      else 'FMDD FMMonth HH24:MI'
    end
  );

comment on function say_clock(timestamptz, timestamptz, text) is 'The hour, and of another day than p_near''s the day as well.';

-- Coming and going ---------------------------------------------------------------

create function put_shift_time(p_assignment duty_assignments, p_type text, p_by bigint) returns boolean
  language plpgsql
as $$
begin
  insert into attendance_logs (schedule_id, org_id, user_id, type, at, by_id)
  values ((p_assignment).schedule_id, (p_assignment).org_id, (p_assignment).user_id, p_type, app_now(), p_by)
  on conflict (schedule_id, user_id, type) where undone_at is null do nothing;
  if not found then
    return false;
  end if;
  if p_type = 'check_in' and (p_assignment).status = 'declined' then
    -- They came all the same: their place is theirs again, if it is still free.
    update duty_assignments a
    set status = 'assigned', declined_at = null
    from duty_schedules s
    where a.id = (p_assignment).id
      and s.id = a.schedule_id
      and coalesce(s.capacity > (
        select count(*) from duty_assignments o where o.schedule_id = s.id and o.status = 'assigned'
      ), true);
  end if;
  perform cancel_shift_reminders(
    array[(p_assignment).schedule_id], array[(p_assignment).user_id], case p_type when 'check_in' then 'checked_in' else 'checked_out' end
  );
  return true;
end
$$;

comment on function put_shift_time(duty_assignments, text, bigint) is
  'Writes that somebody came (check_in) or went, now; false: it stands there already. The caller holds the shift and '
  'decides whether it may be done.';

create function shift_times_open(p_shift duty_schedules, p_until interval) returns void
  language plpgsql stable
as $$
begin
  if (p_shift).status = 'cancelled' then
    raise exception using errcode = 'RC410', message = 'shift_cancelled';
  elsif app_now() < (p_shift).start_at - interval '1 hour' then
    raise exception using errcode = 'RC425', message = 'shift_early';
  elsif app_now() > (p_shift).end_at + p_until then
    raise exception using errcode = 'RC410', message = 'shift_over';
  end if;
end
$$;

comment on function shift_times_open(duty_schedules, interval) is
  'Raises unless somebody may be checked in or out: from an hour before the start until so long after the end.';

create function shift_of(p_schedule bigint, p_user bigint, out shift duty_schedules, out assignment duty_assignments)
  language plpgsql
as $$
begin
  -- The shift first, as whoever assigns people takes it.
  select * into shift from duty_schedules where id = p_schedule for no key update;
  select * into assignment from duty_assignments where schedule_id = p_schedule and user_id = p_user for no key update;
  if assignment.id is null then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
end
$$;

comment on function shift_of(bigint, bigint) is 'A shift and somebody''s assignment to it, both held; raises 404.';

create function staff_check_shift(
  p_session bytea, p_slug text, p_shift bigint, p_user bigint, p_type text, p_undo boolean
) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_shift duty_schedules;
  v_of record;
begin
  select * into v_team from require_team(p_session, p_slug, 'staff');
  if p_type is null or p_type not in ('check_in', 'check_out') then
    raise exception using errcode = 'RC422', message = 'bad_choice', detail = 'type';
  end if;
  v_shift := team_shift(v_team.org_id, p_shift);
  v_of := shift_of(p_shift, p_user);
  perform shift_times_open(v_shift, interval '14 days');
  if not p_undo then
    return put_shift_time(v_of.assignment, p_type, v_team.user_id);
  end if;
  update attendance_logs
  set undone_at = app_now(), undone_by = v_team.user_id
  where schedule_id = p_shift
    and user_id = p_user
    and type = p_type
    and undone_at is null;
  return found;
end
$$;

comment on function staff_check_shift(bytea, text, bigint, bigint, text, boolean) is
  'Staff write that somebody came or went, or that this was wrong; false: it is so already.';

-- Late, and not at all ------------------------------------------------------------

create function put_shift_word(p_shift duty_schedules, p_assignment duty_assignments, p_word text, p_minutes int, p_actor bigint)
  returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  v_new duty_assignments;
begin
  perform open_shift(p_shift);
  if p_word is null or p_word not in ('late', 'declined', 'coming') then
    raise exception using errcode = 'RC422', message = 'bad_choice', detail = 'word';
  elsif p_word = 'late' and coalesce(p_minutes not between 1 and 600, true) then
    raise exception using errcode = 'RC422', message = 'bad_minutes', detail = 'minutes';
  elsif exists (
    select from attendance_logs l
    where l.schedule_id = (p_shift).id and l.user_id = (p_assignment).user_id and l.type = 'check_in' and l.undone_at is null
  ) then
    raise exception using errcode = 'RC409', message = 'shift_came_already';
  elsif p_word <> 'declined' and (p_assignment).status = 'declined' and (p_shift).capacity <= (
    select count(*) from duty_assignments a where a.schedule_id = (p_shift).id and a.status = 'assigned'
  ) then
    raise exception using errcode = 'RC422', message = 'shift_full', detail = 'who';
  end if;
  update duty_assignments
  set
    status = case when p_word = 'declined' then 'declined' else 'assigned' end,
    declined_at = case when p_word = 'declined' then coalesce(declined_at, v_now) end,
    late_minutes = case when p_word = 'late' then p_minutes end,
    late_said_at = case when p_word = 'late' then case when late_minutes = p_minutes then late_said_at else v_now end end
  where id = (p_assignment).id
  returning * into v_new;
  if p_word = 'declined' then
    perform cancel_shift_reminders(array[(p_shift).id], array[(p_assignment).user_id], 'not_assigned');
  end if;
  if (v_new.declined_at, v_new.late_said_at) is distinct from ((p_assignment).declined_at, (p_assignment).late_said_at) then
    perform tell_shift_news(v_new, p_shift, p_word, p_actor);
  end if;
end
$$;

comment on function put_shift_word(duty_schedules, duty_assignments, text, int, bigint) is
  'Somebody will be late by so many minutes, cannot come (declined), or comes as planned after all, and the team is told. '
  'The caller holds both and decides whether it may be done.';

create function staff_shift_word(p_session bytea, p_slug text, p_shift bigint, p_user bigint, p_word text, p_minutes int)
  returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_shift duty_schedules;
  v_of record;
begin
  select * into v_team from require_team(p_session, p_slug, 'staff');
  v_shift := team_shift(v_team.org_id, p_shift);
  v_of := shift_of(p_shift, p_user);
  perform put_shift_word(v_shift, v_of.assignment, p_word, p_minutes, v_team.user_id);
end
$$;

comment on function staff_shift_word(bytea, text, bigint, bigint, text, int) is 'The same when somebody told the team by other ways.';

-- The person's own.

create function check_shift(p_session bytea, p_shift bigint, p_type text) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_of record := shift_of(p_shift, v_user);
begin
  if p_type is null or p_type not in ('check_in', 'check_out') then
    raise exception using errcode = 'RC422', message = 'bad_choice', detail = 'type';
  end if;
  perform shift_times_open(v_of.shift, interval '30 minutes');
  return put_shift_time(v_of.assignment, p_type, v_user);
end
$$;

comment on function check_shift(bytea, bigint, text) is
  'Whoever is signed in came to a shift of theirs, or went; false: that stands there already.';

create function say_shift_word(p_session bytea, p_shift bigint, p_word text, p_minutes int) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_of record := shift_of(p_shift, v_user);
begin
  perform put_shift_word(v_of.shift, v_of.assignment, p_word, p_minutes, v_user);
end
$$;

comment on function say_shift_word(bytea, bigint, text, int) is 'Whoever is signed in says late, declined or coming of a shift of theirs.';

-- Who leaves an organisation has no shifts to come there.
create or replace function record_members_out() returns trigger
  language plpgsql
as $$
begin
  perform record_change(m.org_id, m.user_id, 'removed', null, m.role, null) from gone m;
  delete from duty_assignments a
  using gone m, duty_schedules s
  where a.user_id = m.user_id
    and s.id = a.schedule_id
    and s.org_id = m.org_id
    and s.end_at > app_now();
  return null;
end
$$;

-- What a person takes along.

create function own_shifts(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    select jsonb_build_object(
      'shifts', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'number', s.id, 'organisation', o.name,
          'of', case when a.user_id = p_user then 'you' else 'somebody else' end,
          'by', case when a.assigned_by is null then 'a file' else who_text(a.assigned_by, p_user) end,
          'title', s.title, 'location', s.location, 'starts_at', both_times(s.start_at, p_zone),
          'ends_at', both_times(s.end_at, p_zone), 'shift_status', s.status,
          'status', case when a.user_id = p_user then a.status end, 'assigned_at', both_times(a.assigned_at, p_zone),
          'declined_at', case when a.user_id = p_user then both_times(a.declined_at, p_zone) end,
          'late_minutes', case when a.user_id = p_user then a.late_minutes end,
          'late_said_at', case when a.user_id = p_user then both_times(a.late_said_at, p_zone) end
        ) order by a.id), '[]')
        from duty_assignments a
        join duty_schedules s on s.id = a.schedule_id
        join organizations o on o.id = a.org_id
        where a.user_id = p_user or (a.assigned_by = p_user and a.assigned_by <> a.user_id)
      ),
      'shift_times', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'shift', l.schedule_id, 'organisation', o.name,
          'of', case when l.user_id = p_user then 'you' else 'somebody else' end, 'by', who_text(l.by_id, p_user),
          'what', l.type, 'at', both_times(l.at, p_zone), 'undone_at', both_times(l.undone_at, p_zone),
          'undone_by', case when l.undone_at is not null then who_text(l.undone_by, p_user) end
        ) order by l.id), '[]')
        from attendance_logs l
        join organizations o on o.id = l.org_id
        where l.user_id = p_user or (l.by_id = p_user and l.by_id <> l.user_id) or l.undone_by = p_user
      )
    );
  end;

-- Who may call what.

grant select on duty_schedules, duty_assignments, attendance_logs to rollcall_staff;
grant execute on function say_shift(timestamptz, timestamptz, text), say_clock(timestamptz, timestamptz, text)
  to rollcall_staff, rollcall_member;
grant execute on function
  shift_form_faults(shift_form, text),
  make_shift(bytea, text, jsonb),
  change_shift(bytea, text, bigint, int, jsonb),
  cancel_shift(bytea, text, bigint, int, text),
  assign_shift(bytea, text, bigint, jsonb, boolean),
  unassign_shift(bytea, text, bigint, bigint),
  people_to_assign(bytea, text, bigint, text, jsonb, int),
  staff_check_shift(bytea, text, bigint, bigint, text, boolean),
  staff_shift_word(bytea, text, bigint, bigint, text, int)
  to rollcall_staff;
grant execute on function
  check_shift(bytea, bigint, text),
  say_shift_word(bytea, bigint, text, int)
  to rollcall_member;

commit;
