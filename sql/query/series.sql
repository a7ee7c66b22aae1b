-- Keeping series going: their rules are read in C, their dates become events
-- here.

-- To be called again while it gives max. The rule has no UNTIL: PostgreSQL
-- keeps that.
-- name: series_due(max int) :many -> id bigint, rule text, starts text, window_starts text, window_ends text
-- role: sweep
select
  id,
  rule,
  starts,
  window_starts,
  window_ends
from series_due(:max);

-- name: extend_series(series bigint, dates jsonb, ends text) :one -> made int
-- role: sweep
select extend_series(:series, :dates, :ends) as made;

-- name: series_problems() :many -> series_id bigint, timezone text
-- role: sweep
select
  series_id,
  timezone
from series_problems();
