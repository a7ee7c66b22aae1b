-- Verify rollcall:audit_list on pg

begin;

select org_id, due_at, begun_at, seq, done_at, problem_seq, problem from audit_checks where false;

do $$
begin
  assert (
    select count(*) = 3 from pg_index
    where indexrelid in (
        'event_attendance_audit_time'::regclass, 'event_attendance_audit_action'::regclass,
        'event_attendance_audit_by'::regclass
      )
      and indisvalid
  ), 'the audit cannot be read without going over all of it';
  assert not exists (
    select from organizations o
    where not exists (select from audit_checks c where c.org_id = o.id)
  ), 'a chain is never gone over';
  assert has_function_privilege('rollcall_sweep', 'check_audits(bigint)', 'execute'), 'the sweep cannot check the audit';
  assert has_function_privilege(
    'rollcall_staff', 'team_audit(bytea, text, bigint, bigint, bigint, text, date, date, timestamptz, bigint, int)', 'execute'
  ), 'staff cannot read the audit';
  assert not has_table_privilege('rollcall_staff', 'event_attendance_audit', 'select'), 'staff may read every audit';
end
$$;

rollback;
