-- Deploy rollcall:rights to pg
-- What writes learns with one look whether it is done by staff.

begin;

drop function require_team(bytea, text, text);

create function require_team(
  p_session bytea, p_slug text, p_least text, out org_id bigint, out user_id bigint, out is_staff boolean
)
  language plpgsql
as $$
begin
  if session_user_id(p_session) is null then
    raise exception using errcode = 'RC401', message = 'no_session';
  end if;
  select t.org_id, t.user_id, role_rank(t.role) >= role_rank('staff')
  into org_id, user_id, is_staff
  from team_org(p_session, p_slug, p_least) t;
  if org_id is null then
    raise exception using errcode = 'RC404', message = 'absent';
  end if;
end
$$;

comment on function require_team(bytea, text, text) is 'The same for what writes: raises 401 or 404.';

commit;
