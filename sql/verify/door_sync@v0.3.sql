-- Verify rollcall:door_sync on pg

begin;

select id, org_id, event_id, user_id, device, at, known from door_contacts where false;
select 1 / count(*) from personal_data where relation = 'door_contacts';

do $$
declare
  v_sync regprocedure := 'sync_door(bytea, text, bigint, text, text, boolean, jsonb, text)';
  v_index text;
begin
  foreach v_index in array array['device', 'org', 'user', 'at'] loop
    assert to_regclass('door_contacts_' || v_index) is not null, 'no index door_contacts_' || v_index;
  end loop;
  assert has_function_privilege('rollcall_staff', v_sync, 'execute'), 'devices at the door cannot send';
  assert not has_function_privilege('rollcall_member', v_sync, 'execute'), 'the member role is at the door';
  assert not has_table_privilege('rollcall_staff', 'door_contacts', 'select, insert, update, delete'),
    'the staff role writes contacts as it likes';
  assert device_moment('"now"') is null and device_moment('1e300') = '2100-01-01 00:00+00', 'a device''s time has no bounds';
end
$$;

rollback;
