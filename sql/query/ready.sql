-- Whether this role reaches a database that has our schema.

-- name: database_ready() :one -> ready boolean
-- role: answer member staff sweep ctl
select app_now() is not null as ready;
