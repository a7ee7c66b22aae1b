-- Revert rollcall:address_change from pg

begin;

drop function prepare_notification(bigint, bigint);
alter function prepare_account_notification(bigint, bigint) rename to prepare_notification;
grant execute on function prepare_notification(bigint, bigint) to rollcall_sweep;
drop function address_display(scheduled_notifications);
create or replace function keep_message(p_id bigint, p_lease bigint, p_message bytea) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  -- A link that signs in is stored nowhere: its mail is made again from the
  -- same row, and comes out the same.
  update scheduled_notifications
  set message = case when kind not in ('sign_in', 'join') then p_message end
  where id = p_id
    and lease_id = p_lease
    and message is null;
  return found;
end
$$;

create or replace function own_data(p_user bigint) returns jsonb
  language sql stable
  begin atomic
    select
      jsonb_build_object(
        'about', jsonb_build_object(
          'what', 'Everything that Rollcall keeps about one person', 'version', 1, 'timezone', z.zone,
          'made_at', both_times(app_now(), z.zone)
        )
      )
      || own_account(p_user, z.zone)
      || own_events(p_user, z.zone)
      || own_messages(p_user, z.zone)
    from user_zone(p_user) as z(zone);
  end;

create or replace function forget_address(p_email text) returns void
  language sql
  begin atomic
    delete from sign_in_requests where lower(email) = lower(p_email);
  end;

drop function address_change_use(bigint, int, timestamptz);
drop function address_change_link(bigint, int, timestamptz);
drop function address_change_ask(bytea, text, bytea);
drop function queue_address_mail(bigint, text, timestamptz);

-- Mail that goes to no account's address.
delete from scheduled_notifications where kind in ('address_change', 'address_changed');
delete from notification_log where kind in ('address_change', 'address_changed');
alter table notification_log
  drop constraint notification_log_person_known,
  add constraint notification_log_person_known check (user_id is not null or kind = 'join');
alter table scheduled_notifications
  drop constraint scheduled_notifications_person_known,
  add constraint scheduled_notifications_person_known check (user_id is not null or kind = 'join');
comment on column scheduled_notifications.user_id is
  'Null when the person does not exist yet: the address stands in the request to join.';
delete from sign_in_requests where new_email is not null;
alter table sign_in_requests drop column new_email, drop column old_email;
update personal_data set columns = array_remove(array_remove(columns, 'new_email'), 'old_email')
where relation = 'sign_in_requests';
delete from notification_kinds where kind in ('address_change', 'address_changed');

commit;
