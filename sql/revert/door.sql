-- Revert rollcall:door from pg

begin;

commit;
