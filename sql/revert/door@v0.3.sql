-- Revert rollcall:door from pg

begin;

drop function ticket_link(bytea, bigint, int);
drop function renew_ticket(bytea, bigint);
drop function own_ticket(bytea, bigint);
drop function ticket_end(events);
drop function door_people(bytea, text, bigint, text, bigint, int, boolean, bigint);
drop function door_done(bytea, text, bigint, text);
drop function door_event(bytea, text, bigint);
drop function check_in_participant(bytea, text, bigint, bigint, text);
drop function record_door(bytea, text, bigint, jsonb, text);
drop function told_attempts(bigint, uuid[], boolean);
drop function record_attempts(bigint, bigint, boolean, bigint, jsonb, text);
drop function door_round(events, bigint, boolean, door_attempt[], bigint[], text);
drop function add_walk_ins(events, bigint, door_attempt[], text);
drop function read_attempts(jsonb);
drop function read_uuid(text);
drop function read_number(text);
drop type door_attempt;
drop function door_verdict(
  events, event_participants, timestamptz, text, timestamptz, timestamptz, bigint, boolean
);
drop type door_verdict;
drop function door_shut(events, text, timestamptz, timestamptz);
drop function door_opens(events);
drop table door_attempts;
delete from personal_data where relation = 'door_attempts';
drop function door_status_text(text);

commit;
