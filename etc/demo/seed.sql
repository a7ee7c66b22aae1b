-- What of the demo no command can make: the past.  Who looked at which event's
-- page and registered, what was answered, and a draft.  Run as the owner.

begin;

update organizations
set
  postal_address = E'Riverside Community Centre\n1 Mill Road, Riverside',
  prompts_since = app_now() - interval '5 hours'
where slug = 'riverside';

-- Whoever likes may join these.
update organizations
set
  "join" = 'open',
  postal_address = E'Mill Road Allotments\nPlot 1, Mill Road, Riverside'
where slug = 'allotments';

-- Maya is asked at any hour, so that whoever tries the demo has not to wait
-- for the morning.
update users set quiet = false where email = 'maya@example.org';

insert into events (org_id, title, description, location, starts_at, ends_at, timezone, status)
select
  id,
  'Winter fair (dates to be agreed)',
  'Not shown to members yet.',
  'Market square',
  date_trunc('hour', app_now()) + interval '40 days',
  date_trunc('hour', app_now()) + interval '40 days 6 hours',
  timezone,
  'draft'
from organizations
where slug = 'riverside'
  and not exists (select from events where title = 'Winter fair (dates to be agreed)');

create temporary view demo as
select e.id as event_id, split_part(e.uid, '@', 1) as event, e.org_id, e.starts_at, u.id as user_id,
  split_part(u.email, '@', 1) as person
from events e
join memberships m on m.org_id = e.org_id
join users u on u.id = m.user_id
where e.uid like '%@demo.rollcall';

insert into event_views (event_id, user_id, org_id, viewed_at)
select event_id, user_id, org_id, least(starts_at, app_now()) - interval '1 day'
from demo
where (event = 'repair-cafe' and person in ('maya', 'nefeli', 'layla', 'priya', 'sakura', 'jose', 'dara', 'sunny'))
  or (event = 'choir' and person in ('zoe', 'noa'))
  or event in ('film', 'harvest')
on conflict do nothing;

insert into event_participants (event_id, org_id, user_id, created_at, updated_at)
select event_id, org_id, user_id, least(starts_at, app_now()) - interval '1 day', app_now()
from demo
where (event = 'repair-cafe' and person in ('maya', 'oksana', 'noa', 'xiaoming', 'seoyeon', 'aroha', 'lukasz', 'selam'))
  or (event = 'choir' and person in ('thordis', 'anh', 'ani', 'kavitha'))
  or (event = 'board-games' and person in ('zoe', 'femi', 'ana'))
  or (event in ('clean-up', 'film', 'harvest') and person <> 'anh')
on conflict do nothing;

-- One is full, and people wait for a place.
update events set capacity = 3 where uid = 'board-games@demo.rollcall';

insert into event_participants (event_id, org_id, user_id, status, created_at, updated_at)
select event_id, org_id, user_id, 'waitlisted', app_now(), app_now()
from demo
where event = 'board-games'
  and person in ('nefeli', 'jose');

-- Two had a door; the third has one now, and some are there already.
update events set takes_attendance = true
where uid in ('film@demo.rollcall', 'harvest@demo.rollcall', 'clean-up@demo.rollcall');

with words as (
  select p.id, p.org_id, p.event_id, e.starts_at, e.uid, p.user_id, case
      when e.uid = 'clean-up@demo.rollcall' then case p.user_id % 5 when 0 then 'late' when 1 then 'present' end
      else case p.user_id % 7 when 0 then 'absent' when 1 then 'late' when 3 then 'excused' else 'present' end
    end as word
  from event_participants p
  join events e on e.id = p.event_id
  where e.uid in ('film@demo.rollcall', 'harvest@demo.rollcall', 'clean-up@demo.rollcall')
)
select count(*)
from (
  select org_id, array_agg(row(
    id,
    word,
    starts_at + (user_id % 9 + case word when 'late' then 12 else 0 end) * interval '1 minute',
    case when word in ('present', 'late') then 'check_in' else 'correction' end,
    null,
    null
  )::attendance_mark order by id) as marks
  from words
  where word is not null
  group by org_id, event_id
) door
cross join lateral mark_attendance(
  org_id,
  (select id from users where email = 'zoe@example.org'),
  marks,
  null,
  'demo'
);

-- Answers given in the past days, each with its row in the audit.
select count(*)
from demo
cross join lateral record_attendance(
  user_id,
  event_id,
  case
    when user_id % 5 = 0 then 'not_attended'
    when user_id % 3 = 0 then 'partial'
    else 'attended'
  end,
  'demo'
)
where event in ('film', 'harvest');

-- Shifts: one that begins soon, and one that Femi would rather give away.
with shift as (
  insert into duty_schedules (org_id, title, location, notes, start_at, end_at, capacity)
  select o.id, t.title, 'Riverside Community Centre', t.notes, date_trunc('minute', app_now()) + t.starts,
    date_trunc('minute', app_now()) + t.starts + interval '2 hours', 2
  from organizations o
  cross join (
    values
      ('Reception', 'The key is with the neighbours.', interval '40 minutes'),
      ('Tea kitchen', 'Bring a towel.', interval '3 days')
  ) as t(title, notes, starts)
  where o.slug = 'riverside'
    and not exists (select from duty_schedules s where s.org_id = o.id)
  returning *
), assignment as (
  insert into duty_assignments (org_id, schedule_id, user_id)
  select s.org_id, s.id, u.id
  from shift s
  join users u on u.email = case s.title when 'Reception' then 'nefeli@example.org' else 'femi@example.org' end
  returning *
)
insert into shift_swaps (org_id, schedule_id, assignment_id, user_id)
select a.org_id, a.schedule_id, a.id, a.user_id
from assignment a
join shift s on s.id = a.schedule_id
where s.title = 'Tea kitchen';

commit;
