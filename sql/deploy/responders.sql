-- Deploy rollcall:responders to pg
-- Responder is a right of its own beside the roles: no role includes it, and it
-- includes none.

begin;

create or replace function team_org(p_session bytea, p_slug text, p_least text)
  returns table (org_id bigint, user_id bigint, role text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
  rows 1
as $$
begin
  return query
    select o.id, m.user_id, m.role
    from live_sessions s
    join memberships m on m.user_id = s.user_id
    join organizations o on o.id = m.org_id
    where s.hash = p_session
      and o.slug = p_slug
      and case p_least when 'responder' then m.responder else role_rank(m.role) >= role_rank(p_least) end;
end
$$;

comment on function team_org(bytea, text, text) is
  'The organisation, when whoever is signed in has at least that role in it, or with responder that flag; else no row. '
  'What every query of the team''s pages starts from.';

create function open_watched(p_session bytea, p_slug text, p_what text, p_person bigint, p_request_id text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  insert into access_log (user_id, org_id, action, what, subject, request_id)
  select t.user_id, t.org_id, 'opened', left(p_what, 200), p_person, left(p_request_id, 64)
  from team_org(p_session, p_slug, 'responder') t
  join memberships m on m.org_id = t.org_id and m.user_id = p_person;
end
$$;

comment on function open_watched(bytea, text, text, bigint, text) is
  'Which responder reads about whom is known: to be called with each opening of a page about one person.';

grant execute on function open_watched(bytea, text, text, bigint, text) to rollcall_staff;

commit;
