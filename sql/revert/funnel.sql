-- Revert rollcall:funnel from pg

begin;

commit;
