-- Verify rollcall:shift_files on pg

begin;

do $$
begin
  assert has_function_privilege('rollcall_staff', 'hold_shifts(bytea, text, text, int, jsonb, jsonb)', 'execute')
    and not has_function_privilege('rollcall_member', 'hold_shifts(bytea, text, text, int, jsonb, jsonb)', 'execute'),
    'the team cannot hand in shifts, or others can';
  assert (
    select pg_get_constraintdef(oid) like '%shifts%' from pg_constraint where conname = 'calendar_uploads_kind_check'
  ), 'a file with shifts cannot be kept';
  assert (
    select prosrc like '%judge_shifts%' from pg_proc where oid = 'import_upload(bytea, text, bigint)'::regprocedure
  ), 'a file with shifts is read as a calendar';
end
$$;

rollback;
