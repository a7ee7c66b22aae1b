-- Verify rollcall:corrections on pg

begin;

select code, words, place from reason_codes where false;
select 1 / (count(*) filter (where code = 'other') * count(*) filter (where code = 'offline_sync')) from reason_codes;
select 1 / count(*) from personal_data where relation = 'reason_codes';

do $$
declare
  v_role text;
  v_function text;
begin
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array[
      'patch_attendance(bytea, text, bigint, jsonb, text, text, text, text)',
      'team_participants(bytea, text, bigint, text, text, bigint, jsonb)',
      'team_participant(bytea, text, bigint, bigint)',
      'participant_audit(bytea, text, bigint)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_staff'), v_role || ': ' || v_function;
    end loop;
    assert not has_table_privilege(v_role, 'reason_codes', 'insert, update, delete'), v_role || ' may change the reasons';
  end loop;
end
$$;

select 1 / count(*)
from pg_attribute
where attrelid = 'event_participants'::regclass
  and attname = 'attendance_marked_at'
  and col_description(attrelid, attnum) like '%as the door saw it%';

rollback;
