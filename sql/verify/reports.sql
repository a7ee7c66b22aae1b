-- Verify rollcall:reports on pg

begin;

select event_id, registered, present, late, absent, excused, besides, asked, answered, attended, partial, not_attended, told, rated, points
from event_tallies where false;
select id, event_id from event_changes where false;

do $$
declare
  v_role text;
  v_function text;
begin
  assert (
    select count(*) = 8
    from pg_trigger
    where tgname in ('note_insert', 'note_update', 'note_delete')
      and tgfoid = 'note_changes()'::regprocedure
      and tgenabled = 'O'
  ), 'a change is not noted';
  foreach v_role in array array[
    'rollcall_answer', 'rollcall_member', 'rollcall_staff', 'rollcall_sweep', 'rollcall_ctl'
  ] loop
    foreach v_function in array array[
      'event_report(bytea, text, bigint)', 'event_doors(bytea, text, bigint)',
      'event_people(bytea, text, bigint, text, int)', 'team_tallies(bytea, text, int)',
      'report_trend(bytea, text, int)', 'person_record(bytea, text, bigint, timestamptz, bigint, int)',
      'person_doors(bytea, text, bigint)'
    ] loop
      assert has_function_privilege(v_role, v_function, 'execute') = (v_role = 'rollcall_staff'), v_role || ': ' || v_function;
    end loop;
    assert not has_table_privilege(v_role, 'event_tallies', 'select, insert, update, delete')
      and not has_table_privilege(v_role, 'event_changes', 'select, insert, update, delete'), v_role || ' reaches past the reports';
  end loop;
end
$$;

rollback;
