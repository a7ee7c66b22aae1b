-- Verify rollcall:bounces on pg

begin;

select bounced_at, bounce_counts from notification_log where false;
select address_since from users where false;
select 1 / count(*) from pg_trigger where tgname = 'users_address_since' and tgrelid = 'users'::regclass and tgenabled = 'O';

do $$
declare
  v_role text;
begin
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    assert has_function_privilege(v_role, 'record_bounce(bigint, text, text)', 'execute') = (v_role = 'rollcall_ctl'),
      v_role || ': record_bounce';
    assert not has_function_privilege(v_role, 'bounces_counted(bigint)', 'execute'), v_role || ': bounces_counted';
  end loop;
  assert (
    select bool_and(p.prosrc ~ 'bounce|address_since') from pg_proc p
    where p.oid in ('count_refusal(bigint, text)'::regprocedure, 'lift_suppression(bigint)'::regprocedure)
  ), 'mail that comes back does not count as refused';
end
$$;

rollback;
