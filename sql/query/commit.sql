-- How what was done comes onto the disk: data/db.c puts these to the runs of
-- queries that say `commit: early`.

-- name: commit_early() :exec
-- role: answer member staff sweep
-- In the transaction: it ends, and lets go of its locks, without waiting for
-- the disk.
select set_config('synchronous_commit', 'off', true);

-- name: commit_wait() :exec
-- role: answer member staff
-- A transaction of its own after it, which waits for the disk as the server is
-- set to: what is there then is all that was written before. It must write
-- something, or there would be nothing to wait for.
select pg_logical_emit_message(true, 'rollcall', '');
