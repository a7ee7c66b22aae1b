-- Verify rollcall:uploads on pg

begin;

select
  id, org_id, user_id, name, size, entries, refused, verdicts, new_count, changed_count, unchanged_count,
  refused_count, created_at, imported_at, imported_by
from calendar_uploads
where false;

do $$
declare
  v_function text;
begin
  foreach v_function in array array[
    'hold_upload(bytea, text, text, int, jsonb, jsonb)',
    'import_upload(bytea, text, bigint)',
    'discard_upload(bytea, text, bigint)'
  ] loop
    assert has_function_privilege('rollcall_staff', v_function, 'execute'), 'staff cannot call ' || v_function;
    assert not has_function_privilege('rollcall_member', v_function, 'execute'), 'the member role calls ' || v_function;
  end loop;
  assert not has_function_privilege('rollcall_staff', 'judge_calendar(organizations, jsonb, jsonb, boolean)', 'execute'),
    'staff import into any organisation';
  assert has_column_privilege('rollcall_staff', 'calendar_uploads', 'verdicts', 'select'), 'staff see no uploads';
  assert not has_column_privilege('rollcall_staff', 'calendar_uploads', 'entries', 'select'), 'staff read whole files';
  assert not has_table_privilege('rollcall_staff', 'calendar_uploads', 'insert, update, delete'), 'staff write uploads';
end
$$;

select 1 / (count(*) = 4)::int
from pg_index
where indrelid = 'calendar_uploads'::regclass
  and indisvalid
  and indexrelid::regclass::text in (
    'calendar_uploads_org', 'calendar_uploads_created', 'calendar_uploads_user', 'calendar_uploads_imported_by'
  );

rollback;
