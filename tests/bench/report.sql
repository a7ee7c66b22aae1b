-- An organisation whose reports are long: a hundred events that a tenth of all
-- people came to, each of whom was asked, and of each hundred five tell
-- otherwise than the door. Set by the caller: users, and hash, the staff's
-- session's.
\set ON_ERROR_STOP on

begin;

insert into organizations (slug, name, timezone, prompts_since)
values ('reported', 'Reported Institute', 'Europe/Berlin', app_now() - interval '10 years')
returning id as org \gset

insert into memberships (user_id, org_id, role)
select u.id, :org, case when u.id = 20 then 'admin' else 'member' end from users u where u.id <= :users;

insert into sessions (user_id, hash, expires_at) values (20, decode(:'hash', 'hex'), app_now() + interval '1 day');

insert into events (org_id, title, starts_at, ends_at, status, takes_attendance)
select :org, 'Reported Event ' || n, app_now() - n * interval '3 days', app_now() - n * interval '3 days' + interval '2 hours', 'completed', true
from generate_series(1, 100) n;

set local session_replication_role = replica;

create temporary table came on commit drop as
select
  e.id as event_id, e.org_id, e.starts_at, e.ends_at, u.id as user_id,
  (array['present', 'present', 'present', 'absent', 'late', 'present', 'present', 'excused', 'present', 'absent'])[1 + u.id % 10] as door,
  (u.id / 10 + e.id) % 20 as other
from events e
cross join lateral (select 1 + (e.id * 37 + k) % :users as id from generate_series(1, :users / 10) k) u
where e.org_id = :org;

insert into event_participants (event_id, org_id, user_id, attendance_status, attendance_marked_at)
select event_id, org_id, user_id, door, starts_at from came order by event_id, user_id;

insert into attendance (
  user_id, event_id, org_id, event_starts_at, status, responded_at, feedback_rating, feedback_text, feedback_submitted_at
)
select
  user_id, event_id, org_id, starts_at, a.status, ends_at + interval '2 hours',
  case when a.status = 'attended' and other < 10 then 1 + user_id % 5 end,
  case when a.status = 'attended' and other < 3 then 'It was good to mend things together, and the coffee was hot.' end,
  case when a.status = 'attended' and other < 10 then ends_at + interval '3 hours' end
from came
cross join lateral (
  select case when (door in ('present', 'late')) = (other > 0) then 'attended' else 'not_attended' end
) as a(status)
order by event_id, user_id;

insert into notifications (user_id, org_id, event_id, type, prompt_number, title, responded_at)
select user_id, org_id, event_id, 'attendance_prompt', 1, 'Were you there?', ends_at + interval '2 hours' from came;

insert into event_changes (event_id) select id from events where org_id = :org;

commit;

select review_events(1000);
vacuum analyze;
checkpoint;
