-- Verify rollcall:people_files on pg

begin;

select kind, event_id from calendar_uploads where false;
select 1 / count(*) from personal_data where relation = 'calendar_uploads' and 'kind' = any (columns);

do $$
begin
  assert has_function_privilege('rollcall_staff', 'hold_people(bytea, text, bigint, text, int, jsonb, jsonb, jsonb)', 'execute')
    and has_function_privilege('rollcall_staff', 'people_to_join(bytea, text, bigint, text, int)', 'execute')
    and has_function_privilege('rollcall_staff', 'add_participants(bytea, text, bigint, jsonb, text)', 'execute'),
    'staff cannot bring people in';
  assert not has_column_privilege('rollcall_staff', 'calendar_uploads', 'entries', 'select'),
    'the staff role reads what is in the lists';
end
$$;

rollback;
