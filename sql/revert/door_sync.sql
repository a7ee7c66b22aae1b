-- Revert rollcall:door_sync from pg

begin;

drop function door_left(bytea, text, bigint);

create or replace function bound_attempts(p_event bigint, p_user bigint, p_device uuid, p_attempts jsonb) returns jsonb
  language sql stable
as $$
  select coalesce(jsonb_agg(
    (a.attempt - '{email,name,hashes}'::text[]) || jsonb_build_object(
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
  'the device''s next one. Without such a contact of this person: now. Nobody new comes in this way: their address is looked '
  'at while they are there.';

create or replace function sync_door(
  p_session bytea, p_slug text, p_event bigint, p_device text, p_contact text, p_whole boolean, p_attempts jsonb,
  p_request_id text
) returns jsonb
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record;
  v_device uuid := read_uuid(p_device);
  v_end timestamptz;
  v_keys uuid[];
  v_held door_contacts;
  v_contact door_contacts;
  v_since timestamptz;
begin
  perform require_team(p_session, p_slug, 'door');
  select t.org_id, t.user_id, role_rank(t.role) >= role_rank('staff') as is_staff
  into v_team
  from team_org(p_session, p_slug, 'door') t;
  if v_device is null then
    raise exception using errcode = 'RC422', message = 'invalid', detail = 'device';
  end if;
  v_keys := record_attempts(
    v_team.org_id, v_team.user_id, v_team.is_staff, p_event,
    bound_attempts(p_event, v_team.user_id, v_device, p_attempts), p_request_id
  );
  select e.effective_end into v_end from events e where e.id = p_event;

  update door_contacts c set known = true
  where c.id = read_uuid(p_contact)
    and c.event_id = p_event
    and c.device = v_device
    and c.user_id = v_team.user_id
  returning * into v_held;
  if v_held.id is null or p_whole or v_keys <> '{}' then
    insert into door_contacts (org_id, event_id, user_id, device)
    values (v_team.org_id, p_event, v_team.user_id, v_device)
    returning * into v_contact;
  else
    v_contact := v_held;
  end if;
  -- What was under way when the device last heard of the list is in it now.
  v_since := case when not p_whole then v_held.at - interval '1 minute' end;
  return jsonb_build_object(
    'contact', v_contact.id,
    'now', floor(extract(epoch from app_now()) * 1000),
    'until', floor(extract(epoch from v_end + interval '24 hours') * 1000),
    'whole', v_since is null and v_team.is_staff,
    'results', (select coalesce(jsonb_agg(to_jsonb(t)), '[]') from told_attempts(v_team.org_id, v_keys, v_team.is_staff) t),
    'people', (
      select coalesce(jsonb_agg(to_jsonb(l)), '[]')
      from door_list(p_event, v_since) l
      where v_team.is_staff
    )
  );
end
$$;

commit;
