-- Deploy rollcall:unasked to pg
-- Who was not asked about an event that is over, though they looked at it or
-- were registered: how many, and why.

begin;

create function event_unasked(p_session bytea, p_slug text, p_event bigint)
  returns table (cause text, people bigint)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_event events;
  v_org organizations;
begin
  select e.* into v_event
  from events e
  where e.id = team_event_id(p_session, p_slug, p_event)
    and e.effective_end <= v_now
    and e.status not in ('draft', 'cancelled');
  select o.* into v_org from organizations o where o.id = v_event.org_id;
  return query
    with found as (
      select v.user_id, true as viewed, false as registered
      from event_views v
      where v.event_id = v_event.id
      union all
      select p.user_id, false, true
      from event_participants p
      where p.event_id = v_event.id
        and p.status = 'registered'
    ), person as (
      select
        f.user_id,
        bool_or(f.viewed and v_org.prompt_audience in ('viewers', 'both'))
          or bool_or(f.registered and v_org.prompt_audience in ('participants', 'both')) as in_audience
      from found f
      group by f.user_id
    ), unasked as (
      select
        case
          when v_org.prompts_since is null or v_event.effective_end < v_org.prompts_since then 'prompts_off'
          when not p.in_audience then 'not_in_audience'
          else coalesce(
            prompt_refusal(v_event.status, f.frequency, u.suppressed_at, a.status),
            case
              when exists (
                select from scheduled_notifications q
                where q.user_id = p.user_id
                  and q.event_id = v_event.id
                  and q.kind = 'attendance_prompt'
              )
              then 'waiting'
            end,
            -- What the planner makes good is no last word.
            (
              select nullif(nullif(l.cause, 'event_cancelled'), 'unsubscribed')
              from notification_log l
              where l.notification_id = format('prompt-%s-%s-1-r%s', v_event.id, p.user_id, v_event.revision)
              order by l.id desc
              limit 1
            ),
            case when v_event.effective_end + interval '14 days' > v_now then 'not_yet' else 'too_late' end
          )
        end as cause
      from person p
      join users u on u.id = p.user_id
      left join event_notification_preferences f on f.user_id = p.user_id and f.org_id = v_org.id
      left join attendance a on a.user_id = p.user_id and a.event_id = v_event.id
      where not exists (
        select from notifications n
        where n.user_id = p.user_id
          and n.event_id = v_event.id
          and n.type = 'attendance_prompt'
      )
    )
    select n.cause, count(*) from unasked n group by n.cause order by count(*) desc, n.cause;
end
$$;

comment on function event_unasked(bytea, text, bigint) is
  'How many who looked at an event or are registered for it were not asked, by cause: as in the log, or prompts_off, '
  'not_in_audience, waiting (in the queue), not_yet (about to be planned). No row: everybody was, the event is not over '
  'or not on, or it is not for this person.';

grant execute on function event_unasked(bytea, text, bigint) to rollcall_staff;

commit;
