-- Deploy rollcall:digests to pg
-- A digest is of the nine o'clock that it came after, and not of the day it
-- leaves on: what comes late waits for the next when that one has left. And a
-- dry run shows the digests of lines that the same run would plan.

begin;

create function digest_day(p_frequency text, p_at timestamptz, p_zone text) returns date
  language sql stable parallel safe
  return case p_frequency
    when 'weekly' then date_trunc('week', p_at at time zone p_zone - interval '9 hours')::date
    else (p_at at time zone p_zone - interval '9 hours')::date
  end;

comment on function digest_day(text, timestamptz, text) is
  'The day, or for weekly the Monday, in the zone of the last 09:00 for a digest until then.';

drop function digests_of(bigint[], timestamptz);

create function digest_of(p_user bigint, p_org bigint, p_now timestamptz)
  returns table (notification_id text, is_gone boolean, next_at timestamptz)
  language sql stable
  begin atomic
    select
      d.notification_id,
      exists (
        select from notification_log g
        where g.notification_id = d.notification_id
          and g.state <> 'cancelled'
      ) or exists (
        select from scheduled_notifications b
        where b.notification_id = d.notification_id
          and b.first_attempt_at is not null
      ),
      digest_time(c.frequency, p_now + interval '1 microsecond', z.zone)
    from users u
    join organizations o on o.id = p_org
    left join event_notification_preferences f on f.user_id = p_user and f.org_id = p_org
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    cross join lateral (select case when f.frequency = 'weekly' then 'weekly' else 'daily' end) as c(frequency)
    cross join lateral (
      select format('digest-%s-%s-%s', p_org, p_user, to_char(digest_day(c.frequency, p_now, z.zone), 'YYYYMMDD'))
    ) as d(notification_id)
    where u.id = p_user;
  end;

comment on function digest_of(bigint, bigint, timestamptz) is
  'The digest that takes the person''s lines of an organisation whose time has come: one a day, or a week. is_gone: it '
  'has set out already, and they have to wait until next_at.';

create or replace function schedule_digests(p_max int, out looked_at int, out planned int)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  -- Through the indexes, as plan_event_prompts() goes and for its reasons.
  set enable_hashjoin = off
  set enable_mergejoin = off
  set enable_seqscan = off
  set jit = off
as $$
declare
  v_now timestamptz := app_now();
  v_urgency smallint;
  v_lines bigint[];
  v_digest record;
  v_id bigint;
  v_is_new boolean;
begin
  select c.urgency into v_urgency
  from notification_kinds k
  join notification_categories c using (category)
  where k.kind = 'digest';
  v_lines := array(
    select q.id
    from scheduled_notifications q
    where q.urgency = 4 and q.not_before <= v_now
    order by q.not_before, q.id
    limit p_max
    for update skip locked
  );
  looked_at := cardinality(v_lines);
  planned := 0;

  for v_digest in
    select l.*, d.*
    from (
      select
        q.user_id, q.org_id, array_agg(q.id) as lines,
        min(q.not_before) as scheduled_for, max(q.expires_at) as expires_at
      from scheduled_notifications q
      where q.id = any (v_lines)
      group by q.user_id, q.org_id
    ) l
    cross join lateral digest_of(l.user_id, l.org_id, v_now) d
    order by l.user_id, l.org_id
  loop
    v_id := null;
    if not v_digest.is_gone then
      insert into scheduled_notifications as q (
        notification_id, org_id, kind, urgency, user_id, scheduled_for, not_before, expires_at, created_at
      )
      values (
        v_digest.notification_id, v_digest.org_id, 'digest', v_urgency, v_digest.user_id,
        v_digest.scheduled_for, v_digest.scheduled_for, v_digest.expires_at, v_now
      )
      -- One that has set out meanwhile takes no more.
      on conflict (notification_id) do update
      set expires_at = greatest(q.expires_at, excluded.expires_at)
      where q.first_attempt_at is null
      returning q.id, q.xmax = 0 into v_id, v_is_new;
    end if;
    update scheduled_notifications
    set
      urgency = case when v_id is null then 4 else 5 end,
      digest_id = v_id,
      not_before = case when v_id is null then v_digest.next_at else not_before end
    where id = any (v_digest.lines);
    planned := planned + (v_id is not null and v_is_new)::int;
  end loop;
end
$$;

create or replace function planned_prompts(p_max int)
  returns table (
    notification_id text, user_id bigint, event_id bigint, prompt_number int,
    scheduled_for timestamptz, not_before timestamptz, cause text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
begin
  return query
    with prompt as materialized (
      (
        select f.notification_id, f.user_id, e.org_id, e.id, 1 as number, f.scheduled_for, f.not_before, f.cause
        from events_asked_about(v_now) e
        join organizations o on o.id = e.org_id
        cross join lateral first_prompts(e, o, 0, v_now) f
        order by e.id, f.user_id
        limit p_max
      )
      union all
      (
        select s.notification_id, s.user_id, s.org_id, s.event_id, 2, s.scheduled_for, s.not_before, s.cause
        from notifications n
        cross join lateral second_prompt(n, v_now) s
        where n.follow_up_from is not null
        order by n.follow_up_from, n.id
        limit p_max
      )
    ), line as (
      (
        select q.user_id, q.org_id, q.not_before
        from scheduled_notifications q
        where q.urgency = 4 and q.not_before <= v_now
        order by q.not_before, q.id
        limit p_max
      )
      union all
      select p.user_id, p.org_id, p.not_before
      from prompt p
      where p.cause = 'digest' and p.not_before <= v_now
    )
    select p.notification_id, p.user_id, p.id, p.number, p.scheduled_for, p.not_before, p.cause
    from prompt p
    union all
    (
      select d.notification_id, l.user_id, null, null, l.since, l.since, null
      from (
        select line.user_id, line.org_id, min(line.not_before) as since from line group by line.user_id, line.org_id
      ) l
      cross join lateral digest_of(l.user_id, l.org_id, v_now) d
      where not d.is_gone
        and not exists (select from scheduled_notifications q where q.notification_id = d.notification_id)
      order by l.user_id, l.org_id
    )
    limit p_max;
end
$$;

comment on function planned_prompts(int) is
  'Up to p_max of what schedule_post_event_prompts(), schedule_second_prompts() and, after them, schedule_digests() would '
  'plan now. Plans none.';

commit;
