-- Deploy rollcall:shift_feed to pg
-- A calendar that other programs follow: a person's shifts and the events that
-- they registered for, by an address that is theirs alone.

begin;

create table calendar_feeds (
  id bigint generated always as identity primary key,
  user_id bigint not null unique references users on delete cascade,
  generation int not null default 1,
  made_at timestamptz not null default app_now()
);

comment on table calendar_feeds is
  'Who has an address for their calendar. It is made of id and generation and stands nowhere; without the row, or with '
  'another generation, it opens nothing.';

create table duty_unassignments (
  schedule_id bigint not null references duty_schedules on delete cascade,
  user_id bigint not null references users on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  at timestamptz not null default app_now(),
  primary key (user_id, schedule_id)
);

create index duty_unassignments_schedule on duty_unassignments (schedule_id);
create index duty_unassignments_org on duty_unassignments (org_id);

comment on table duty_unassignments is
  'Who was last taken off a shift, or gave it away: in a calendar it stands as cancelled. Pruned when no calendar has the shift any more.';

insert into personal_data (relation, columns, downloaded, erased) values
  ('calendar_feeds', '{user_id}', 'calendar_address: when it was made; the address is a key', 'deleted with the account'),
  ('duty_unassignments', '{user_id}', 'shifts_left', 'deleted with the account');

create function remember_unassigned() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  -- Not of what goes with its shift, its person, its organisation.
  insert into duty_unassignments (schedule_id, user_id, org_id, at)
  select g.schedule_id, g.user_id, g.org_id, app_now()
  from gone g
  join duty_schedules s on s.id = g.schedule_id
  join users u on u.id = g.user_id
  join organizations o on o.id = g.org_id
  on conflict (user_id, schedule_id) do update set at = excluded.at;
  return null;
end
$$;

create trigger duty_assignments_unassigned
  after delete on duty_assignments
  referencing old table as gone for each statement execute function remember_unassigned();

create function has_left_shift(p_session bytea, p_shift bigint) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return exists (
    select
    from live_sessions n
    join duty_unassignments l on l.user_id = n.user_id and l.schedule_id = p_shift
    where n.hash = p_session
  );
end
$$;

comment on function has_left_shift(bytea, bigint) is 'Whether whoever is signed in was assigned to it once, which mails tell of.';

-- The address.

create function own_feed(p_session bytea) returns table (id bigint, generation int, made_at text, made_text text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select f.id, f.generation, iso_time(f.made_at, z.zone), say_time(f.made_at, z.zone)
    from live_sessions n
    join calendar_feeds f on f.user_id = n.user_id
    cross join lateral user_zone(n.user_id) as z(zone)
    where n.hash = p_session;
end
$$;

create function make_feed(p_session bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  insert into calendar_feeds (user_id) values (require_session(p_session)) on conflict (user_id) do nothing;
end
$$;

create function renew_feed(p_session bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  update calendar_feeds set generation = generation + 1, made_at = app_now() where user_id = require_session(p_session);
end
$$;

create function revoke_feed(p_session bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  delete from calendar_feeds where user_id = require_session(p_session);
end
$$;

comment on function make_feed(bytea) is 'Makes an address for the calendar of whoever is signed in, unless there is one.';
comment on function renew_feed(bytea) is 'Makes another one: the one before opens nothing any more.';
comment on function revoke_feed(bytea) is 'From now on there is none.';

-- What it opens.

create function feed_back() returns interval
  language sql immutable parallel safe
  return interval '30 days';

comment on function feed_back() is 'So long after its end a shift or an event is still in calendars.';

create function feed_stamp(p_at timestamptz) returns text
  language sql stable parallel safe
  return to_char(p_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISS"Z"');

create function feed_entries(p_feed bigint, p_generation int)
  returns table (
    uid text, sequence int, stamp text, whole_days boolean, starts text, ends text, status text, summary text,
    location text, description text, path text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_user bigint := (select f.user_id from calendar_feeds f where f.id = p_feed and f.generation = p_generation);
  v_from timestamptz := app_now() - feed_back();
begin
  return query
    select *
    from (
      (
        select
          'shift-' || s.id, s.revision, feed_stamp(greatest(s.updated_at, mine.changed_at)), false, feed_stamp(s.start_at),
          feed_stamp(s.end_at),
          case when s.status = 'active' and mine.is_on then 'CONFIRMED' else 'CANCELLED' end,
          s.title,
          case when not mine.is_gone then nullif(s.location, '') end,
          case when not mine.is_gone then nullif(s.notes, '') end,
          case when not mine.is_gone then '/shifts/' || s.id end
        from (
          select
            a.schedule_id, a.status = 'assigned' as is_on, false as is_gone, greatest(a.assigned_at, a.declined_at) as changed_at
          from duty_assignments a
          where a.user_id = v_user
          union all
          select l.schedule_id, false, true, l.at
          from duty_unassignments l
          where l.user_id = v_user
            and not exists (
              select from duty_assignments a where a.schedule_id = l.schedule_id and a.user_id = l.user_id
            )
        ) mine
        join duty_schedules s on s.id = mine.schedule_id
        where s.end_at > v_from
        order by s.start_at, s.id
        limit 1000
      )
      union all
      (
        select
          'event-' || e.id, e.revision, feed_stamp(greatest(e.updated_at, p.updated_at)), e.all_day,
          case when e.all_day then to_char(t.first, 'YYYYMMDD') else feed_stamp(e.starts_at) end,
          case
            when e.all_day then to_char(greatest(t.last, t.first + 1), 'YYYYMMDD')
            when e.effective_end > e.starts_at then feed_stamp(e.effective_end)
          end,
          case
            when e.status = 'cancelled' or p.status = 'cancelled' or m.user_id is null then 'CANCELLED'
            when p.status = 'waitlisted' then 'TENTATIVE'
            else 'CONFIRMED'
          end,
          e.title,
          case when m.user_id is not null then nullif(e.location, '') end,
          case when m.user_id is not null then nullif(shorten(e.description, 2000), '') end,
          case when m.user_id is not null then '/events/' || e.id end
        from event_participants p
        join events e on e.id = p.event_id
        join organizations o on o.id = e.org_id
        left join memberships m on m.org_id = e.org_id and m.user_id = p.user_id
        cross join lateral safe_zone(coalesce(e.timezone, o.timezone)) as z(zone)
        cross join lateral (
          select (e.starts_at at time zone z.zone)::date as first, (e.effective_end at time zone z.zone)::date as last
        ) t
        where p.user_id = v_user
          and e.effective_end > v_from
          and e.deleted_at is null
          and e.status <> 'draft'
        order by e.starts_at, e.id
        limit 1000
      )
    ) entry;
end
$$;

comment on function feed_entries(bigint, int) is
  'Shifts of the feed''s person, what they were taken off too, and events they registered for, as a calendar has them: '
  'those that are over for 30 days at most, and of each kind the first thousand. Who left the organisation has them as '
  'cancelled, and sees no more of them.';

create function feed_is_there(p_feed bigint, p_generation int) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return exists (select from calendar_feeds f where f.id = p_feed and f.generation = p_generation);
end
$$;

comment on function feed_is_there(bigint, int) is 'Whether the address opens a calendar: not when it was revoked.';

create function prune_unassigned(p_max int) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_gone int;
begin
  delete from duty_unassignments d
  where (d.user_id, d.schedule_id) in (
    select l.user_id, l.schedule_id
    from duty_unassignments l
    join duty_schedules s on s.id = l.schedule_id
    where s.end_at < app_now() - feed_back()
    limit p_max
    for update of l skip locked
  );
  get diagnostics v_gone = row_count;
  return v_gone;
end
$$;

-- What a person takes along.

create function own_calendar(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    select jsonb_build_object(
      'calendar_address', (
        select coalesce(jsonb_agg(jsonb_build_object('made_at', both_times(f.made_at, p_zone))), '[]')
        from calendar_feeds f
        where f.user_id = p_user
      ),
      'shifts_left', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'shift', l.schedule_id, 'organisation', o.name, 'at', both_times(l.at, p_zone)
        ) order by l.schedule_id), '[]')
        from duty_unassignments l
        join organizations o on o.id = l.org_id
        where l.user_id = p_user
      )
    );
  end;

-- Who may call what.

grant execute on function
  has_left_shift(bytea, bigint),
  own_feed(bytea),
  make_feed(bytea),
  renew_feed(bytea),
  revoke_feed(bytea),
  feed_entries(bigint, int),
  feed_is_there(bigint, int)
  to rollcall_member;

commit;
