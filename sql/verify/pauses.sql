-- Verify rollcall:pauses on pg

begin;

select org_id, category, reason, paused_by, paused_at from category_pauses where false;
select 1 / count(*) from pg_index where indexrelid = 'scheduled_notifications_paused'::regclass and indisvalid;

do $$
declare
  v_role text;
  v_function text;
begin
  assert (
    select array_agg(c.category order by c.category) = '{care,event,prompt,shift}'
    from notification_categories c
    where c.pausable
  ), 'what must never be held can be paused';
  assert (
    select p.prosrc like '%is_paused%' from pg_proc p where p.oid = 'hold_notification(scheduled_notifications)'::regprocedure
  ), 'what is paused is not held';
  assert exists (select from personal_data where relation = 'category_pauses'), 'who paused is not listed';
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array[
      'team_pauses(bytea, text)', 'pause_category(bytea, text, text, text, text)', 'resume_category(bytea, text, text, text)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_staff'), v_role || ': ' || v_function;
    end loop;
    assert not has_table_privilege(v_role, 'category_pauses', 'insert, update, delete'), v_role || ' may pause';
  end loop;
end
$$;

rollback;
