-- Revert rollcall:event_life from pg

begin;

drop function advance_events();
drop function withdraw_from_event(bytea, bigint, text);
drop function register_for_event(bytea, bigint, text);
drop function open_event(bigint, bigint);
drop function view_event(bytea, bigint);
drop function member_events(bytea, bigint);

commit;
