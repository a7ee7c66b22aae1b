-- Revert rollcall:responders from pg

begin;

drop function open_watched(bytea, text, text, bigint, text);

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
      and role_rank(m.role) >= role_rank(p_least);
end
$$;

comment on function team_org(bytea, text, text) is
  'The organisation, when whoever is signed in has at least that role in it; else no row. What every query of the '
  'staff''s pages starts from.';

commit;
