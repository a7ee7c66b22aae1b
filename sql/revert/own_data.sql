-- Revert rollcall:own_data from pg

begin;

commit;
