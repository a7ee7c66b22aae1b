-- Revert rollcall:door_sync from pg

begin;

drop function sync_door(bytea, text, bigint, text, text, boolean, jsonb, text);
drop function door_list(bigint, timestamptz);
drop function bound_attempts(bigint, bigint, uuid, jsonb);
drop function device_moment(jsonb);
delete from personal_data where relation = 'door_contacts';
drop table door_contacts;

commit;
