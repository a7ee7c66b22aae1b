-- Verify rollcall:door on pg

begin;

select
  org_id, key, event_id, participant_id, actor_id, what, result, was, device, device_at, contact, made_at, at,
  request_id
from door_attempts
where false;

do $$
declare
  v_role text;
begin
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    assert not has_function_privilege(
      v_role, 'record_attempts(bigint, bigint, boolean, bigint, jsonb, text)', 'execute'
    ), v_role || ' may check in at any door';
    assert not has_table_privilege(v_role, 'door_attempts', 'insert, update, delete, truncate'),
      v_role || ' may rewrite what was tried at the door';
  end loop;
  assert (
    select count(*) = 5 from pg_index
    where indrelid = 'door_attempts'::regclass and indisvalid
  ), 'attempts at the door are not found by index';
  assert has_function_privilege('rollcall_staff', 'record_door(bytea, text, bigint, jsonb, text)', 'execute')
    and has_function_privilege('rollcall_member', 'own_ticket(bytea, bigint)', 'execute')
    and not has_function_privilege('rollcall_member', 'record_door(bytea, text, bigint, jsonb, text)', 'execute'),
    'the door is open to others than it should';
  assert pg_get_functiondef('door_shut(events, text, timestamptz, timestamptz)'::regprocedure) like '%completed_at%'
    and to_regprocedure('other_claim(events, event_participants, bigint, timestamptz)') is not null,
    'the door closes before the event is completed, or an undo forgets what others saw';
  assert name_words('(a) b-c') = ' a  b c'
    and pg_get_functiondef('door_people(bytea, text, bigint, text, bigint, int, boolean, bigint)'::regprocedure) like '%name_words%',
    'names with signs in them are not found';
  assert door_status_text('late') = 'Late', 'the door''s words are missing';
end
$$;

rollback;
