-- Revert rollcall:board from pg

begin;

drop function team_watch_others(bytea, text, bigint);
drop function team_watch_activities(bytea, text, bigint, int);
drop function team_watch_alerts(bytea, text, bigint, int);
drop function team_watch_steps(bytea, text, bigint, int);
drop function team_watch_contacts(bytea, text, bigint);
drop function team_watch_person(bytea, text, bigint);
drop function team_watched(bytea, text, bigint);
drop function team_watch(bytea, text, int);

commit;
