-- Revert rollcall:unasked from pg

begin;

drop function event_unasked(bytea, text, bigint);

commit;
