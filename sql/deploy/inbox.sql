-- Deploy rollcall:inbox to pg
-- What is worth reading later stands in the person's inbox too, from when it is
-- first taken out to be sent.

begin;

-- From 15.19 on PostgreSQL adds no column with a default to a table as long as
-- a function whose body it keeps parsed reads a row of it: so it keeps their
-- text, which does the same.
do $$
declare
  v_function text;
begin
  for v_function in
    select pg_get_functiondef(p.oid)
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace
      and p.prosqlbody is not null
      and exists (
        select from unnest(p.proargtypes::oid[]) a(type)
        join pg_class c on c.reltype = a.type
        where c.relnamespace = p.pronamespace and c.relkind in ('r', 'p')
      )
  loop
    execute regexp_replace(
      regexp_replace(v_function, E'\nBEGIN ATOMIC\n(.*)\nEND\n*$', E'\nAS $body$\n\\1\n$body$'),
      E'\nRETURN (.*)$', E'\nAS $body$ select \\1 $body$'
    );
  end loop;
end
$$;

alter table notification_kinds add column inbox_path text;

comment on column notification_kinds.inbox_path is
  'Not null: it is kept in the person''s inbox. The page that it is about, with {event}, {shift} and {org} in it, or empty.';

update notification_kinds k
set inbox_path = p.path
from (
  values
    ('registration', '/events/{event}'),
    ('promotion', '/events/{event}'),
    ('shift_change', '/shifts/{shift}'),
    ('shift_swap', ''),
    ('shift_news', '/staff/{org}/shifts/{shift}'),
    ('absence_question', '/staff/{org}/events/{event}/absences'),
    ('audit_notice', '/staff/{org}/audit'),
    ('responder_news', '/staff/{org}/people'),
    ('staff_notice', '')
) as p(kind, path)
where k.kind = p.kind;

alter table notifications
  add column notification_id text collate "C",
  add column path text not null default '';

comment on column notifications.notification_id is
  'Of what stands in the inbox: the message it came with. Null: a question, which has a place of its own.';
comment on column notifications.path is 'The page of ours that it is about, or empty.';

update personal_data set columns = columns || '{inbox_path}' where relation = 'notification_kinds';
update personal_data set columns = columns || '{notification_id,path}' where relation = 'notifications';

commit;

create unique index concurrently notifications_inbox_once on notifications (notification_id)
  where notification_id is not null;
create index concurrently notifications_inbox on notifications (user_id, id) where notification_id is not null;

begin;

create function put_in_inbox(p_row scheduled_notifications) returns void
  language plpgsql
as $$
begin
  insert into notifications (user_id, org_id, type, revision, title, path, notification_id, created_at)
  select
    p_row.user_id, p_row.org_id, p_row.kind, p_row.revision, coalesce(e.title, d.title, o.name),
    case when e.id is not null or k.inbox_path !~ '[{]event' then
      replace(replace(replace(
        k.inbox_path, '{event}', coalesce(p_row.event_id::text, '')), '{shift}', coalesce(p_row.schedule_id::text, '')
      ), '{org}', o.slug)
    else '' end,
    p_row.notification_id, app_now()
  from notification_kinds k
  join organizations o on o.id = p_row.org_id
  left join events e on e.id = p_row.event_id
  left join duty_schedules d on d.id = p_row.schedule_id
  where k.kind = p_row.kind
    and k.inbox_path is not null
    and p_row.user_id is not null
    and is_wanted(p_row.user_id, p_row.org_id, stoppable_category(p_row.kind), 'inbox')
  on conflict do nothing;
end
$$;

comment on function put_in_inbox(scheduled_notifications) is 'Once for each message, for kinds that have a place there.';

create function own_inbox(p_session bytea, p_before bigint, p_most int)
  returns table (
    id bigint, kind text, title text, org_name text, path text, at text, at_text text, is_unread boolean
  )
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select
      n.id,
      n.type,
      n.title,
      o.name,
      n.path,
      iso_time(n.created_at, z.zone),
      say_time(n.created_at, z.zone),
      n.read_at is null
    from live_sessions s
    cross join lateral user_zone(s.user_id) as z(zone)
    join notifications n on n.user_id = s.user_id and n.notification_id is not null
    join organizations o on o.id = n.org_id
    where s.hash = p_session
      and (p_before is null or n.id < p_before)
    order by n.id desc
    limit p_most;
  end;

create function read_news(p_session bytea, p_id bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
begin
  update notifications
  set read_at = coalesce(read_at, app_now())
  where id = p_id and user_id = v_user and notification_id is not null;
  if not found then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
end
$$;

create function read_all_news(p_session bytea, p_last bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_user bigint := require_session(p_session);
begin
  update notifications
  set read_at = app_now()
  where user_id = v_user
    and id <= p_last
    and notification_id is not null
    and read_at is null;
end
$$;

comment on function read_all_news(bytea, bigint) is 'All that was there when the page was shown: its newest was p_last.';

grant execute on function
  own_inbox(bytea, bigint, int),
  read_news(bytea, bigint),
  read_all_news(bytea, bigint)
  to rollcall_member;

commit;
