-- Deploy rollcall:event_life to pg
-- Events move on beside those that a calendar or somebody is changing, which
-- the next run finds: mail to sign in waits behind this run. And a year of a
-- weekly series must not bury all else: of what is to come a member's list has
-- its next one, and each that the member goes to.

begin;

create or replace function advance_events() returns table (started int, completed int)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  update events set status = 'ongoing', updated_at = app_now()
  where id in (
    select e.id
    from events e
    where e.status = 'published'
      and e.starts_at <= app_now()
      and e.deleted_at is null
    for no key update skip locked
  );
  get diagnostics started = row_count;
  update events set status = 'completed', updated_at = app_now()
  where id in (
    select e.id
    from events e
    where e.status = 'ongoing'
      and e.effective_end <= app_now()
      and e.deleted_at is null
    for no key update skip locked
  );
  get diagnostics completed = row_count;
  return next;
end
$$;

comment on function advance_events() is
  'Published events go on at their start and are completed at their end, however late this runs; those that somebody '
  'is changing just then the next time.';

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
        from (
          select
            own.*,
            min(own.starts_at) filter (where own.is_live) over series as first_live,
            min(own.starts_at) filter (where own.is_coming) over series as first_coming
          from (
            select
              e.id,
              e.series_id,
              e.starts_at,
              e.effective_end > v_now as is_coming,
              e.effective_end > v_now and e.status <> 'cancelled' as is_live
            from memberships m
            join events e on e.org_id = m.org_id
            where p_event is null
              and m.user_id = u.id
              and e.effective_end > v_now - interval '14 days'
              and e.deleted_at is null
              and e.status <> 'draft'
          ) own
          window series as (partition by own.series_id)
        ) recent
        where recent.series_id is null
          or not recent.is_coming
          or recent.starts_at <= coalesce(recent.first_live, recent.first_coming)
          or exists (
            select from event_participants p
            where p.event_id = recent.id
              and p.user_id = u.id
              and p.status <> 'cancelled'
          )
        order by
          not recent.is_coming,
          case when recent.is_coming then recent.starts_at end,
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
  'The events of the person''s organisations from 14 days back, of a series those to come up to the next that takes place '
  'and those they registered for, 200 at most, the next ones first among them; or the one that is named; and what they may '
  'do there.';

create function has_later_dates(p_event bigint) returns boolean
  language plpgsql stable set search_path = pg_catalog, public, pg_temp
as $$
begin
  return exists (
    select from events e
    join events later on later.series_id = e.series_id and later.starts_at > e.starts_at
    where e.id = p_event
      and later.effective_end > app_now()
      and later.status in ('published', 'ongoing')
      and later.deleted_at is null
  );
end
$$;

comment on function has_later_dates(bigint) is 'Whether others of its series come after it.';

revoke execute on function has_later_dates(bigint) from public;
grant execute on function has_later_dates(bigint) to rollcall_member;

commit;
