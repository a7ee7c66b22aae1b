-- Stopping the prompts of one organisation, or a category of its other mail,
-- from a mailed link, signed out.

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

-- name: stop_category_link(preference bigint, generation int) :one -> wanted boolean
-- role: answer
select
  org_name,
  wanted,
  category = 'shift' as is_shift
from stop_category_link(:preference, :generation);

-- name: stop_category(preference bigint, generation int) :one -> wanted boolean
-- role: answer
select
  org_name,
  wanted,
  category = 'shift' as is_shift
from stop_category(:preference, :generation);
