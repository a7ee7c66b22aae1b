-- Verify rollcall:inbox on pg

begin;

select notification_id, path from notifications where false;

do $$
begin
  assert has_function_privilege('rollcall_member', 'own_inbox(bytea, bigint, int)', 'execute')
    and has_function_privilege('rollcall_member', 'read_news(bytea, bigint)', 'execute')
    and has_function_privilege('rollcall_member', 'read_all_news(bytea, bigint)', 'execute'),
    'people cannot read their inbox';
  assert (select indisunique from pg_index where indexrelid = 'notifications_inbox_once'::regclass),
    'news may stand in an inbox twice';
  assert exists (select from notification_kinds where inbox_path is not null), 'nothing comes into an inbox';
end
$$;

rollback;
