-- Revert rollcall:watch_settings from pg

begin;

drop function save_settings(
  bytea, text, bigint, text, text, text, text, text, text, boolean, text, boolean, int[], text
);
grant execute on function
  save_settings(bytea, text, bigint, text, text, text, text, text, text, boolean, text, boolean, text)
  to rollcall_staff;

commit;
