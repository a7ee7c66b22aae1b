-- Deploy rollcall:door_sync to pg
-- Staff let in somebody new without a network too; and a door's page says for
-- how long it may be kept.

begin;

create or replace function bound_attempts(p_event bigint, p_user bigint, p_device uuid, p_attempts jsonb) returns jsonb
  language sql stable
as $$
  select coalesce(jsonb_agg(
    (a.attempt - case when is_staff then '{hashes}' else '{email,name,hashes}' end::text[]) || jsonb_build_object(
      'device', p_device,
      'device_at', device_moment(a.attempt -> 'at'),
      'made_at', case
        when c.id is not null then greatest(c.at, least(device_moment(a.attempt -> 'at'), n.at, app_now()))
        else app_now()
      end
    )
    order by a.place
  ), '[]')
  from jsonb_array_elements(p_attempts) with ordinality as a(attempt, place)
  cross join (
    select exists (
      select
      from events e
      join memberships m on m.org_id = e.org_id
      where e.id = p_event
        and m.user_id = p_user
        and role_rank(m.role) >= role_rank('staff')
    )
  ) as may(is_staff)
  left join door_contacts c
    on c.id = read_uuid(a.attempt ->> 'contact')
    and c.event_id = p_event
    and c.device = p_device
    and c.user_id = p_user
  left join lateral (
    select next.at
    from door_contacts next
    where next.event_id = p_event
      and next.device = p_device
      and next.at > c.at
      and next.known
    order by next.at
    limit 1
  ) n on true
$$;

comment on function bound_attempts(bigint, bigint, uuid, jsonb) is
  'The attempts with made_at: the device''s time, no earlier than the contact that each was made under and no later than '
  'the device''s next one. Without such a contact of this person: now. Somebody new comes in by staff only: of others name and '
  'address are left out, so that what else they did is done.';

create function door_left(p_session bytea, p_slug text, p_event bigint) returns bigint
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
  select greatest(0, floor(extract(epoch from e.effective_end + interval '24 hours' - app_now()) * 1000))::bigint
  from team_org(p_session, p_slug, 'door') t
  join events e on e.org_id = t.org_id and e.id = p_event
  where e.deleted_at is null;
$$;

comment on function door_left(bytea, text, bigint) is
  'For how many milliseconds a device may keep the list of an event''s door: until a day after the end.';

grant execute on function door_left(bytea, text, bigint) to rollcall_staff;

commit;
