-- Verify rollcall:alerts on pg

begin;

select id, user_id, org_id, level, triggered_at, level_at, left_at, step_due_at, claimed_by, claimed_at, acknowledged_by,
  acknowledged_at, ack_until, closed_at, closed_by, close_note, close_cause
from alerts where false;
select id, alert_id, org_id, user_id, level, kind, at, contact_id, responder_id, notification_id, generation, failures,
  left_at, outcome, cause, covered_at
from alert_steps where false;
select 1 / count(*) from pg_index where indexrelid = 'alerts_open'::regclass and indisunique;
select 1 / (count(*) / 6)
from notification_kinds
where kind in ('watch_due', 'watch_soon', 'watch_told', 'watch_contact', 'watch_responder', 'watch_clear')
  and to_regproc(recheck) is not null and to_regproc(display) is not null and follow = 'follow_watch';

do $$
declare
  v_role text;
  v_function text;
begin
  assert (
    select count(*) = 2
    from pg_trigger t
    where t.tgname in ('organizations_delays', 'users_end_alert') and t.tgenabled = 'O'
  ), 'a trigger is missing';
  assert (
    select p.prosrc is not null and pg_get_functiondef(p.oid) like '%user_status%' from pg_proc p where p.oid = 'next_due()'::regprocedure
  ), 'who follows does not know when somebody is due';
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array['check_in(bytea)', 'monitoring_pause(bytea, date)', 'monitoring_stop(bytea)'] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_member'), v_role || ': ' || v_function;
    end loop;
    foreach v_function in array array[
      'acknowledge_alert(bytea, text, bigint)', 'claim_alert(bytea, text, bigint)',
      'hand_over_alert(bytea, text, bigint, bigint)', 'close_alert(bytea, text, bigint, text)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_staff'), v_role || ': ' || v_function;
    end loop;
    assert has_function_privilege(v_role, 'check_in_by_link(bigint, integer, timestamptz)', 'execute')
      = (v_role = 'rollcall_answer'), v_role || ': check_in_by_link';
    assert has_function_privilege(v_role, 'step_alerts(integer)', 'execute') = (v_role = 'rollcall_sweep'),
      v_role || ': step_alerts';
    assert not has_table_privilege(v_role, 'alerts', 'insert, update, delete'), v_role || ' may write alerts';
    assert not has_table_privilege(v_role, 'alert_steps', 'insert, update, delete'), v_role || ' may write alert_steps';
  end loop;
end
$$;

rollback;
