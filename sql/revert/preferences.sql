-- Revert rollcall:preferences from pg

begin;

drop function set_own_mail(bytea, text, text, text, text);
drop function own_mail(bytea, text);
drop function set_own_quiet(bytea, boolean, text, text);
drop function find_zones(text, int);
drop function set_own_zone(bytea, text);
drop function set_own_name(bytea, text);
drop function own_settings(bytea);
drop function reschedule_messages(bigint, text);
drop function stop_category(bigint, int);
drop function stop_category_link(bigint, int);
drop function cancel_category(bigint, bigint, text, text);
drop function is_wanted(bigint, bigint, text, text);
drop table category_preferences;

commit;
