-- Revert rollcall:funnel from pg

begin;

drop function event_feedback(bytea, text, bigint, timestamptz, bigint, int, boolean);
drop function event_ratings(bytea, text, bigint);
drop function event_funnel(bytea, text, bigint);
drop function team_event_id(bytea, text, bigint);

commit;
