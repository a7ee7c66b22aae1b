-- Deploy rollcall:delivery to pg
-- Messages are looked at, kept and recorded many at once: each table is gone to
-- once for all of them, and what a kind names is called for all of that kind by
-- one statement.

begin;

-- A message is written once and read once, or never: it is not worth the time
-- that pglz takes. Not every server is built with the other.
do $$
begin
  alter table scheduled_notifications alter column message set compression lz4;
exception when feature_not_supported then
  null;
end
$$;

-- What became of them ---------------------------------------------------------------

drop function mark_sent(scheduled_notifications);

create function mark_sent(p_rows scheduled_notifications[]) returns void
  language plpgsql
as $$
begin
  insert into notification_pushes (notification_id, payload)
  select q.notification_id, jsonb_strip_nulls(jsonb_build_object(
    'kind', q.kind,
    'user_id', q.user_id,
    'org_id', q.org_id,
    'event_id', q.event_id,
    'schedule_id', q.schedule_id
  ))
  from unnest(p_rows) q
  on conflict (notification_id) do nothing;
end
$$;

create function finish_notifications(
  p_rows scheduled_notifications[], p_state text, p_cause text, p_reply_codes int[], p_took_ms int[]
) returns void
  language plpgsql
  -- Each row is looked up, whatever the table held when this was planned.
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
begin
  insert into notification_log (
    id, notification_id, org_id, kind, event_id, schedule_id, user_id, notify_type, prompt_number, revision,
    scheduled_for, state, cause, reply_code, took_ms, retry_count, last_error, first_attempt_at, created_at,
    channel, push_state, push_cause, push_reply_code
  )
  select
    q.id, q.notification_id, q.org_id, q.kind, q.event_id, q.schedule_id, q.user_id, q.notify_type, q.prompt_number,
    q.revision, q.scheduled_for, p_state, p_cause, p_reply_codes[q.ordinality::int], p_took_ms[q.ordinality::int],
    q.retry_count, q.last_error, q.first_attempt_at, q.created_at, q.channel, q.push_state, q.push_cause,
    q.push_reply_code
  from unnest(p_rows) with ordinality q;
  delete from scheduled_notifications where id = any (array(select q.id from unnest(p_rows) q));
end
$$;

comment on function finish_notifications(scheduled_notifications[], text, text, int[], int[]) is
  'Moves messages to the log, each with its reply code and time. The caller holds their locks.';

create or replace function finish_notification(
  p_row scheduled_notifications, p_state text, p_cause text, p_reply_code int, p_took_ms int
) returns void
  language plpgsql
as $$
begin
  perform finish_notifications(array[p_row], p_state, p_cause, array[p_reply_code], array[p_took_ms]);
end
$$;

create function end_notifications(
  p_rows scheduled_notifications[], p_state text, p_cause text, p_reply_codes int[], p_took_ms int[]
) returns void
  language plpgsql
as $$
declare
  v_kind text;
  v_follow text;
begin
  for v_kind, v_follow in
    select k.kind, k.follow from notification_kinds k
    where k.follow is not null and k.kind = any (array(select q.kind from unnest(p_rows) q))
    order by k.kind
  loop
    execute format(
      'select public.%I($2[n], $3, $4, $5[n], $6[n]) from generate_subscripts($2, 1) n where $2[n].kind = $1', v_follow
    )
    using v_kind, p_rows, p_state, p_cause, p_reply_codes, p_took_ms;
  end loop;
  if p_state <> 'pending' then
    perform finish_notifications(p_rows, p_state, p_cause, p_reply_codes, p_took_ms);
  end if;
end
$$;

comment on function end_notifications(scheduled_notifications[], text, text, int[], int[]) is
  'The end of an attempt of each: what follows from it, and unless it is pending still, finish_notifications(). The '
  'caller holds their locks.';

create or replace function end_notification(
  p_row scheduled_notifications, p_state text, p_cause text, p_reply_code int, p_took_ms int
) returns void
  language plpgsql
as $$
begin
  perform end_notifications(array[p_row], p_state, p_cause, array[p_reply_code], array[p_took_ms]);
end
$$;

create or replace function follow_digest(
  p_row scheduled_notifications, p_state text, p_cause text, p_reply_code int, p_took_ms int
) returns void
  language plpgsql
as $$
declare
  v_line scheduled_notifications;
  v_cause text;
begin
  if p_state = 'pending' then
    update scheduled_notifications
    set lease_id = null, lease_until = null
    where user_id = p_row.user_id
      and digest_id = p_row.id;
    return;
  end if;
  for v_line in
    select * from scheduled_notifications
    where user_id = p_row.user_id and digest_id = p_row.id
    order by id
    for update
  loop
    v_line.channel := p_row.channel;
    v_cause := case when p_state <> 'sent' then prompt_recheck(v_line) end;
    if v_cause is not null then
      perform finish_notification(v_line, state_unsent(v_cause), v_cause, null, null);
    elsif v_line.first_attempt_at is not null then
      if p_state = 'sent' then
        perform mark_sent(array[v_line]);
      end if;
      perform end_notification(
        v_line, p_state, case p_state when 'sent' then 'in_digest' else p_cause end, p_reply_code, p_took_ms
      );
    else
      -- It was not in the message: the planner looks at it again.
      update scheduled_notifications set urgency = 4, digest_id = null where id = v_line.id;
    end if;
  end loop;
end
$$;

create function leased_rows(p_ids bigint[], p_leases bigint[]) returns scheduled_notifications[]
  language plpgsql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
begin
  return array(
    select q
    from unnest(p_ids, p_leases) as w(id, lease)
    join scheduled_notifications q on q.id = w.id and q.lease_id = w.lease
    order by q.id
    for update of q
  );
end
$$;

comment on function leased_rows(bigint[], bigint[]) is
  'Locks and gives those of the messages that are under these leases still, in the order of their ids.';

drop function record_sent(bigint, bigint, int, int);

create function record_sent(p_ids bigint[], p_leases bigint[], p_reply_codes int[], p_took_ms int[])
  returns setof bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_rows scheduled_notifications[] := leased_rows(p_ids, p_leases);
  v_places int[] := array(select array_position(p_ids, q.id) from unnest(v_rows) q);
begin
  perform mark_sent(v_rows);
  update device_tokens d set last_used_at = app_now()
  where d.user_id = any (array(select q.user_id from unnest(v_rows) q where q.channel = 'push'));
  delete from address_refusals r
  where r.user_id = any (array(select q.user_id from unnest(v_rows) q where q.channel <> 'push'));
  perform channel_succeeded(c.channel) from (select distinct q.channel from unnest(v_rows) q) c;
  perform end_notifications(
    v_rows, 'sent', null,
    array(select p_reply_codes[n] from unnest(v_places) n), array(select p_took_ms[n] from unnest(v_places) n)
  );
  return query select q.id from unnest(v_rows) q;
end
$$;

comment on function record_sent(bigint[], bigint[], int[], int[]) is
  'Notes that these messages left, in the ledger and the log, and what follows from it: a second prompt may come, the '
  'address and the channel work. Gives the ids of those that it noted: of the others the lease was lost, and someone '
  'else will.';

comment on function channel_succeeded(text) is 'Ends a row of failures, and an outage, if there is one. record_sent() calls it.';

-- Looked at again -------------------------------------------------------------------

create function recheck_notifications(p_kind notification_kinds, p_rows scheduled_notifications[])
  returns table (place int, cause text, held_until timestamptz, held_cause text, held_urgency smallint)
  language plpgsql stable
as $$
declare
  v_now timestamptz := app_now();
  v_category text := stoppable_category(p_kind.kind);
  v_causes text[];
begin
  -- No more than must be is planned anew each time.
  if p_kind.recheck is not null then
    execute format('select array(select public.%I($1[n]) from generate_subscripts($1, 1) n order by n)', p_kind.recheck)
    into v_causes using p_rows;
  end if;
  return query
    select
      w.place,
      w.cause,
      case when w.cause is null then h.held_until end,
      case when w.cause is null then h.held_cause end,
      case when w.cause is null then h.held_urgency end
    from (
      select q.ordinality::int as place, case
        when exists (select from notification_pushes p where p.notification_id = q.notification_id) then 'already_sent'
        when q.expires_at <= v_now then 'too_late'
        else coalesce(
          v_causes[q.ordinality::int],
          case when q.channel = 'email' and not is_wanted(q.user_id, q.org_id, v_category, 'email') then 'not_wanted' end
        )
      end as cause
      from unnest(p_rows) with ordinality q
      offset 0
    ) w
    cross join lateral hold_notification(p_rows[w.place]) h;
end
$$;

comment on function recheck_notifications(notification_kinds, scheduled_notifications[]) is
  'Of messages of one kind, by their places: why one is not sent after all; or null, and until when it has to wait, and '
  'for what (nulls: not at all). Changes nothing.';

create or replace function line_time(p_row scheduled_notifications) returns timestamptz
  language plpgsql stable
as $$
begin
  if p_row.kind <> 'attendance_prompt'
    or p_row.notify_type = 'snooze'
    or p_row.first_attempt_at is not null
  then
    return null;
  end if;
  return (
    select digest_time(f.frequency, greatest(p_row.scheduled_for, app_now()), safe_zone(coalesce(u.timezone, o.timezone)))
    from event_notification_preferences f
    join users u on u.id = f.user_id
    join organizations o on o.id = f.org_id
    where f.user_id = p_row.user_id
      and f.org_id = p_row.org_id
      -- For the others it says null, and takes longer for it than all the rest.
      and f.frequency in ('daily', 'weekly')
  );
end
$$;

create or replace function due_notifications(p_max int)
  returns table (
    notification_id text, kind text, user_id bigint, outcome text, cause text, held_until timestamptz
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    with due as materialized (
      select q
      from scheduled_notifications q
      where q.urgency < 4
        and q.not_before <= app_now()
        and (q.lease_until is null or q.lease_until <= app_now())
        and not channel_is_paused('email')
      order by q.urgency, q.not_before, q.id
      limit p_max
    ), of_kind as (
      select k, array_agg(d.q) as rows
      from due d
      join notification_kinds k on k.kind = (d.q).kind
      group by k
    )
    select
      (w.q).notification_id,
      (w.q).kind,
      (w.q).user_id,
      case when r.cause is not null then 'skip' when r.held_cause is not null then 'hold' else 'send' end,
      coalesce(r.cause, r.held_cause),
      r.held_until
    from of_kind o
    cross join lateral recheck_notifications(o.k, o.rows) r
    cross join lateral (select o.rows[r.place] as q) w
    order by (w.q).urgency, (w.q).not_before, (w.q).id;
  end;

comment on function due_notifications(int) is
  'What claim_notifications() would give and what prepare_notifications() would say of it, for a dry run.';

drop function recheck_notification(scheduled_notifications);

-- What they are made of ---------------------------------------------------------------

drop function prepare_notification(bigint, bigint, text, boolean);
drop function stop_row(scheduled_notifications);

create type prepared_notification as (
  id bigint, outcome text, cause text, template text, message bytea, first_attempt_at timestamptz, sent_date text,
  email text, name text, org_id bigint, org_name text, data jsonb, row_id bigint, generation int,
  expires_at timestamptz, preference_id bigint, preference_generation int, tokens jsonb
);

create function make_prompts(p_events bigint[], p_users bigint[], p_prompt_numbers int[], p_revisions int[])
  returns void
  language plpgsql
as $$
begin
  insert into notifications (user_id, org_id, event_id, type, prompt_number, revision, title, unknown_at, created_at)
  select
    w.user_id,
    e.org_id,
    e.id,
    'attendance_prompt',
    w.prompt_number,
    w.revision,
    e.title,
    case when w.prompt_number = 1 then e.effective_end + interval '14 days' end,
    app_now()
  from unnest(p_events, p_users, p_prompt_numbers, p_revisions) as w(event_id, user_id, prompt_number, revision)
  join events e on e.id = w.event_id
  on conflict do nothing;
end
$$;

create or replace function send_attendance_prompt(p_event bigint, p_user bigint, p_prompt_number int, p_revision int)
  returns notifications
  language plpgsql
as $$
declare
  v_notification notifications;
begin
  perform make_prompts(array[p_event], array[p_user], array[p_prompt_number], array[p_revision]);
  select * into v_notification
  from notifications
  where user_id = p_user
    and event_id = p_event
    and type = 'attendance_prompt'
    and prompt_number = p_prompt_number
    and revision = p_revision;
  return v_notification;
end
$$;

drop function take_prompt(scheduled_notifications);
drop function take_digest(scheduled_notifications);

create function take_prompts(p_rows scheduled_notifications[]) returns text[]
  language plpgsql
as $$
begin
  perform make_prompts(array_agg(q.event_id), array_agg(q.user_id), array_agg(q.prompt_number), array_agg(q.revision))
  from unnest(p_rows) q;
  return array_fill(null::text, array[cardinality(p_rows)]);
end
$$;

create function take_digests(p_rows scheduled_notifications[]) returns text[]
  language plpgsql
as $$
begin
  return array(
    select case when not take_lines(p_rows[n]) then 'nothing_to_ask' end from generate_subscripts(p_rows, 1) n order by n
  );
end
$$;

update notification_kinds set take = take || 's' where take in ('take_prompt', 'take_digest');

comment on column notification_kinds.take is
  'function (scheduled_notifications[]) returns text[]: makes what they are about, at each attempt; of each, why there is '
  'nothing to send, or null.';

create function stop_rows(p_kind notification_kinds, p_rows scheduled_notifications[])
  returns table (id bigint, preference_id bigint, preference_generation int)
  language plpgsql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  v_now timestamptz := app_now();
  v_category text := stoppable_category(p_kind.kind);
begin
  -- Not by the index of the organisation, which may have a million: a plan made
  -- while there was nobody in it would choose either.
  if v_category = 'prompt' then
    insert into event_notification_preferences (user_id, org_id, created_at, updated_at)
    select distinct q.user_id, q.org_id, v_now, v_now
    from unnest(p_rows) q
    where not exists (
      select from event_notification_preferences p where p.user_id = q.user_id and p.org_id is not distinct from q.org_id
    )
    order by q.user_id, q.org_id
    on conflict do nothing;
    return query
      select q.id, p.id, p.generation
      from unnest(p_rows) q
      join event_notification_preferences p on p.user_id = q.user_id and p.org_id is not distinct from q.org_id;
  elsif v_category is not null then
    insert into category_preferences (user_id, org_id, category, channel, created_at, updated_at)
    select distinct q.user_id, q.org_id, v_category, 'email', v_now, v_now
    from unnest(p_rows) q
    where not exists (
      select from category_preferences p
      where p.user_id = q.user_id and p.org_id is not distinct from q.org_id and p.category = v_category and p.channel = 'email'
    )
    order by q.user_id, q.org_id
    on conflict do nothing;
    return query
      select q.id, p.id, p.generation
      from unnest(p_rows) q
      join category_preferences p
        on p.user_id = q.user_id and p.org_id is not distinct from q.org_id and p.category = v_category and p.channel = 'email';
  end if;
end
$$;

comment on function stop_rows(notification_kinds, scheduled_notifications[]) is
  'What the link is made of that stops such messages, of one kind; none when no link does.';

create function recipients_of(
  p_kind notification_kinds, p_rows scheduled_notifications[], p_channel text,
  out recipients text[], out emails text[], out names text[], out tokens jsonb[]
)
  language plpgsql stable
as $$
begin
  if p_channel = 'push' then
    tokens := array(
      select (select jsonb_agg(d.token order by d.id) from device_tokens d where d.user_id = q.user_id)
      from unnest(p_rows) with ordinality q
      order by q.ordinality
    );
    recipients := array(select encode(sha256(convert_to(t.tokens::text, 'UTF8')), 'hex') from unnest(tokens) as t(tokens));
  else
    execute format(
      'select array_agg(r.email order by n), array_agg(r.name order by n)
       from generate_subscripts($1, 1) n left join lateral public.%I($1[n]) r on true',
      coalesce(p_kind.recipient, 'person_recipient')
    )
    into emails, names using p_rows;
    recipients := emails;
  end if;
end
$$;

comment on function recipients_of(notification_kinds, scheduled_notifications[], text) is
  'Whom messages of one kind go to by the channel, by their places: addresses and names, or devices. recipients is what '
  'tells them apart: to another, a message is not a copy.';

create function choose_way(p_row scheduled_notifications, p_kind notification_kinds, p_push boolean)
  returns scheduled_notifications
  language plpgsql stable
as $$
begin
  if p_row.channel = 'push'
    or (p_push and p_row.push_state is null and p_row.first_attempt_at is null and p_kind.category <> 'account')
  then
    p_row.push_cause := coalesce(
      why_not_pushed(p_row, p_push), case p_row.channel when 'push' then 'push_down' else 'no_device' end
    );
    p_row.push_state := case p_row.channel when 'push' then 'dead' else 'skipped' end;
  end if;
  return p_row;
end
$$;

comment on function choose_way(scheduled_notifications, notification_kinds, boolean) is
  'A message that is to be mailed: why it is not pushed, when it could have been.';

create function begin_attempts(
  p_rows scheduled_notifications[], p_channel text, p_recipients text[]
) returns scheduled_notifications[]
  language plpgsql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  v_now timestamptz := app_now();
  v_rows scheduled_notifications[];
begin
  with begun as (
    update scheduled_notifications q
    set
      channel = p_channel,
      push_state = w.push_state,
      push_cause = w.push_cause,
      retry_count = case when q.channel = p_channel then q.retry_count else 0 end + 1,
      first_attempt_at = coalesce(case when q.channel = p_channel then q.first_attempt_at end, v_now),
      lease_until = v_now + interval '5 minutes',
      cause = null,
      message = case when q.message_to = p_recipients[w.ordinality::int] then q.message end,
      message_to = p_recipients[w.ordinality::int]
    from unnest(p_rows) with ordinality w
    where q.id = w.id
    returning q as row, w.ordinality as place
  )
  select array_agg(begun.row order by begun.place) into v_rows from begun;
  return v_rows;
end
$$;

comment on function begin_attempts(scheduled_notifications[], text, text[]) is
  'Counts the attempt of each, anew by another channel than before. The rows as they are then.';

create function take_all(p_kind notification_kinds, p_rows scheduled_notifications[], p_recipients text[]) returns text[]
  language plpgsql
as $$
declare
  v_rows scheduled_notifications[] := p_rows;
  v_causes text[];
begin
  for n in 1..cardinality(v_rows) loop
    if v_rows[n].message_to is distinct from p_recipients[n] then
      v_rows[n].message := null;
    end if;
  end loop;
  execute format('select public.%I($1)', p_kind.take) into v_causes using v_rows;
  return v_causes;
end
$$;

comment on function take_all(notification_kinds, scheduled_notifications[], text[]) is
  'Makes what messages of one kind are about: why there is nothing to send, by their places, or null.';

create function describe_kind(
  p_kind notification_kinds, p_rows scheduled_notifications[], p_emails text[], p_names text[], p_tokens jsonb[]
) returns setof prepared_notification
  language plpgsql
as $$
declare
  v_link record;
  v_data jsonb[];
begin
  select null::bigint[] as row_ids, null::int[] as generations, null::timestamptz[] as expire into v_link;
  if p_kind.link is not null then
    execute format(
      'select array_agg(l.row_id order by n) as row_ids, array_agg(l.generation order by n) as generations,
         array_agg(l.expires_at order by n) as expire
       from generate_subscripts($1, 1) n left join lateral public.%I($1[n]) l on true', p_kind.link
    )
    into v_link using p_rows;
  end if;
  if p_kind.display is not null then
    execute format('select array(select public.%I($1[n]) from generate_subscripts($1, 1) n order by n)', p_kind.display)
    into v_data using p_rows;
  end if;
  return query
    select
      q.id, 'send', null::text, p_kind.template, q.message, q.first_attempt_at,
      to_char(q.first_attempt_at at time zone 'UTC', 'Dy, DD Mon YYYY HH24:MI:SS') || ' +0000',
      p_emails[q.place], p_names[q.place],
      -- Short enough for a mail of 20 KiB, whatever is in it.
      o.id, shorten(o.name, 100), v_data[q.place], v_link.row_ids[q.place], v_link.generations[q.place],
      coalesce(v_link.expire[q.place], q.expires_at), s.preference_id, s.preference_generation, p_tokens[q.place]
    from (select w.*, w.ordinality::int as place from unnest(p_rows) with ordinality w) q
    left join organizations o on o.id = q.org_id
    left join stop_rows(p_kind, p_rows) s on s.id = q.id;
end
$$;

create function prepare_kind(
  p_kind notification_kinds, p_rows scheduled_notifications[], p_channel text, p_push boolean
) returns setof prepared_notification
  language plpgsql
as $$
declare
  v_made prepared_notification;
  v_row scheduled_notifications;
  v_rows scheduled_notifications[] := '{}';
  v_wanted scheduled_notifications[] := '{}';
  v_check record;
  v_to record;
  v_causes text[];
begin
  foreach v_row in array p_rows loop
    v_made.id := v_row.id;
    v_made.cause := case p_channel when 'push' then why_not_pushed(v_row, p_push) end;
    if v_made.cause is not null then
      v_made.outcome := 'email';
      perform end_push(
        v_row, case v_row.channel when 'push' then 'dead' else 'skipped' end, v_made.cause, null
      );
      return next v_made;
      continue;
    elsif p_channel = 'email' then
      v_row := choose_way(v_row, p_kind, p_push);
    end if;
    v_row.channel := p_channel;
    v_rows := v_rows || v_row;
  end loop;

  for v_check in select * from recheck_notifications(p_kind, v_rows) r order by r.place loop
    v_row := v_rows[v_check.place];
    v_made.id := v_row.id;
    v_made.cause := coalesce(v_check.cause, v_check.held_cause);
    if v_made.cause is null then
      v_wanted := v_wanted || v_row;
      continue;
    elsif v_check.cause is not null then
      v_made.outcome := 'skip';
      perform end_notification(v_row, state_unsent(v_check.cause), v_check.cause, null, null);
    else
      v_made.outcome := 'hold';
      update scheduled_notifications q
      set
        urgency = coalesce(v_check.held_urgency, q.urgency),
        not_before = v_check.held_until,
        cause = v_check.held_cause,
        lease_id = null,
        lease_until = null
      where q.id = v_row.id;
    end if;
    return next v_made;
  end loop;

  v_to := recipients_of(p_kind, v_wanted, p_channel);
  if p_kind.take is not null and cardinality(v_wanted) > 0 then
    v_rows := '{}';
    v_causes := take_all(p_kind, v_wanted, v_to.recipients);
    for n in 1..cardinality(v_wanted) loop
      if v_causes[n] is null then
        v_rows := v_rows || v_wanted[n];
        continue;
      end if;
      v_made.id := v_wanted[n].id;
      v_made.outcome := 'skip';
      v_made.cause := v_causes[n];
      perform end_notification(v_wanted[n], state_unsent(v_causes[n]), v_causes[n], null, null);
      return next v_made;
    end loop;
    if cardinality(v_rows) < cardinality(v_wanted) then
      v_wanted := v_rows;
      v_to := recipients_of(p_kind, v_wanted, p_channel);
    end if;
  end if;
  if cardinality(v_wanted) = 0 then
    return;
  end if;

  if p_kind.inbox_path is not null then
    perform put_in_inbox(q) from unnest(v_wanted) q;
  end if;
  v_wanted := begin_attempts(v_wanted, p_channel, v_to.recipients);
  return query select * from describe_kind(p_kind, v_wanted, v_to.emails, v_to.names, v_to.tokens);
end
$$;

create function prepare_notifications(
  p_ids bigint[], p_leases bigint[], p_channel text default 'email', p_push boolean default false
) returns setof prepared_notification
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_rows scheduled_notifications[] := leased_rows(p_ids, p_leases);
  v_lost prepared_notification;
  v_kind notification_kinds;
begin
  v_lost.outcome := 'lost';
  foreach v_lost.id in array coalesce(p_ids, '{}') loop
    if v_lost.id <> all (array(select q.id from unnest(v_rows) q)) then
      return next v_lost;
    end if;
  end loop;
  for v_kind in
    select * from notification_kinds k where k.kind = any (array(select q.kind from unnest(v_rows) q)) order by k.kind
  loop
    return query
      select * from prepare_kind(v_kind, array(select q from unnest(v_rows) q where q.kind = v_kind.kind), p_channel, p_push);
  end loop;
end
$$;

comment on function prepare_notifications(bigint[], bigint[], text, boolean) is
  'Looks at claimed messages again, counts the attempt of each, and gives all that it is made of for the channel that they '
  'were claimed for: outcome is send, skip or hold with the cause, email (it cannot be pushed, for that cause: it is to be '
  'claimed as mail), or lost. tokens: those of the devices that it is pushed to. A message that stands in the row is sent '
  'as it is, and never rendered again.';

drop function keep_message(bigint, bigint, bytea);

create function keep_messages(p_ids bigint[], p_leases bigint[], p_messages bytea[]) returns setof bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
begin
  return query
    update scheduled_notifications q
    set message = case when k.stored then w.message end
    from unnest(p_ids, p_leases, p_messages) as w(id, lease, message), notification_kinds k
    where q.id = w.id
      and q.lease_id = w.lease
      and q.message is null
      and k.kind = q.kind
    returning q.id;
end
$$;

comment on function keep_messages(bigint[], bigint[], bytea[]) is
  'Stores rendered messages with their first attempt, but for links that sign in. Gives the ids of those that are ours '
  'still: the others must not be sent.';

grant execute on function
  prepare_notifications(bigint[], bigint[], text, boolean),
  keep_messages(bigint[], bigint[], bytea[]),
  record_sent(bigint[], bigint[], int[], int[])
  to rollcall_sweep;

commit;
