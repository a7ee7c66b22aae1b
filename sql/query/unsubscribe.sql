-- Stopping the prompts of one organisation from a mailed link, signed out.

-- name: unsubscribe_link(preference bigint, generation int) :one -> frequency text
-- role: answer
select
  org_name,
  frequency
from unsubscribe_link(:preference, :generation);

-- name: unsubscribe(preference bigint, generation int) :one -> org_name text
-- role: answer
select
  org_name
from unsubscribe(:preference, :generation);
