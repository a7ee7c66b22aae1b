-- Revert rollcall:door_sync from pg

begin;

commit;
