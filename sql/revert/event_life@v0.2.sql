-- Revert rollcall:event_life from pg

begin;

drop function has_later_dates(bigint);

create or replace function member_events(p_session bytea, p_event bigint)
  returns table (
    id bigint, title text, description text, url text, starts timestamptz, starts_at text, starts_text text,
    ends_at text, ends_text text, zone text, all_day boolean, location text, is_virtual boolean, status text,
    status_text text, is_over boolean, org_name text, registered boolean, waitlisted boolean, answered text,
    answered_text text, can_register boolean, can_withdraw boolean
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
begin
  return query
    select
      e.id,
      e.title,
      e.description,
      e.url,
      e.starts_at,
      iso_time(e.starts_at, z.zone),
      say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
      iso_time(e.ends_at, z.zone),
      say_event_end(e.starts_at, e.ends_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
      z.zone,
      e.all_day,
      e.location,
      e.is_virtual,
      e.status,
      case
        when e.status = 'cancelled' then 'Cancelled'
        when over.is_over then 'Over'
        when e.starts_at <= app_now() then 'Happening now'
        else 'Coming up'
      end,
      over.is_over,
      o.name,
      coalesce(p.status = 'registered', false),
      coalesce(p.status = 'waitlisted', false),
      a.status,
      attendance_text(a.status),
      e.status <> 'cancelled' and not over.is_over and coalesce(p.status = 'cancelled', true),
      e.status <> 'cancelled' and not over.is_over and coalesce(p.status <> 'cancelled', false)
    from live_sessions s
    join users u on u.id = s.user_id
    cross join lateral (
      (
        select recent.id
        from memberships m
        join events recent on recent.org_id = m.org_id
        where p_event is null
          and m.user_id = u.id
          and recent.effective_end > v_now - interval '14 days'
          and recent.deleted_at is null
          and recent.status <> 'draft'
        order by
          recent.effective_end <= v_now,
          case when recent.effective_end > v_now then recent.starts_at end,
          recent.starts_at desc,
          recent.id
        limit 200
      )
      union all
      select named.id
      from events named
      join memberships m on m.org_id = named.org_id
      where named.id = p_event
        and m.user_id = u.id
    ) mine
    join events e on e.id = mine.id
    join organizations o on o.id = e.org_id
    cross join lateral (select e.effective_end <= app_now()) as over(is_over)
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    left join event_participants p on p.event_id = e.id and p.user_id = u.id
    left join attendance a on a.event_id = e.id and a.user_id = u.id and a.status <> 'unknown'
    where s.hash = p_session
      and e.deleted_at is null
      and e.status <> 'draft';
end
$$;

comment on function member_events(bytea, bigint) is
  'The events of the person''s organisations from 14 days back, 200 at most, the next ones first among them; or the one '
  'that is named; and what they may do there.';

create or replace function advance_events() returns table (started int, completed int)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  update events set status = 'ongoing', updated_at = app_now()
  where status = 'published'
    and starts_at <= app_now()
    and deleted_at is null;
  get diagnostics started = row_count;
  update events set status = 'completed', updated_at = app_now()
  where status = 'ongoing'
    and effective_end <= app_now()
    and deleted_at is null;
  get diagnostics completed = row_count;
  return next;
end
$$;

comment on function advance_events() is
  'Published events go on at their start and are completed at their end, however late this runs.';

commit;
