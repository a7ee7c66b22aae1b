-- Verify rollcall:absences on pg

begin;

select
  id, org_id, event_id, revision, automatic, actor_id, state, position, scanned, flagged, skipped_present, skipped_late,
  skipped_absent, skipped_excused, skipped_waitlisted, skipped_withdrawn, batches, back, back_by, created_at, decided_at,
  finished_at, back_at, failures, last_error, not_before
from absence_batches
where false;
select 1 / count(*) from notification_kinds where kind = 'absence_question' and to_regproc(recheck) is not null and to_regproc(display) is not null;
select 1 / count(*) from personal_data where relation = 'absence_batches';
select 1 / (count(*) - 4)
from pg_index
where indrelid = 'absence_batches'::regclass
  and indisvalid;
select 1 / count(*) from pg_index where indexrelid = 'absence_batches_next'::regclass and indisvalid;
select 1 / count(*) from pg_constraint where conrelid = 'absence_batches'::regclass and pg_get_constraintdef(oid) like '%''due''%';

select 1 / count(*) from (select door_tally(0)) t;

do $$
declare
  v_role text;
  v_function text;
begin
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array[
      'start_absences(bytea, text, bigint, text)',
      'decline_absences(bytea, text, bigint)',
      'take_absences_back(bytea, text, bigint, bigint, text)',
      'absence_preview(bytea, text, bigint)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_staff'), v_role || ': ' || v_function;
    end loop;
    foreach v_function in array array['auto_flag_absences(int)', 'planned_absences(int)'] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_sweep'), v_role || ': ' || v_function;
    end loop;
    assert not has_table_privilege(v_role, 'absence_batches', 'insert, update, delete'), v_role || ' may write batches';
  end loop;
end
$$;

rollback;
