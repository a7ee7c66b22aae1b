-- Revert rollcall:mismatches from pg

begin;

commit;
