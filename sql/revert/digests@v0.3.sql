-- Revert rollcall:digests from pg

begin;

create function digests_of(p_lines bigint[], p_now timestamptz)
  returns table (
    notification_id text, user_id bigint, org_id bigint, lines bigint[], scheduled_for timestamptz,
    expires_at timestamptz, is_gone boolean, next_at timestamptz
  )
  language sql stable
  begin atomic
    select
      d.notification_id,
      l.user_id,
      l.org_id,
      l.lines,
      l.scheduled_for,
      l.expires_at,
      exists (
        select from notification_log g
        where g.notification_id = d.notification_id
          and g.state <> 'cancelled'
      ) or exists (
        select from scheduled_notifications b
        where b.notification_id = d.notification_id
          and b.first_attempt_at is not null
      ),
      digest_time(
        case when f.frequency = 'weekly' then 'weekly' else 'daily' end,
        p_now + interval '1 microsecond',
        z.zone
      )
    from (
      select
        q.user_id, q.org_id, array_agg(q.id) as lines,
        min(q.not_before) as scheduled_for, max(q.expires_at) as expires_at
      from scheduled_notifications q
      where q.id = any (p_lines)
      group by q.user_id, q.org_id
    ) l
    join users u on u.id = l.user_id
    join organizations o on o.id = l.org_id
    left join event_notification_preferences f on f.user_id = l.user_id and f.org_id = l.org_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    cross join lateral (
      select format('digest-%s-%s-%s', l.org_id, l.user_id, to_char(p_now at time zone z.zone, 'YYYYMMDD'))
    ) as d(notification_id);
  end;

comment on function digests_of(bigint[], timestamptz) is
  'The digests that take these lines: one a person, organisation and day. is_gone: the day''s has set out already, and '
  'they have to wait until next_at.';

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

  for v_digest in select * from digests_of(v_lines, v_now) d order by d.user_id, d.org_id loop
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
  v_event events;
  v_org organizations;
  v_left int := p_max;
  v_shown int;
begin
  for v_event in select * from events_asked_about(v_now) e order by e.id loop
    exit when v_left <= 0;
    select * into v_org from organizations o where o.id = v_event.org_id;
    return query
      select f.notification_id, f.user_id, v_event.id, 1, f.scheduled_for, f.not_before, f.cause
      from first_prompts(v_event, v_org, 0, v_now) f
      order by f.user_id
      limit v_left;
    get diagnostics v_shown = row_count;
    v_left := v_left - v_shown;
  end loop;
  return query
    select s.notification_id, s.user_id, s.event_id, 2, s.scheduled_for, s.not_before, s.cause
    from notifications n
    cross join lateral second_prompt(n, v_now) s
    where n.follow_up_from is not null
    order by n.follow_up_from, n.id
    limit greatest(v_left, 0);
  get diagnostics v_shown = row_count;
  return query
    select d.notification_id, d.user_id, null::bigint, null::int, d.scheduled_for, d.scheduled_for, null::text
    from digests_of(
      array(
        select q.id
        from scheduled_notifications q
        where q.urgency = 4 and q.not_before <= v_now
        order by q.not_before, q.id
        limit p_max
      ),
      v_now
    ) d
    where not d.is_gone
      and not exists (select from scheduled_notifications q where q.notification_id = d.notification_id)
    order by d.user_id
    limit greatest(v_left - v_shown, 0);
end
$$;

comment on function planned_prompts(int) is
  'Up to p_max prompts that schedule_post_event_prompts() and schedule_second_prompts() would plan now, and digests, of '
  'lines that stand in the queue, that schedule_digests() would. Plans none.';

drop function digest_of(bigint, bigint, timestamptz);
drop function digest_day(text, timestamptz, text);

commit;
