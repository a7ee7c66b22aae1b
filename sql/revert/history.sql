-- Revert rollcall:history from pg

begin;

drop function attendance_history(bytea, timestamptz, bigint, int);

create function attendance_history(p_session bytea, p_before timestamptz, p_before_event bigint, p_most int)
  returns table (
    event_id bigint, title text, starts timestamptz, all_day boolean, event_zone text, zone text, location text,
    is_virtual boolean, org_name text, org_logo text, status text, rating smallint
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      e.id,
      e.title,
      e.starts_at,
      e.all_day,
      coalesce(e.timezone, o.timezone),
      coalesce(u.timezone, o.timezone),
      e.location,
      e.is_virtual,
      o.name,
      o.logo,
      a.status,
      a.feedback_rating
    from live_sessions s
    join users u on u.id = s.user_id
    join attendance a on a.user_id = s.user_id
    join events e on e.id = a.event_id
    join organizations o on o.id = a.org_id
    where s.hash = p_session
      and e.deleted_at is null
      and (p_before is null or (e.starts_at, e.id) < (p_before, p_before_event))
    order by e.starts_at desc, e.id desc
    limit p_most;
end
$$;

comment on function attendance_history(bytea, timestamptz, bigint, int) is
  'The person''s own rows, newest start first, from before (start, event) on: raw, to be shaped where they are shown. '
  'zone is the person''s, as it stands there.';

grant execute on function attendance_history(bytea, timestamptz, bigint, int) to rollcall_member;

revoke select (user_id, type, read_at) on notifications from rollcall_staff;
drop trigger event_words_changed on timezones;
drop trigger event_words_changed on organizations;
drop trigger event_words_changed on events;
drop function event_words_changed();
drop table event_words;
drop trigger attendance_moves on events;
drop function attendance_moves();
drop trigger attendance_starts on attendance;
drop function attendance_starts();
drop index if exists attendance_history;
alter table attendance drop column event_starts_at;

commit;
