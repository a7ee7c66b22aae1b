-- Rows of an installation that has no participants yet.
insert into organizations (slug, name, timezone) values ('old', 'An old one', 'Europe/Berlin');
insert into users (email, name)
select format('p%s@example.org', n), 'Person ' || n from generate_series(1, 1000) n;
insert into memberships (user_id, org_id) select u.id, o.id from users u cross join organizations o;
insert into events (org_id, title, starts_at, status)
select o.id, 'Event ' || n, app_now() - n * interval '1 day', 'published'
from organizations o cross join generate_series(1, 3) n;
