-- What is measured against: a site that has been used for years. Set by the
-- caller: users (a hundred at least) and people_asked, how many each of the
-- hundred events of late has. One person of a hundred was at 109 events, the
-- others at 9; that makes ten times as many answers as people.
\set ON_ERROR_STOP on

begin;

alter table organizations alter column id restart;
alter table users alter column id restart;
alter table events alter column id restart;
alter table notifications alter column id restart;

insert into organizations (slug, name, timezone, prompts_since)
select 'org-' || n, 'Institute of Useful Arts ' || n, 'Europe/Berlin', app_now() - interval '10 years'
from generate_series(1, 20) n;

insert into users (email, name, timezone)
select 'person-' || n || '@example.org', 'Person Number ' || n, case when n % 2 = 0 then 'Africa/Nairobi' end
from generate_series(1, :users) n;

insert into memberships (user_id, org_id)
select u.id, 1 + u.id % 20 from users u;

-- Of five years, long over; then a hundred that ended of late, to plan
-- questions about; then twenty whose questions were sent, two to each person
-- who was at 9.
insert into events (org_id, title, location, is_virtual, starts_at, ends_at, status)
select
  1 + n % 20,
  'Evening of Repairs and Coffee ' || n,
  case when n % 4 > 0 then 'Old Town Hall, Room ' || n % 9 else '' end,
  n % 8 = 0,
  app_now() - interval '20 days' - n * interval '21 hours',
  app_now() - interval '20 days' - n * interval '21 hours' + interval '2 hours',
  'completed'
from generate_series(1, 2000) n;

insert into events (org_id, title, starts_at, ends_at, status)
select 1 + n % 20, 'Late Event ' || n, app_now() - interval '5 hours', app_now() - interval '3 hours', 'completed'
from generate_series(2001, 2120) n;

-- Nothing that a trigger or a foreign key would say is new from here on.
set local session_replication_role = replica;

insert into attendance (
  user_id, event_id, org_id, event_starts_at, status, responded_at, feedback_rating, feedback_submitted_at
)
select
  u.id, e.id, e.org_id, e.starts_at, s.status, e.ends_at + interval '2 hours', s.rating,
  case when s.rating is not null then e.ends_at + interval '3 hours' end
from users u
cross join lateral generate_series(1, case when u.id % 100 = 0 then 109 else 9 end) as k
join events e on e.id = 1 + (u.id * 31 + k * 17) % 2000
cross join lateral (
  select
    (array['attended', 'attended', 'partial', 'not_attended'])[1 + (u.id + k) % 4],
    case when (u.id + k) % 4 < 2 then 1 + (u.id + k) % 5 end
) as s(status, rating);

insert into event_participants (event_id, org_id, user_id)
select e.id, e.org_id, u.id
from events e
cross join lateral (
  select 1 + (e.id * 37 + k) % :users as id from generate_series(1, :people_asked) k
) u
where e.id between 2001 and 2100;

insert into notifications (user_id, org_id, event_id, type, prompt_number, title)
select u.id, e.org_id, e.id, 'attendance_prompt', 1, e.title
from users u
cross join generate_series(0, 1) k
join events e on e.id = 2101 + (u.id + k) % 20
where u.id % 100 > 0
order by k, u.id;

commit;

vacuum analyze;
checkpoint;
