-- Deploy rollcall:pauses to pg
-- An admin holds back what an organisation sends of a category, until one lets
-- it go: nothing is lost but what is of no more use by then.

set client_min_messages = warning;

drop index if exists scheduled_notifications_paused;
create index concurrently scheduled_notifications_paused on scheduled_notifications (org_id, id) where cause = 'paused';

begin;

alter table notification_categories add column pausable boolean not null default false;

comment on column notification_categories.pausable is
  'Whether an organisation may hold it back. Links to sign in, and what watches over people, are never held by anybody.';

update notification_categories set pausable = true where category in ('prompt', 'event', 'shift', 'care');

create table category_pauses (
  org_id bigint not null references organizations on delete cascade,
  category text not null references notification_categories,
  reason text not null check (reason in ('wrong', 'many', 'decision', 'other')),
  paused_by bigint references users on delete set null,
  paused_at timestamptz not null default app_now(),
  primary key (org_id, category)
);

create index category_pauses_by on category_pauses (paused_by);

comment on table category_pauses is 'What an organisation holds back at present; what it did before stands in org_changes.';

insert into personal_data (relation, columns, downloaded, erased) values
  ('category_pauses', '{category,reason,paused_by}', 'no: the organisation''s; that they chose it is in changes',
    'stays: the organisation''s, without who it was');

create function is_paused(p_row scheduled_notifications) returns boolean
  language plpgsql
as $$
begin
  -- Held until what it is looked at for is committed: who lets the category go
  -- waits for it, and then finds the message held.
  perform from category_pauses p
  join notification_kinds k using (category)
  where p.org_id = p_row.org_id
    and k.kind = p_row.kind
    and (p.category <> 'shift' or p_row.schedule_id is not null or p_row.event_id is not null)
  for key share of p;
  return found;
end
$$;

comment on function is_paused(scheduled_notifications) is
  'Whether its organisation holds back such messages. Notices to the team about the service itself pass.';

create or replace function hold_notification(
  p_row scheduled_notifications, out held_until timestamptz, out held_cause text, out held_urgency smallint
)
  language plpgsql stable
as $$
begin
  if is_paused(p_row) then
    held_until := p_row.expires_at;
    held_cause := 'paused';
    return;
  end if;
  held_until := line_time(p_row);
  if held_until is not null then
    held_cause := 'digest';
    held_urgency := 4;
    return;
  end if;
  held_until := held_until(p_row);
  if held_until > app_now() then
    held_cause := 'quiet_hours';
  else
    held_until := null;
  end if;
end
$$;

create function team_pauses(p_session bytea, p_slug text)
  returns table (
    category text, is_paused boolean, reason text, paused_at timestamptz, paused_by text, held bigint, zone text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select
      c.category, p.category is not null, p.reason, p.paused_at, u.name,
      case when p.category is not null then (
        select count(*)
        from (
          select
          from scheduled_notifications q
          join notification_kinds k using (kind)
          where q.org_id = t.org_id and q.cause = 'paused' and k.category = c.category
          limit 1000
        ) w
      ) end,
      user_zone(t.user_id)
    from team_org(p_session, p_slug, 'staff') t
    cross join notification_categories c
    left join category_pauses p on p.org_id = t.org_id and p.category = c.category
    left join users u on u.id = p.paused_by
    where c.pausable
      and (
        p.category is not null
        or exists (
          select from notification_kinds k
          where k.category = c.category and k.kind <> all (hidden_kinds(t.org_id, t.user_id))
        )
      )
    order by c.category;
end
$$;

comment on function team_pauses(bytea, text) is
  'The categories that an organisation may hold back, and which it does, why, since when and by whom; held: how many wait '
  'for that, a thousand at most.';

create function pause_category(
  p_session bytea, p_slug text, p_category text, p_reason text, p_request_id text
) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record := require_team(p_session, p_slug, 'admin');
begin
  if not exists (select from team_pauses(p_session, p_slug) t where t.category = p_category) then
    raise exception using errcode = 'RC422', message = 'bad_category', detail = 'category';
  elsif p_reason is null or p_reason not in ('wrong', 'many', 'decision', 'other') then
    raise exception using errcode = 'RC422', message = 'bad_reason', detail = 'reason';
  end if;
  insert into category_pauses (org_id, category, reason, paused_by)
  values (v_team.org_id, p_category, p_reason, v_team.user_id)
  on conflict do nothing;
  if found then
    perform
      act_as(v_team.user_id, p_request_id),
      record_change(v_team.org_id, null, 'setting', 'pause_' || p_category, null, p_reason);
  end if;
end
$$;

comment on function pause_category(bytea, text, text, text, text) is
  'From now on such messages are held when they are due. Who did so, and why, is kept. Again changes nothing.';

create function resume_category(p_session bytea, p_slug text, p_category text, p_request_id text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record := require_team(p_session, p_slug, 'admin');
  v_reason text;
begin
  delete from category_pauses
  where org_id = v_team.org_id and category = p_category
  returning reason into v_reason;
  if not found then
    return;
  end if;
  perform
    act_as(v_team.user_id, p_request_id),
    record_change(v_team.org_id, null, 'setting', 'pause_' || p_category, v_reason, null);
  update scheduled_notifications q
  set not_before = greatest(q.scheduled_for, app_now()), cause = null
  from notification_kinds k
  where q.org_id = v_team.org_id
    and q.cause = 'paused'
    and k.kind = q.kind
    and k.category = p_category;
  notify rollcall_queue, '';
end
$$;

comment on function resume_category(bytea, text, text, text) is
  'Lets go what was held for that: it is looked at again and leaves, or waits for what else there is. Again changes nothing.';

grant execute on function
  team_pauses(bytea, text),
  pause_category(bytea, text, text, text, text),
  resume_category(bytea, text, text, text)
  to rollcall_staff;

commit;
