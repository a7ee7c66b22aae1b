-- Revert rollcall:event_life from pg

begin;

commit;
