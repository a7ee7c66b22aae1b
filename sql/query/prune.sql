-- What sweep throws away once a run.

-- name: prune(max int) :one -> requests int, sessions int
-- role: sweep
select
  requests,
  sessions
from prune(:max);
