-- Revert rollcall:uploads from pg

begin;

drop function discard_upload(bytea, text, bigint);
drop function import_upload(bytea, text, bigint);
drop function own_upload(bytea, text, bigint);
drop function hold_upload(bytea, text, text, int, jsonb, jsonb);
drop function take_upload_turn();
drop function judge_calendar(organizations, jsonb, jsonb, boolean);
drop table calendar_uploads;

commit;
