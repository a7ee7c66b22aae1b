-- A clock that tests can set, for SQL, page, job and end-to-end tests alike.
-- Run as rollcall_owner (psql -f), after the deploy:
--
--   update test_clock set at = '2026-11-20 18:00+00';  -- stand still there
--   update test_clock set at = null;                   -- real time again

create table test_clock (at timestamptz);
insert into test_clock values (null);
grant select on test_clock to public;

create or replace function app_now() returns timestamptz
  language sql stable parallel safe
as $$ select coalesce((select at from public.test_clock), pg_catalog.now()) $$;
