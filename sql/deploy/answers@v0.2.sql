-- Deploy rollcall:answers to pg
-- The person's own answer, by a mailed link or signed in, and the link that
-- stops the questions.

begin;

create function answerable_event(p_event bigint) returns events
  language plpgsql stable
as $$
declare
  v_event events;
begin
  select * into v_event from events where id = p_event and deleted_at is null and status <> 'draft';
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif v_event.effective_end + interval '14 days' < app_now() then
    raise exception using errcode = 'RC410', message = 'closed';
  elsif v_event.status = 'cancelled' then
    raise exception using errcode = 'RC410', message = 'event_cancelled';
  elsif v_event.effective_end > app_now() then
    raise exception using errcode = 'RC425', message = 'too_early';
  end if;
  return v_event;
end
$$;

comment on function answerable_event(bigint) is
  'The event, when people may say now whether they came and how it was: from its end for 14 days.';

create function record_attendance(p_user bigint, p_event bigint, p_status text, p_request_id text)
  returns table (previous text, status text)
  language plpgsql
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
  v_event events := answerable_event(p_event);
  v_previous text;
begin
  if p_status is null or p_status not in ('attended', 'partial', 'not_attended') then
    raise exception using errcode = 'RC422', message = 'bad_status', detail = 'status';
  end if;

  -- The row's lock puts two answers at once in order: the later one sees the
  -- earlier one's status as its previous.
  insert into attendance as a (user_id, event_id, org_id, status, responded_at, created_at, updated_at)
  values (p_user, p_event, v_event.org_id, p_status, v_now, v_now, v_now)
  on conflict (user_id, event_id) do nothing;
  if not found then
    select a.status into v_previous
    from attendance a
    where a.user_id = p_user and a.event_id = p_event
    for update;
    update attendance a set status = p_status, responded_at = v_now, updated_at = v_now
    where a.user_id = p_user and a.event_id = p_event and a.status <> p_status;
  end if;

  update notifications n
  set read_at = coalesce(n.read_at, v_now), responded_at = v_now
  where n.user_id = p_user
    and n.event_id = p_event
    and n.type = 'attendance_prompt'
    and n.responded_at is null;
  perform cancel_prompts(p_user, v_event.org_id, p_event, 'answered');

  -- Last, because its place in the chain is the organisation's to wait for.
  if v_previous is distinct from p_status then
    perform append_audit(
      v_event.org_id,
      p_event,
      (select id from event_participants where event_id = p_event and user_id = p_user),
      p_user,
      p_user,
      'self_report',
      v_previous,
      p_status,
      null,
      null,
      null,
      p_request_id
    );
  end if;
  return query select v_previous, p_status;
end
$$;

comment on function record_attendance(bigint, bigint, text, text) is
  'Sets the person''s own answer, with its audit row, and ends the asking. The caller has decided that they may. '
  'The answer they already gave changes nothing and is not audited again.';

create function linked_prompt(p_notification bigint, p_generation int, p_expires timestamptz) returns notifications
  language plpgsql stable
as $$
declare
  v_notification notifications;
begin
  select * into v_notification
  from notifications
  where id = p_notification and generation = p_generation and type = 'attendance_prompt';
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  elsif p_expires < app_now() then
    raise exception using errcode = 'RC410', message = 'closed';
  end if;
  return v_notification;
end
$$;

comment on function linked_prompt(bigint, int, timestamptz) is 'What a prompt link that still holds is about.';

create function answer_prompt(
  p_notification bigint, p_generation int, p_expires timestamptz, p_status text, p_request_id text
)
  returns table (previous text, status text)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_notification notifications := linked_prompt(p_notification, p_generation, p_expires);
begin
  return query
    select r.previous, r.status
    from record_attendance(v_notification.user_id, v_notification.event_id, p_status, p_request_id) r;
end
$$;

comment on function answer_prompt(bigint, int, timestamptz, text, text) is
  'The pressed button behind a prompt link. Previous is null for a first answer.';

create function unsubscribe_link(p_preference bigint, p_generation int)
  returns table (org_name text, frequency text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select o.name, p.frequency
    from event_notification_preferences p
    join organizations o on o.id = p.org_id
    where p.id = p_preference
      and p.generation = p_generation;
end
$$;

create function unsubscribe(p_preference bigint, p_generation int) returns table (org_name text)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_preference event_notification_preferences;
begin
  update event_notification_preferences
  set frequency = 'none', updated_at = app_now()
  where id = p_preference and generation = p_generation
  returning * into v_preference;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
  perform cancel_prompts(v_preference.user_id, v_preference.org_id, null, 'unsubscribed');
  return query select o.name from organizations o where o.id = v_preference.org_id;
end
$$;

comment on function unsubscribe(bigint, int) is
  'Stops the questions of one organisation and takes back those that wait. Again changes nothing more.';

grant execute on function
  answer_prompt(bigint, int, timestamptz, text, text),
  unsubscribe_link(bigint, int),
  unsubscribe(bigint, int)
  to rollcall_answer;

commit;
