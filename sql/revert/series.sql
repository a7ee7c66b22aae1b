-- Revert rollcall:series from pg

begin;

drop function series_problems();
drop function extend_series(bigint, jsonb, text);
drop function series_due(int);
drop function rearrange_series(event_series, timestamp[], timestamp, timestamptz[]);
drop type series_changes;
drop function rearrange_instance(event_series, events, timestamptz, timestamptz);
drop function compare_series(event_series, event_series, timestamp[]);
drop function spread_series(event_series, timestamp[], timestamp);
drop function note_extent(event_series, timestamp);
drop function make_instances(event_series, timestamptz[], timestamptz[]);
drop function cancel_instances(bigint, timestamptz);
drop function series_starts(event_series, timestamp[]);
drop function series_end(event_series, timestamptz);
drop function import_window();

create or replace function local_moment(p_local text, p_zone text) returns timestamptz
  language plpgsql stable
as $$
begin
  if p_local !~ '^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?$' then
    return null;
  end if;
  return p_local::timestamp at time zone p_zone;
exception when datetime_field_overflow or invalid_datetime_format then
  return null;
end
$$;

drop function moment_at(timestamp, text);
drop function event_zone(text, boolean);
drop function is_usable_zone(text);
drop function is_posix_zone(text);
drop trigger events_versioned on events;

-- Without their series, instances made here are events like any other.
alter table events
  drop constraint events_recurrence,
  drop constraint events_detached,
  drop column version,
  drop column detached,
  drop column series_id;
update events set recurrence_time = null where uid is null and recurrence_time is not null;
alter table events add constraint events_check1 check (uid is not null or recurrence_time is null);
drop table event_series;
drop function raise_version();

create or replace function events_asked_about(p_now timestamptz) returns setof events
  language sql stable
  begin atomic
    select e.*
    from events e
    join organizations o on o.id = e.org_id
    where e.effective_end > p_now - interval '14 days'
      and e.effective_end <= p_now - case when e.all_day then interval '0' else interval '1 hour' end
      and e.effective_end >= o.prompts_since
      and e.status not in ('draft', 'cancelled')
      and e.deleted_at is null;
  end;

create or replace function first_prompts(p_event events, p_org organizations, p_after bigint, p_now timestamptz)
  returns table (
    notification_id text, user_id bigint, scheduled_for timestamptz, not_before timestamptz, cause text
  )
  language sql stable
  begin atomic
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
          and l.cause is distinct from 'event_cancelled'
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
  end;

commit;
