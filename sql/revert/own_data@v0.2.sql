-- Revert rollcall:own_data from pg

begin;

drop function erase_me(bytea, bytea, text);
drop function forget_in_mail(bigint);
drop function news_change(text);
drop function forget_address(text);
drop function own_last_admin(bytea);
drop function only_admin_of(bigint);
drop function take_own_data(bytea);
drop function own_data(bigint);
drop function own_messages(bigint, text);
drop function own_events(bigint, text);
drop function own_account(bigint, text);
drop function who_text(bigint, bigint);
drop function both_times(timestamptz, text);
drop table data_downloads;
drop trigger users_restore_joiner on users;
drop function restore_joiner();
drop function know_asker(bytea);
drop function know_addresses(jsonb);
drop function know_address(text, bytea);
drop function restore_stops(bigint, bigint, boolean);
drop function remember_stops(bigint, bytea);
drop function find_erased(bytea);
drop index event_attendance_audit_actor;
drop index org_changes_actor;
drop index org_changes_about;
drop index sign_in_requests_erased;
alter table sign_in_requests drop column erased_address_id;
drop table erased_stops;
drop table erased_addresses;
drop table personal_data;

-- Numbers of people who are gone are nobody's then.
update access_log a set user_id = null
where a.user_id is not null
  and not exists (select from users u where u.id = a.user_id);
alter table access_log
  add constraint access_log_user_id_fkey foreign key (user_id) references users on delete set null;

commit;
