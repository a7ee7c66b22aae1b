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

commit;
