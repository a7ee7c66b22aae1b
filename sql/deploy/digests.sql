-- Deploy rollcall:digests to pg
-- A digest says of each of its events whether the door has the person as
-- absent, as the mail about one event does.

begin;

create or replace function digest_display(p_row scheduled_notifications) returns jsonb
  language plpgsql stable
as $$
begin
  return (
    with line as (
      select
        l.*,
        row_number() over (order by l.effective_end, l.id) as place
      from (
        select
          n.id,
          n.generation,
          shorten(e.title, 80) as title,
          say_event_start(e.starts_at, e.all_day, coalesce(e.timezone, o.timezone), z.zone) as starts_text,
          extract(epoch from q.expires_at)::bigint as expires,
          q.prompt_number = 2 as is_last,
          coalesce(e.takes_attendance and p.attendance_status = 'absent', false) as door_absent,
          e.effective_end
        from scheduled_notifications q
        join events e on e.id = q.event_id
        join organizations o on o.id = q.org_id
        join users u on u.id = q.user_id
        join notifications n on n.user_id = q.user_id and n.event_id = q.event_id and n.type = q.kind
          and n.prompt_number = q.prompt_number and n.revision = q.revision
        left join event_participants p on p.event_id = q.event_id and p.user_id = q.user_id
        cross join lateral safe_zone(coalesce(u.timezone, o.timezone)) as z(zone)
        where q.user_id = (p_row).user_id
          and q.digest_id = (p_row).id
          and q.first_attempt_at is not null
      ) l
    )
    select jsonb_build_object(
      'user_name', u.name,
      'org_name', shorten(o.name, 100),
      'org_slug', o.slug,
      'postal_address', shorten(o.postal_address, 300),
      'zone', safe_zone(coalesce(u.timezone, o.timezone)),
      'is_weekly', coalesce(f.frequency = 'weekly', false),
      'one', (select min(line.title) from line having count(*) = 1),
      'many', (select count(*) from line having count(*) > 1),
      'asked', (select count(*) from line),
      'lines', (
        select coalesce(jsonb_agg(
          jsonb_build_object(
            'row_id', line.id,
            'generation', line.generation,
            'expires', line.expires,
            'event_title', line.title,
            'starts_text', line.starts_text,
            'is_last', line.is_last,
            'door_absent', line.door_absent
          )
          order by line.place
        ), '[]')
        from line
        where line.place <= 50
      )
    )
    from users u
    join organizations o on o.id = (p_row).org_id
    left join event_notification_preferences f on f.user_id = u.id and f.org_id = o.id
    where u.id = (p_row).user_id
  );
end
$$;

commit;
