-- Verify rollcall:conversations on pg

begin;

select id, org_id, user_id, author_id, body, created_at, read_at from talk_messages where false;
select 1 / count(*) from personal_data where relation = 'talk_messages';
select 1 / count(*) from notification_kinds where kind = 'talk_news' and to_regproc(recheck) is not null and to_regproc(display) is not null;
select 1 / (count(*) / 6) from pg_index where indrelid = 'talk_messages'::regclass and indisvalid;

do $$
declare
  v_role text;
  v_function text;
begin
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array[
      'own_talks(bytea, text)',
      'own_talk(bytea, text, bigint, int)',
      'say_talk(bytea, text, text, bigint)',
      'read_talk(bytea, text, bigint)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_member'), v_role || ': ' || v_function;
    end loop;
    foreach v_function in array array[
      'team_talk_person(bytea, text, bigint)',
      'team_talk(bytea, text, bigint, bigint, int)',
      'team_talks(bytea, text, int)',
      'waiting_talks(bigint, bigint)',
      'answer_talk(bytea, text, bigint, text, bigint)',
      'read_team_talk(bytea, text, bigint, bigint)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_staff'), v_role || ': ' || v_function;
    end loop;
    assert has_function_privilege(v_role, 'unread_talk(bigint)', 'execute') = (v_role in ('rollcall_member', 'rollcall_staff')),
      v_role || ': unread_talk';
    assert not has_function_privilege(v_role, 'put_talk(bigint, bigint, bigint, text)', 'execute'), v_role || ' writes for others';
    assert not has_table_privilege(v_role, 'talk_messages', 'select, insert, update, delete'), v_role || ' reads or writes conversations';
  end loop;
end
$$;

rollback;
