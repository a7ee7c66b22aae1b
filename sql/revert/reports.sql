-- Revert rollcall:reports from pg

begin;

drop function note_changes() cascade;
drop function person_doors(bytea, text, bigint);
drop function person_record(bytea, text, bigint, timestamptz, bigint, int);
drop function report_trend(bytea, text, int);
drop function team_tallies(bytea, text, int);
drop function report_start(text, int);
drop function event_people(bytea, text, bigint, text, int);
drop function event_doors(bytea, text, bigint);
drop function event_report(bytea, text, bigint);
drop function org_tallies(bigint, timestamptz);
drop function count_event(bigint);
drop table event_changes;
drop table event_tallies;
drop function count_people(bigint);

commit;
