-- The sweep's runs, as they are kept and measured.

-- name: record_run(good boolean, summary jsonb) :exec
-- role: sweep
select record_run(:good, :summary);

-- name: metrics() :one -> body text
-- role: staff
select metrics() as body;

-- name: last_run(session bytea, slug text) :one
-- role: staff
-- Of the last run and the last good one, for those of an organisation who
-- look after it.
select
  iso_time(r.last_at, z.zone) as last_at,
  say_time(r.last_at, z.zone) as last_text,
  iso_time(r.good_at, z.zone) as good_at,
  say_time(r.good_at, z.zone) as good_text,
  r.last_at = r.good_at as is_good,
  late_run(z.zone) is not null as is_late,
  r.last_summary as summary
from team_org(:session, :slug, 'admin') t
cross join lateral user_zone(t.user_id) as z(zone)
cross join sweep_runs r;
