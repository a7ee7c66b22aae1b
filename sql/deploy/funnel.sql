-- Deploy rollcall:funnel to pg
-- What became of an event's questions: how many were asked, answered and told
-- us how it was, for the team of its organisation.

begin;

create function team_event_id(p_session bytea, p_slug text, p_event bigint) returns bigint
  language sql stable
  begin atomic
    select e.id
    from team_org(p_session, p_slug, 'staff') t
    join events e on e.org_id = t.org_id and e.id = p_event
    where e.deleted_at is null;
  end;

comment on function team_event_id(bytea, text, bigint) is
  'The event, when it is of the organisation and whoever is signed in is of its staff; else null.';

create function event_funnel(p_session bytea, p_slug text, p_event bigint)
  returns table (stage text, first_question bigint, second_question bigint, people bigint, unasked bigint)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_event bigint := team_event_id(p_session, p_slug, p_event);
begin
  if v_event is null then
    return;
  end if;
  -- Once over each table, then everything about a person together, then those
  -- alike together: what is left is a few rows, however many were asked.
  return query
    with found as (
      select
        n.user_id,
        n.prompt_number = 1 as asked_first, n.prompt_number = 2 as asked_second,
        null::boolean as sent_first, null::boolean as sent_second, null::boolean as snoozed,
        null as status, null::boolean as rated
      from notifications n
      where n.event_id = v_event
        and n.type = 'attendance_prompt'
      union all
      select l.user_id, null, null, l.prompt_number = 1, l.prompt_number = 2, l.notify_type = 'snooze', null, null
      from notification_log l
      where l.event_id = v_event
        and l.state = 'sent'
        and l.prompt_number is not null
      union all
      select l.user_id, null, null, null, null, true, null, null
      from notification_log l
      where l.event_id = v_event
        and l.state <> 'sent'
        and l.notify_type = 'snooze'
      union all
      select q.user_id, null, null, null, null, true, null, null
      from scheduled_notifications q
      where q.event_id = v_event
        and q.notify_type = 'snooze'
      union all
      select a.user_id, null, null, null, null, null, a.status, a.feedback_rating is not null
      from attendance a
      where a.event_id = v_event
        and a.status <> 'unknown'
    ), person as (
      select
        bool_or(f.asked_first) as asked_first,
        bool_or(f.asked_second) as asked_second,
        bool_or(f.sent_first) as sent_first,
        bool_or(f.sent_second) as sent_second,
        bool_or(f.snoozed) as snoozed,
        max(f.status) as status,
        bool_or(f.rated) as rated
      from found f
      group by f.user_id
    ), alike as materialized (
      select
        p.*,
        coalesce(p.asked_first or p.asked_second, false) as asked,
        coalesce(p.asked_second, false) as twice,
        count(*) as people
      from person p
      group by p.asked_first, p.asked_second, p.sent_first, p.sent_second, p.snoozed, p.status, p.rated
    )
    select
      s.stage,
      coalesce(sum(l.people) filter (where s.first), 0)::bigint,
      coalesce(sum(l.people) filter (where s.second), 0)::bigint,
      coalesce(sum(l.people) filter (where s.anyhow), 0)::bigint,
      (select coalesce(sum(u.people), 0)::bigint from alike u where not u.asked and u.status is not null)
    from (values (true)) as always(row)
    left join alike l on l.asked
    cross join lateral (
      values
        (1, 'asked', l.asked_first, l.asked_second, l.asked),
        (2, 'accepted', l.sent_first, l.sent_second, l.sent_first or l.sent_second),
        (3, 'answered', not l.twice and l.status is not null, l.twice and l.status is not null, l.status is not null),
        (4, 'attended', not l.twice and l.status = 'attended', l.twice and l.status = 'attended', l.status = 'attended'),
        (5, 'partial', not l.twice and l.status = 'partial', l.twice and l.status = 'partial', l.status = 'partial'),
        (
          6, 'not_attended',
          not l.twice and l.status = 'not_attended', l.twice and l.status = 'not_attended', l.status = 'not_attended'
        ),
        (7, 'unanswered', not l.twice and l.status is null, l.twice and l.status is null, l.status is null),
        (8, 'snoozed', l.snoozed, false, l.snoozed),
        (
          9, 'feedback',
          not l.twice and l.rated and l.status <> 'not_attended', l.twice and l.rated and l.status <> 'not_attended',
          l.rated and l.status <> 'not_attended'
        )
    ) as s(place, stage, first, second, anyhow)
    group by s.place, s.stage
    order by s.place;
end
$$;

comment on function event_funnel(bytea, text, bigint) is
  'How many people came how far. asked, accepted (by the mail server) and snoozed count questions, the first and the '
  'second; the other stages count people, by whether they had only the first question by then or the second too. people '
  'counts everyone once, however often an event was moved and asked about anew; unasked, in each row, are those who '
  'answered without having been asked. No row: not for this person.';

create function event_ratings(p_session bytea, p_slug text, p_event bigint)
  returns table (rating int, people bigint, rated bigint, average numeric, left_out bigint)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_event bigint := team_event_id(p_session, p_slug, p_event);
begin
  if v_event is null then
    return;
  end if;
  return query
    with given as materialized (
      select a.feedback_rating::int as rating, a.status in ('attended', 'partial') as counts, count(*) as people
      from attendance a
      where a.event_id = v_event
        and a.feedback_rating is not null
      group by 1, 2
    ), sums as (
      select
        coalesce(sum(g.people) filter (where g.counts), 0)::bigint as rated,
        sum(g.people * g.rating) filter (where g.counts) as points,
        coalesce(sum(g.people) filter (where not g.counts), 0)::bigint as left_out
      from given g
    )
    select r.rating, coalesce(g.people, 0), s.rated, s.points / nullif(s.rated, 0), s.left_out
    from generate_series(5, 1, -1) as r(rating)
    cross join sums s
    left join given g on g.rating = r.rating and g.counts
    order by r.rating desc;
end
$$;

comment on function event_ratings(bytea, text, bigint) is
  'How many gave each rating, the best first, with what holds for all of them in each row. Who says by now that they '
  'were not there is left out of all but left_out.';

create function event_feedback(
  p_session bytea, p_slug text, p_event bigint, p_before timestamptz, p_before_user bigint, p_most int,
  p_with_text boolean
)
  returns table (
    user_id bigint, name text, is_member boolean, status text, rating int, feedback text, given_at timestamptz
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_event bigint := team_event_id(p_session, p_slug, p_event);
begin
  return query
    select
      u.id,
      u.name,
      exists (select from memberships m where m.user_id = u.id and m.org_id = a.org_id),
      a.status,
      a.feedback_rating::int,
      a.feedback_text,
      a.feedback_submitted_at
    from attendance a
    join users u on u.id = a.user_id
    where a.event_id = v_event
      and a.feedback_rating is not null
      and (not p_with_text or a.feedback_text is not null)
      and (p_before is null or (a.feedback_submitted_at, a.user_id) < (p_before, coalesce(p_before_user, 0)))
    order by a.feedback_submitted_at desc, a.user_id desc
    limit p_most;
end
$$;

comment on function event_feedback(bytea, text, bigint, timestamptz, bigint, int, boolean) is
  'What people told us of the event, the last first; p_with_text: only who wrote something.';

grant execute on function
  event_funnel(bytea, text, bigint),
  event_ratings(bytea, text, bigint),
  event_feedback(bytea, text, bigint, timestamptz, bigint, int, boolean)
  to rollcall_staff;

commit;
