-- The operator's imports: one statement, one transaction, a verdict a row.
-- dry_run does the same work and leaves nothing behind.

-- name: import_people(slug text, people jsonb, dry_run boolean) :many -> line int, result text, why text
-- role: ctl
select
  line,
  result,
  why
from import_people(:slug, :people, :dry_run);

-- name: import_events(slug text, events jsonb, dry_run boolean) :many -> line int, result text, why text
-- role: ctl
select
  line,
  result,
  why
from import_events(:slug, :events, :dry_run);

-- The local times within which a rule's dates become events.
-- name: import_window() :one -> starts text, ends text
-- role: ctl, staff
select
  starts,
  ends
from import_window();
