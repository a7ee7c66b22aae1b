-- Verify rollcall:monitoring on pg

begin;

select watch_l2_hours, watch_l3_hours, watch_l4_hours from organizations where false;
select confirmed_at from users where false;
select user_id, org_id, interval_hours, preferred_time, enrolled_at, consent_version, counts_from, paused_until,
  stopped_at, link_generation, link_floor
from monitoring where false;
select user_id, org_id, last_check_in, next_due, alert_level, alert_triggered_at, updated_at, revision
from user_status where false;
select id, user_id, org_id, type, description, "timestamp", metadata from activities where false;
select id, org_id, user_id, kind, payload, created_at, transaction from outbox where false;
select id, user_id, org_id, priority, name, email, state, asked_at, asks, answered_at, generation, suppressed_at,
  refused_on
from monitoring_contacts where false;
select user_id, hash, stopped_at from contact_stops where false;
select 1 / count(*)
from notification_kinds
where kind = 'contact_consent'
  and to_regproc(recheck) is not null and to_regproc(recipient) is not null and to_regproc(link) is not null
  and to_regproc(display) is not null and to_regproc(follow) is not null;

do $$
declare
  v_role text;
  v_function text;
  v_table text;
begin
  assert (
    select count(*) = 3
    from pg_trigger t
    where t.tgname in (
      'sessions_confirm', 'users_zone_due', 'organizations_zone_due'
    )
      and t.tgenabled = 'O'
  ), 'a trigger is missing';
  assert next_due('2026-03-28 01:30+01', 24, '02:30', 'Europe/Berlin') = '2026-03-29 03:00+02', 'a gap is not jumped over';
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array[
      'monitoring_enrol(bytea, text, integer, text, text)', 'contact_add(bytea, text, text, bytea)', 'own_watch(bytea)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_member'), v_role || ': ' || v_function;
    end loop;
    foreach v_function in array array[
      'contact_answer(bigint, integer, timestamptz, text)', 'contact_erase(bigint, integer, bytea)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_answer'), v_role || ': ' || v_function;
    end loop;
    assert not has_function_privilege(
      v_role,
      'update_user_status(bigint, bigint, timestamptz, timestamptz, text, timestamptz, text, text, jsonb)',
      'execute'
    ), v_role || ' may write a status';
    foreach v_table in array array[
      'monitoring', 'user_status', 'activities', 'outbox', 'monitoring_contacts', 'contact_stops'
    ] loop
      assert not has_table_privilege(v_role, v_table, 'insert, update, delete'), v_role || ' may write ' || v_table;
    end loop;
  end loop;
end
$$;

rollback;
