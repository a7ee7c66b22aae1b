-- Revert rollcall:points from pg

begin;

drop trigger event_participants_points on event_participants;
drop trigger event_participants_points_new on event_participants;
drop function own_points(bytea, bigint, int);
drop function own_balances(bytea);
drop function points_balance(bigint, bigint);
drop function give_points();
drop function points_text(text);
drop function points_of(text);
delete from personal_data where relation = 'points';
drop table points;

commit;
