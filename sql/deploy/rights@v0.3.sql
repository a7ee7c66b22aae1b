-- Deploy rollcall:rights to pg
-- Who may do what in an organisation, and who looked where a rule wants it
-- known, or tried what they may not.

begin;

create function role_rank(p_role text) returns int
  language sql immutable parallel safe
  return array_position(array['member', 'door', 'staff', 'admin'], p_role);

comment on function role_rank(text) is 'Each role may do what those before it may; null for no role.';

create function team_org(p_session bytea, p_slug text, p_least text)
  returns table (org_id bigint, user_id bigint, role text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select o.id, m.user_id, m.role
    from live_sessions s
    join memberships m on m.user_id = s.user_id
    join organizations o on o.id = m.org_id
    where s.hash = p_session
      and o.slug = p_slug
      and role_rank(m.role) >= role_rank(p_least);
  end;

comment on function team_org(bytea, text, text) is
  'The organisation, when whoever is signed in has at least that role in it; else no row. What every query of the '
  'staff''s pages starts from.';

create function require_team(p_session bytea, p_slug text, p_least text, out org_id bigint, out user_id bigint)
  language plpgsql
as $$
begin
  if session_user_id(p_session) is null then
    raise exception using errcode = 'RC401', message = 'no_session';
  end if;
  select t.org_id, t.user_id into org_id, user_id from team_org(p_session, p_slug, p_least) t;
  if org_id is null then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
end
$$;

comment on function require_team(bytea, text, text) is 'The same for what writes: raises 401 or 404.';

create table access_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default app_now(),
  user_id bigint references users on delete set null,
  org_id bigint references organizations on delete cascade,
  action text not null check (action in ('opened', 'refused')),
  what text not null check (length(what) <= 200),
  subject bigint,
  request_id text check (length(request_id) <= 64)
);

create index access_log_org on access_log (org_id, at);
create index access_log_user on access_log (user_id, at);

comment on table access_log is 'Who opened what, where a rule says that it is logged, and who asked for what they may not see.';
comment on column access_log.what is 'The address as the program''s table of routes has it: no name, no key.';
comment on column access_log.subject is 'The number in the address, when there is one; its row may not exist.';

create function log_access(
  p_session bytea, p_slug text, p_action text, p_what text, p_subject bigint, p_request_id text
) returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    insert into access_log (user_id, org_id, action, what, subject, request_id)
    select s.user_id, o.id, p_action, left(p_what, 200), p_subject, left(p_request_id, 64)
    from live_sessions s
    left join organizations o on o.slug = p_slug
    where s.hash = p_session;
  end;

grant select on live_sessions, organizations, memberships to rollcall_staff;
grant select (id, name, timezone, locale) on users to rollcall_staff;
grant select on timezones to rollcall_staff;
grant execute on function role_rank(text) to rollcall_member, rollcall_staff;
grant execute on function
  safe_zone(text),
  say_date(timestamptz, text),
  say_time(timestamptz, text),
  iso_time(timestamptz, text),
  say_event_start(timestamptz, boolean, text, text),
  say_event_end(timestamptz, timestamptz, boolean, text, text),
  shorten(text, int),
  user_zone(bigint),
  team_org(bytea, text, text),
  log_access(bytea, text, text, text, bigint, text)
  to rollcall_staff;

commit;
