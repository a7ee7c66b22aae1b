-- Prompts that were sent before it was noted who has not answered: open,
-- answered, a second one, and one that is too old.
insert into events (org_id, title, starts_at, status)
select id, 'Old', app_now() - interval '30 days', 'completed' from organizations;
insert into notifications (user_id, org_id, event_id, type, prompt_number, title, responded_at)
select u.id, e.org_id, e.id, 'attendance_prompt', n.number, e.title, n.responded_at
from (values
  ('p1', 'Event 1', 1, null::timestamptz), ('p2', 'Event 1', 1, app_now()), ('p3', 'Event 1', 2, null), ('p1', 'Old', 1, null)
) n(name, title, number, responded_at)
join users u on u.email = n.name || '@example.org'
join events e on e.title = n.title;
