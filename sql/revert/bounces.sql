-- Revert rollcall:bounces from pg

begin;

create or replace function count_refusal(p_user bigint, p_cause text) returns void
  language plpgsql
as $$
begin
  insert into address_refusals (user_id, refused_on)
  values (p_user, (app_now() at time zone 'UTC')::date)
  on conflict do nothing;
  if (select count(*) >= 3 from address_refusals where user_id = p_user) then
    perform suppress_address(p_user, p_cause);
  end if;
end
$$;

create or replace function lift_suppression(p_user bigint) returns boolean
  language plpgsql
as $$
begin
  delete from address_refusals where user_id = p_user;
  update users
  set suppressed_at = null, suppressed_cause = null, updated_at = app_now()
  where id = p_user
    and suppressed_at is not null;
  return found;
end
$$;

drop function record_bounce(bigint, text, text), bounces_counted(bigint);
drop trigger users_address_since on users;
drop function users_address_since();
alter table users drop column address_since;
alter table notification_log drop column bounced_at, drop column bounce_counts;

commit;
