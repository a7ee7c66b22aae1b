-- Revert rollcall:decisions from pg

begin;

drop function not_asked_cause(bytea, bigint);
drop function own_messages(bytea, timestamptz, bigint, int);
drop function message_reason(text, text, int, bigint, bigint);

commit;
