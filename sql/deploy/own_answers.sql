-- Deploy rollcall:own_answers to pg
-- A person's own answers, signed in: the questions that wait, one answer and
-- who sees it, all of them, and what others see of them.

begin;

alter table memberships add column listed boolean not null default true;
comment on column memberships.listed is
  'Whether fellow members find the person in this organisation, and what they let them see; the person''s own choice.';

create view fellowships as
  select m.user_id, m.org_id, m.sort_key
  from memberships m
  join organizations o on o.id = m.org_id
  where m.listed
    and o.member_list;

comment on view fellowships is
  'Who is found by fellow members, and in which organisation: the only place that decides it.';

create function attendance_word(p_status text) returns text
  language sql immutable parallel safe
  return case p_status
    when 'attended' then 'Was there'
    when 'partial' then 'Was there for part of it'
    when 'not_attended' then 'Was not there'
    when 'unknown' then 'No answer'
  end;

comment on function attendance_word(text) is 'attendance_text() for everyone but the person.';

create function answer_state(p_event events) returns text
  language sql stable parallel safe
as $$
  select case
    when (p_event).effective_end + interval '14 days' < app_now() then 'closed'
    when (p_event).status = 'cancelled' then 'cancelled'
    when (p_event).effective_end > app_now() then 'early'
    else 'open'
  end;
$$;

comment on function answer_state(events) is 'What answerable_event() would say of it, for a page.';

-- The questions that wait.

create function waiting_prompts(p_user bigint) returns setof notifications
  language plpgsql stable rows 5
as $$
begin
  return query
    select n.*
    from notifications n
    join events e on e.id = n.event_id
    where n.user_id = p_user
      and n.read_at is null
      -- A prompt comes after the end, and 14 days after that nobody may answer.
      and n.created_at > app_now() - interval '14 days'
      and n.type = 'attendance_prompt'
      and e.deleted_at is null
      and e.status <> 'draft'
      and answer_state(e) = 'open'
      and not exists (
        select from notifications later
        where later.user_id = n.user_id
          and later.event_id = n.event_id
          and later.type = n.type
          and (later.revision, later.prompt_number) > (n.revision, n.prompt_number)
      )
      and not exists (
        select from attendance a
        where a.user_id = n.user_id and a.event_id = n.event_id and a.status <> 'unknown'
      );
end
$$;

comment on function waiting_prompts(bigint) is
  'The person''s unread questions that can be answered now, the last one for each event.';

create function count_waiting(p_user bigint) returns int
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (select count(*) from waiting_prompts(p_user));
end
$$;

comment on function count_waiting(bigint) is 'How many questions wait for the person, for the head of each page.';

create function pending_prompts(p_session bytea)
  returns table (
    notification_id bigint, event_id bigint, title text, org_name text, location text, is_virtual boolean,
    starts_at text, starts_text text, ends_text text, zone text, closes_text text,
    prompt_number int, can_snooze boolean, snooze_text text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      n.id,
      e.id,
      e.title,
      o.name,
      e.location,
      e.is_virtual,
      iso_time(e.starts_at, z.zone),
      say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
      say_event_end(e.starts_at, e.ends_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
      z.zone,
      say_date(e.effective_end + interval '14 days', z.zone),
      n.prompt_number,
      again.at is not null,
      say_soon(again.at, z.zone)
    from live_sessions s
    join users u on u.id = s.user_id
    cross join lateral waiting_prompts(u.id) n
    join events e on e.id = n.event_id
    join organizations o on o.id = e.org_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    cross join lateral snooze_time(n) as again(at)
    where s.hash = p_session
    order by e.effective_end desc, e.id desc
    limit 50;
end
$$;

comment on function pending_prompts(bytea) is 'The same with what a page shows of them, the event that ended last first.';

create function own_prompt(p_user bigint, p_notification bigint) returns notifications
  language plpgsql stable
as $$
declare
  v_notification notifications;
begin
  select * into v_notification
  from notifications
  where id = p_notification and user_id = p_user and type = 'attendance_prompt';
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  return v_notification;
end
$$;

create function answer_own_prompt(p_session bytea, p_notification bigint, p_status text, p_request_id text)
  returns table (event_id bigint, previous text, status text)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_notification notifications := own_prompt(v_user, p_notification);
begin
  return query
    select v_notification.event_id, r.previous, r.status
    from record_attendance(v_user, v_notification.event_id, p_status, p_request_id) r;
end
$$;

comment on function answer_own_prompt(bytea, bigint, text, text) is 'answer_prompt() by whoever is signed in.';

create function snooze_own_prompt(p_session bytea, p_notification bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  perform snooze_attendance_prompt(require_session(p_session), p_notification);
end
$$;

comment on function snooze_own_prompt(bytea, bigint) is 'snooze_prompt() by whoever is signed in.';

-- One answer.

create function concerns(p_user bigint, p_event bigint) returns boolean
  language sql stable
  begin atomic
    select exists (select from attendance where user_id = p_user and event_id = p_event)
      or exists (select from event_views where user_id = p_user and event_id = p_event)
      or exists (select from event_participants where user_id = p_user and event_id = p_event)
      or exists (
        select from notifications
        where user_id = p_user and event_id = p_event and type = 'attendance_prompt'
      );
  end;

comment on function concerns(bigint, bigint) is
  'Whether the event has to do with the person, so that their word on it is taken: they looked at it, were to come, '
  'were asked, or have answered.';

create function can_answer(p_session bytea, p_event bigint) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return exists (
    select
    from live_sessions s
    join events e on e.id = p_event
    where s.hash = p_session
      and e.deleted_at is null
      and e.status <> 'draft'
      and answer_state(e) = 'open'
      and concerns(s.user_id, e.id)
  );
end
$$;

create function own_answer(p_session bytea, p_event bigint)
  returns table (
    event_id bigint, state text, title text, org_name text, location text, is_virtual boolean,
    starts_at text, starts_text text, ends_text text, zone text, closes_text text,
    status text, status_text text, feedback_rating int, feedback_text text, can_feedback boolean,
    can_share boolean, show_on_profile boolean, show_to_other_orgs boolean, is_listed boolean, other_orgs text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      e.id,
      page.state,
      e.title,
      o.name,
      e.location,
      e.is_virtual,
      iso_time(e.starts_at, z.zone),
      say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
      say_event_end(e.starts_at, e.ends_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone),
      z.zone,
      say_date(e.effective_end + interval '14 days', z.zone),
      a.status,
      attendance_text(a.status),
      a.feedback_rating::int,
      a.feedback_text,
      page.state = 'open' and coalesce(a.status in ('attended', 'partial'), false),
      a.status is not null,
      coalesce(a.show_on_profile, false),
      coalesce(a.show_to_other_orgs, false),
      exists (select from fellowships f where f.user_id = u.id and f.org_id = o.id),
      (
        select string_agg(other.name, ', ' order by other.name)
        from memberships m
        join organizations other on other.id = m.org_id
        where m.user_id = u.id and m.org_id <> o.id
      )
    from live_sessions s
    join users u on u.id = s.user_id
    join events e on e.id = p_event
    join organizations o on o.id = e.org_id
    cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
    cross join lateral (select answer_state(e)) as page(state)
    left join attendance a on a.user_id = u.id and a.event_id = e.id and a.status <> 'unknown'
    where s.hash = p_session
      and e.deleted_at is null
      and e.status <> 'draft'
      and concerns(u.id, e.id);
end
$$;

comment on function own_answer(bytea, bigint) is
  'What the person''s own page about one event shows and offers. is_listed: whether anybody finds their profile there.';

create function require_own_event(p_session bytea, p_event bigint) returns bigint
  language plpgsql
as $$
declare
  v_user bigint := require_session(p_session);
begin
  if not concerns(v_user, p_event) then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  return v_user;
end
$$;

create function answer_event(p_session bytea, p_event bigint, p_status text, p_request_id text)
  returns table (previous text, status text)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select r.previous, r.status
    from record_attendance(require_own_event(p_session, p_event), p_event, p_status, p_request_id) r;
end
$$;

comment on function answer_event(bytea, bigint, text, text) is 'The person''s own answer about an event that concerns() them.';

create function feedback_event(p_session bytea, p_event bigint, p_rating int, p_feedback text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  perform submit_feedback(require_own_event(p_session, p_event), p_event, p_rating, p_feedback);
end
$$;

-- Who sees it.

create function share_attendance(
  p_session bytea, p_event bigint, p_show_on_profile boolean, p_show_to_other_orgs boolean
) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
begin
  update attendance
  set
    show_on_profile = p_show_on_profile,
    show_to_other_orgs = p_show_on_profile and p_show_to_other_orgs,
    updated_at = app_now()
  where user_id = v_user
    and event_id = p_event;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
end
$$;

comment on function share_attendance(bytea, bigint, boolean, boolean) is
  'The two switches of one answer: without the first there is no second. They have no end date, as an answer has.';

create function share_answers(p_session bytea, p_org bigint, p_show boolean) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
  v_changed int;
begin
  update attendance
  set
    show_on_profile = p_show,
    show_to_other_orgs = p_show and show_to_other_orgs,
    updated_at = app_now()
  where user_id = v_user
    and org_id = p_org
    and show_on_profile <> p_show;
  get diagnostics v_changed = row_count;
  if v_changed = 0
    and not exists (select from memberships where user_id = v_user and org_id = p_org)
    and not exists (select from attendance where user_id = v_user and org_id = p_org)
  then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  return v_changed;
end
$$;

comment on function share_answers(bytea, bigint, boolean) is
  'The first switch of all the person''s answers in one organisation, off with the second. Gives how many changed.';

create function list_member(p_session bytea, p_org bigint, p_listed boolean) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
begin
  update memberships set listed = p_listed where user_id = v_user and org_id = p_org;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
end
$$;

-- What the person sees of all of them.

create function attendance_history(p_session bytea, p_before timestamptz, p_before_event bigint, p_most int)
  returns table (
    event_id bigint, title text, starts timestamptz, all_day boolean, event_zone text, zone text, location text,
    is_virtual boolean, org_name text, org_logo text, status text, rating smallint
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      e.id,
      e.title,
      e.starts_at,
      e.all_day,
      coalesce(e.timezone, o.timezone),
      coalesce(u.timezone, o.timezone),
      e.location,
      e.is_virtual,
      o.name,
      o.logo,
      a.status,
      a.feedback_rating
    from live_sessions s
    join users u on u.id = s.user_id
    join attendance a on a.user_id = s.user_id
    join events e on e.id = a.event_id
    join organizations o on o.id = a.org_id
    where s.hash = p_session
      and e.deleted_at is null
      and (p_before is null or (e.starts_at, e.id) < (p_before, p_before_event))
    order by e.starts_at desc, e.id desc
    limit p_most;
end
$$;

comment on function attendance_history(bytea, timestamptz, bigint, int) is
  'The person''s own rows, newest start first, from before (start, event) on: raw, to be shaped where they are shown. '
  'zone is the person''s, as it stands there.';

-- What others see of them.

create function shared_orgs(p_reader bigint, p_person bigint) returns setof bigint
  language sql stable rows 5
  begin atomic
    select mine.org_id
    from memberships mine
    where mine.user_id = p_reader
      and (
        p_reader = p_person
        or exists (select from fellowships theirs where theirs.user_id = p_person and theirs.org_id = mine.org_id)
      );
  end;

comment on function shared_orgs(bigint, bigint) is
  'The organisations in which the reader finds the person: both are members, and the person is listed.';

create function find_fellows(p_session bytea, p_words text, p_after bigint, p_most int)
  returns table (place bigint, id bigint, name text, org_names text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint;
  v_key text;
  v_after bigint;
  v_words text := regexp_replace(p_words, '[^[:alnum:]]+', ' ', 'g');
  v_found bigint[];
begin
  select user_id into v_user from live_sessions where hash = p_session;
  -- Of somebody they do not find, not even the place in the order is told.
  select person_sort_key(p_after), p_after into v_key, v_after where exists (select shared_orgs(v_user, p_after));
  if p_words is null then
    -- The first ones of each organisation, which an index has in order.
    v_found := array(
      select distinct on (near.sort_key, near.user_id) near.user_id
      from memberships mine
      cross join lateral (
        select theirs.sort_key, theirs.user_id
        from fellowships theirs
        where theirs.org_id = mine.org_id
          and theirs.user_id <> v_user
          and (theirs.sort_key, theirs.user_id) > (coalesce(v_key, ''), coalesce(v_after, 0))
        order by theirs.sort_key, theirs.user_id
        limit p_most
      ) near
      where mine.user_id = v_user
      order by near.sort_key, near.user_id
      limit p_most
    );
  else
    v_found := array(
      select distinct on (theirs.sort_key, theirs.user_id) theirs.user_id
      from memberships mine
      join fellowships theirs on theirs.org_id = mine.org_id
      where mine.user_id = v_user
        and theirs.user_id <> v_user
        and org_words(theirs.org_id, theirs.sort_key) @@ word_search(mine.org_id || ':', v_words)
        and (theirs.sort_key, theirs.user_id) > (coalesce(v_key, ''), coalesce(v_after, 0))
      order by theirs.sort_key, theirs.user_id
      limit p_most
    );
  end if;
  return query
    select f.place, u.id, u.name, orgs.names
    from unnest(v_found) with ordinality as f(id, place)
    join users u on u.id = f.id
    cross join lateral (
      select string_agg(o.name, ', ' order by o.name)
      from organizations o
      where o.id in (select shared_orgs(v_user, u.id))
    ) as orgs(names);
end
$$;

comment on function find_fellows(bytea, text, bigint, int) is
  'Those whom the person finds in their organisations, by name, from after that person on; all, or those with words in '
  'their names that begin so.';

create function fellow_profile(p_session bytea, p_person bigint)
  returns table (id bigint, name text, is_self boolean, org_names text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select u.id, u.name, u.id = s.user_id, orgs.names
    from live_sessions s
    join users u on u.id = p_person
    cross join lateral (
      select string_agg(o.name, ', ' order by o.name)
      from organizations o
      where o.id in (select shared_orgs(s.user_id, u.id))
    ) as orgs(names)
    where s.hash = p_session
      and (orgs.names is not null or u.id = s.user_id);
end
$$;

comment on function fellow_profile(bytea, bigint) is
  'A person as fellow members see them: no row without an organisation in which the reader finds them.';

create function fellow_attendance(
  p_session bytea, p_person bigint, p_before timestamptz, p_before_event bigint, p_most int
)
  returns table (
    event_id bigint, title text, starts timestamptz, all_day boolean, event_zone text, zone text, location text,
    is_virtual boolean, org_name text, org_logo text, status text, shown boolean
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      e.id,
      e.title,
      e.starts_at,
      e.all_day,
      coalesce(e.timezone, o.timezone),
      coalesce(reader.timezone, o.timezone),
      e.location,
      e.is_virtual,
      o.name,
      o.logo,
      a.status,
      seen.shown
    from live_sessions s
    join users reader on reader.id = s.user_id
    join attendance a on a.user_id = p_person
    join events e on e.id = a.event_id
    join organizations o on o.id = a.org_id
    cross join lateral (
      select a.show_on_profile
        and a.status in ('attended', 'partial')
        and e.status not in ('draft', 'cancelled')
        and exists (select from fellowships f where f.user_id = a.user_id and f.org_id = a.org_id)
    ) as seen(shown)
    where s.hash = p_session
      and e.deleted_at is null
      and (
        s.user_id = p_person
        or (
          seen.shown
          and exists (select from memberships mine where mine.user_id = s.user_id and mine.org_id = a.org_id)
        )
      )
      and (p_before is null or (e.starts_at, e.id) < (p_before, p_before_event))
    order by e.starts_at desc, e.id desc
    limit p_most;
end
$$;

comment on function fellow_attendance(bytea, bigint, timestamptz, bigint, int) is
  'Where a person was, for fellow members of the host: what is shown there, and of one''s own all. Nobody else''s '
  'profile says where they were not, or that they gave no answer.';

create function person_attendance(
  p_session bytea, p_slug text, p_person bigint, p_before timestamptz, p_before_event bigint, p_most int
)
  returns table (
    event_id bigint, title text, starts timestamptz, all_day boolean, event_zone text, zone text, location text,
    is_virtual boolean, org_name text, elsewhere boolean, status text, rating smallint
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      e.id,
      e.title,
      e.starts_at,
      e.all_day,
      coalesce(e.timezone, o.timezone),
      coalesce(reader.timezone, o.timezone),
      e.location,
      e.is_virtual,
      o.name,
      a.org_id <> t.org_id,
      a.status,
      case when a.org_id = t.org_id then a.feedback_rating end
    from team_org(p_session, p_slug, 'staff') t
    join users reader on reader.id = t.user_id
    join attendance a on a.user_id = p_person
    join events e on e.id = a.event_id
    join organizations o on o.id = a.org_id
    where e.deleted_at is null
      and (
        a.org_id = t.org_id
        or (
          a.show_to_other_orgs
          and a.status <> 'unknown'
          and e.status not in ('draft', 'cancelled')
          and exists (select from memberships m where m.user_id = a.user_id and m.org_id = t.org_id)
        )
      )
      and (p_before is null or (e.starts_at, e.id) < (p_before, p_before_event))
    order by e.starts_at desc, e.id desc
    limit p_most;
end
$$;

comment on function person_attendance(bytea, text, bigint, timestamptz, bigint, int) is
  'A person''s answers for an organisation''s staff: about its own events all of them; about those of others what the '
  'person lets them see, while they are a member, without the rating, which was for the other team.';

grant execute on function
  count_waiting(bigint),
  attendance_word(text)
  to rollcall_member, rollcall_staff;
grant execute on function
  pending_prompts(bytea),
  answer_own_prompt(bytea, bigint, text, text),
  snooze_own_prompt(bytea, bigint),
  can_answer(bytea, bigint),
  own_answer(bytea, bigint),
  answer_event(bytea, bigint, text, text),
  feedback_event(bytea, bigint, int, text),
  share_attendance(bytea, bigint, boolean, boolean),
  share_answers(bytea, bigint, boolean),
  list_member(bytea, bigint, boolean),
  attendance_history(bytea, timestamptz, bigint, int),
  find_fellows(bytea, text, bigint, int),
  fellow_profile(bytea, bigint),
  fellow_attendance(bytea, bigint, timestamptz, bigint, int)
  to rollcall_member;
grant execute on function person_attendance(bytea, text, bigint, timestamptz, bigint, int) to rollcall_staff;

commit;
