-- Revert rollcall:devices from pg

begin;

create or replace function own_account(p_user bigint, p_zone text) returns jsonb
  language sql stable
  begin atomic
    select jsonb_build_object(
      'account', (
        select jsonb_build_object(
          'number', u.id, 'name', u.name, 'email', u.email, 'timezone', u.timezone, 'locale', u.locale,
          'quiet_hours', jsonb_build_object('on', u.quiet, 'from', u.quiet_from, 'to', u.quiet_to),
          'address_refused_at', both_times(u.suppressed_at, p_zone), 'address_refused_with', u.suppressed_cause,
          'created_at', both_times(u.created_at, p_zone), 'updated_at', both_times(u.updated_at, p_zone)
        )
        from users u
        where u.id = p_user
      ),
      'memberships', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'short_name', o.slug, 'role', m.role, 'responder', m.responder,
          'found_by_fellow_members', m.listed, 'since', both_times(m.created_at, p_zone)
        ) order by m.created_at, o.id), '[]')
        from memberships m
        join organizations o on o.id = m.org_id
        where m.user_id = p_user
      ),
      'changes', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'of', case when c.user_id = p_user then 'you' when c.user_id is null then 'a setting' else 'somebody else' end,
          'what', c.what, 'setting', c.setting,
          'before', c.before, 'after', c.after, 'by', who_text(c.actor_id, p_user), 'at', both_times(c.at, p_zone),
          'request', case when c.actor_id = p_user then c.request_id end
        ) order by c.id), '[]')
        from org_changes c
        left join organizations o on o.id = c.org_id
        where c.user_id = p_user or c.actor_id = p_user
      ),
      'sessions', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'device', s.device, 'signed_in_at', both_times(s.created_at, p_zone),
          'last_used_at', both_times(s.last_seen_at, p_zone), 'expires_at', both_times(s.expires_at, p_zone),
          'ended_at', both_times(s.ended_at, p_zone)
        ) order by s.id), '[]')
        from sessions s
        where s.user_id = p_user
      ),
      'sign_in_requests', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'organisation', o.name, 'name', r.name, 'email', r.email, 'asked_at', both_times(r.created_at, p_zone),
          'expires_at', both_times(r.expires_at, p_zone), 'used_at', both_times(r.consumed_at, p_zone)
        ) order by r.id), '[]')
        from sign_in_requests r
        left join organizations o on o.id = r.org_id
        where r.user_id = p_user
          or lower(r.email) = (select lower(u.email) from users u where u.id = p_user)
      ),
      'downloads', (
        select coalesce(jsonb_agg(both_times(d.at, p_zone) order by d.at), '[]') from data_downloads d where d.user_id = p_user
      )
    );
  end;

drop function remove_device(bytea, bigint);
drop function own_devices(bytea);
drop function add_device(bytea, text, text);
delete from personal_data where relation = 'device_tokens';
drop table device_tokens;

commit;
