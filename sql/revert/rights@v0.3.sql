-- Revert rollcall:rights from pg

begin;

revoke execute on function
  safe_zone(text),
  say_date(timestamptz, text),
  say_time(timestamptz, text),
  iso_time(timestamptz, text),
  say_event_start(timestamptz, boolean, text, text),
  say_event_end(timestamptz, timestamptz, boolean, text, text),
  shorten(text, int),
  user_zone(bigint)
  from rollcall_staff;
revoke select on timezones from rollcall_staff;
revoke select (id, name, timezone, locale) on users from rollcall_staff;
revoke select on live_sessions, organizations, memberships from rollcall_staff;
drop function log_access(bytea, text, text, text, bigint, text);
drop table access_log;
drop function require_team(bytea, text, text);
drop function team_org(bytea, text, text);
drop function role_rank(text);

commit;
