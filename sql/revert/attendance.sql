-- Revert rollcall:attendance from pg

begin;

drop function attendance_text(text);
drop table attendance;

commit;
