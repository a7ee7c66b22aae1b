-- Verify rollcall:ledger on pg

begin;

select
  id, at, kind, prompt_number, user_id, user_name, is_member, event_id, event_title, schedule_id, shift_title, state,
  cause, reply_code, why, tries, due, bounced_at, channel, push_cause, can_again, zone
from team_messages('', '', null, null, null, null, null, null, null, null, 1)
where false;
select 1 / (count(*) / 8)
from pg_index
where indisvalid
  and indexrelid in (
    'notification_log_time'::regclass, 'notification_log_kind'::regclass, 'notification_log_unsent'::regclass,
    'notification_log_cause'::regclass, 'notification_log_bounced'::regclass, 'scheduled_notifications_org'::regclass,
    'scheduled_notifications_kind'::regclass, 'users_suppressed_since'::regclass
  );

do $$
declare
  v_role text;
  v_function text;
begin
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array[
      'team_messages(bytea, text, bigint, text, text, text, date, date, timestamptz, bigint, int)',
      'messages_about(bytea, text, bigint)',
      'team_message_kinds(bytea, text)',
      'team_message_causes(bytea, text)',
      'send_message_again(bytea, text, bigint, text)',
      'team_suppressed(bytea, text, timestamptz, bigint, int)',
      'team_waiting(bytea, text, text, timestamptz, bigint, int)',
      'team_plans(bytea, text, int)',
      'mail_person_again(bytea, text, bigint)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_staff'), v_role || ': ' || v_function;
    end loop;
    assert has_function_privilege(v_role, 'own_messages(bytea, timestamptz, bigint, int)', 'execute')
      = (v_role = 'rollcall_member'), v_role || ': own_messages';
    assert not has_table_privilege(v_role, 'notification_log', 'insert, update, delete'), v_role || ' may write the ledger';
  end loop;
end
$$;

rollback;
