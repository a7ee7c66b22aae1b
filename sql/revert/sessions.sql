-- Revert rollcall:sessions from pg

begin;

drop table sign_in_requests;
drop view live_sessions;
drop table sessions;

commit;
