-- Deploy rollcall:planning to pg
-- Who said that they want no questions, and then that they do, is asked what
-- is still due and was not asked before.

begin;

-- Quoted: a body that is kept parsed holds the rows of events and organizations
-- as they were, so that no column could be added.
create or replace function first_prompts(p_event events, p_org organizations, p_after bigint, p_now timestamptz)
  returns table (
    notification_id text, user_id bigint, scheduled_for timestamptz, not_before timestamptz, cause text
  )
  language sql stable
as $$
  select
    n.notification_id,
    u.id,
    due.at,
    case when held.until > p_now then held.until else due.at end,
    case when held.until > p_now then 'quiet_hours' end
  from prompt_audience((p_event).id, (p_org).prompt_audience, p_after) as a(user_id)
  cross join lateral (
    select format('prompt-%s-%s-1-r%s', (p_event).id, a.user_id, (p_event).revision)
  ) as n(notification_id)
  join users u on u.id = a.user_id
  left join timezones t on t.name = coalesce(u.timezone, (p_org).timezone)
  left join event_notification_preferences f on f.user_id = u.id and f.org_id = (p_org).id
  left join attendance answer on answer.user_id = u.id and answer.event_id = (p_event).id
  cross join lateral (
    select prompt_due((p_event).effective_end, (p_event).all_day, coalesce(t.name, 'UTC'))
  ) as due(at)
  cross join lateral (
    select case
      when u.quiet then quiet_until(p_now, coalesce(t.name, 'UTC'), u.quiet_from, u.quiet_to)
      else p_now
    end
  ) as held(until)
  where not exists (select from scheduled_notifications q where q.notification_id = n.notification_id)
    and not exists (
      select from notification_log l
      where l.notification_id = n.notification_id
        and (l.cause is null or l.cause not in ('event_cancelled', 'unsubscribed'))
    )
    and not exists (
      select from notifications o
      where o.user_id = a.user_id
        and o.event_id = (p_event).id
        and o.type = 'attendance_prompt'
        and o.prompt_number = 1
        and o.revision = (p_event).revision
    )
    and due.at <= p_now
    and prompt_refusal((p_event).status, f.frequency, u.suppressed_at, answer.status) is null;
$$;

commit;
