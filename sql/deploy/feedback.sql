-- Deploy rollcall:feedback to pg
-- How it was, in the words of those who were there, and the page behind a
-- prompt link, which asks for it.

begin;

create function submit_feedback(p_user bigint, p_event bigint, p_rating int, p_feedback text) returns void
  language plpgsql
as $$
declare
  v_now timestamptz := app_now();
  -- Browsers end lines with CR LF, and count them as one.
  v_feedback text := nullif(btrim(replace(p_feedback, E'\r\n', E'\n'), E' \t\n\r'), '');
  v_event events := answerable_event(p_event);
begin
  if p_rating is null or p_rating not between 1 and 5 then
    raise exception using errcode = 'RC422', message = 'bad_rating', detail = 'rating';
  elsif length(v_feedback) > 2000 then
    raise exception using errcode = 'RC422', message = 'feedback_too_long', detail = 'feedback';
  end if;
  update attendance
  set feedback_rating = p_rating, feedback_text = v_feedback, feedback_submitted_at = v_now, updated_at = v_now
  where user_id = p_user
    and event_id = v_event.id
    and status in ('attended', 'partial');
  if not found then
    raise exception using errcode = 'RC409', message = 'feedback_needs_attendance';
  end if;
end
$$;

comment on function submit_feedback(bigint, bigint, int, text) is
  'Keeps the person''s rating, 1 to 5, and words, over what they said before. Only of who says they were there. '
  'The caller has decided that this is the person.';

create function feedback_prompt(
  p_notification bigint, p_generation int, p_expires timestamptz, p_rating int, p_feedback text
) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_notification notifications := linked_prompt(p_notification, p_generation, p_expires);
begin
  perform submit_feedback(v_notification.user_id, v_notification.event_id, p_rating, p_feedback);
end
$$;

comment on function feedback_prompt(bigint, int, timestamptz, int, text) is 'The same, sent from behind a prompt link.';

create function prompt_link(p_notification bigint, p_generation int, p_expires timestamptz)
  returns table (
    state text, event_title text, org_name text, starts_at text, starts_text text, ends_text text, closes_text text,
    zone text, status text, status_text text, user_name text, timezone_known boolean,
    prompt_number int, can_snooze boolean, snooze_text text, snoozed_text text,
    can_feedback boolean, feedback_rating int, feedback_text text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      page.state,
      e.title,
      o.name,
      iso_time(e.starts_at, z.zone),
      say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
      say_event_end(e.starts_at, e.ends_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
      say_date(least(p_expires, e.effective_end + interval '14 days'), z.zone),
      z.zone,
      a.status,
      attendance_text(a.status),
      u.name,
      coalesce(u.timezone = z.zone, false),
      n.prompt_number,
      page.state = 'open' and again.at is not null,
      case when page.state = 'open' then say_soon(again.at, z.zone) end,
      case when page.state = 'open' and a.status is null then say_soon(snoozed.at, z.zone) end,
      page.state = 'open' and coalesce(a.status in ('attended', 'partial'), false),
      a.feedback_rating::int,
      a.feedback_text
    from notifications n
    join users u on u.id = n.user_id
    join events e on e.id = n.event_id
    join organizations o on o.id = e.org_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    cross join lateral (
      select case
        when least(p_expires, e.effective_end + interval '14 days') < app_now() then 'closed'
        when e.status = 'cancelled' then 'cancelled'
        when e.effective_end > app_now() then 'early'
        else 'open'
      end
    ) as page(state)
    cross join lateral snooze_time(n) as again(at)
    left join lateral (
      select q.scheduled_for
      from scheduled_notifications q
      where q.notification_id = format('prompt-%s-%s-2-r%s', e.id, u.id, e.revision)
        and q.notify_type = 'snooze'
        and q.state in ('pending', 'leased')
        and n.prompt_number = 1
        and n.revision = e.revision
    ) as snoozed(at) on true
    left join attendance a on a.user_id = n.user_id and a.event_id = n.event_id and a.status <> 'unknown'
    where n.id = p_notification
      and n.generation = p_generation
      and n.type = 'attendance_prompt'
      and e.deleted_at is null
      and e.status <> 'draft';
end
$$;

comment on function prompt_link(bigint, int, timestamptz) is
  'What the page behind a prompt link shows and offers: no row when the link is forged or revoked. Changes nothing.';

grant execute on function
  prompt_link(bigint, int, timestamptz),
  feedback_prompt(bigint, int, timestamptz, int, text)
  to rollcall_answer;

commit;
