-- Revert rollcall:decisions from pg

begin;

commit;
