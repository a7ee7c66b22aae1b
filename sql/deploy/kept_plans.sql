-- Deploy rollcall:kept_plans to pg
-- A function of SQL that cannot be inlined is planned at each call, one of
-- PL/pgSQL once a connection. The pages of the team all begin with the first
-- of these, and their list of events was planned anew for a search that few
-- make: together two parts of three of what that list cost.

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
      and role_rank(m.role) >= role_rank(p_least);
end
$$;

create function find_team_events(
  p_org bigint, p_show text, p_words text, p_after timestamptz, p_after_event bigint
) returns setof events
  language plpgsql stable
  -- A word may be in one title or in all of them: each search has its own plan.
  set plan_cache_mode = force_custom_plan
as $$
declare
  v_now timestamptz := app_now();
  v_search tsquery := word_search('', p_words);
  v_found bigint[];
begin
  if v_search is null then
    return;
  end if;
  -- A rare word is looked up; one in thousands of titles is soon met on the way.
  v_found := array(select events_titled(word_search(p_org || ':', p_words), 20000));
  v_found := case when cardinality(v_found) < 20000 then v_found end;
  if p_show = 'past' then
    return query
      select *
      from events e
      where e.org_id = p_org
        and e.effective_end <= v_now
        and e.status <> 'draft'
        and e.deleted_at is null
        and (v_found is null or e.id = any(v_found))
        and (v_found is not null or to_tsvector('simple', e.title) @@ v_search)
        and (p_after is null or (e.effective_end, e.id) < (p_after, p_after_event))
      order by e.effective_end desc, e.id desc
      limit 51;
  elsif p_show = 'drafts' then
    return query
      select *
      from events e
      where e.org_id = p_org
        and e.status = 'draft'
        and e.deleted_at is null
        and (v_found is null or e.id = any(v_found))
        and (v_found is not null or to_tsvector('simple', e.title) @@ v_search)
        and (p_after is null or (e.effective_end, e.id) > (p_after, p_after_event))
      order by e.effective_end, e.id
      limit 51;
  else
    return query
      select *
      from events e
      where e.org_id = p_org
        and e.effective_end > v_now
        and e.deleted_at is null
        and (v_found is null or e.id = any(v_found))
        and (v_found is not null or to_tsvector('simple', e.title) @@ v_search)
        and (p_after is null or (e.effective_end, e.id) > (p_after, p_after_event))
      order by e.effective_end, e.id
      limit 51;
  end if;
end
$$;

comment on function find_team_events(bigint, text, text, timestamptz, bigint) is
  'Of team_events() those whose titles have words that begin like each of these.';

create or replace function team_events(
  p_session bytea, p_slug text, p_show text, p_words text, p_after timestamptz, p_after_event bigint
) returns setof events
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
  -- One plan for all: in the order that the index has, so that a page costs the
  -- same where an organisation has ten events and where it has a million.
  set plan_cache_mode = force_generic_plan
  set enable_sort = off
  rows 51
as $$
declare
  v_now timestamptz := app_now();
  v_org bigint := (select t.org_id from team_org(p_session, p_slug, 'staff') t);
begin
  if p_words <> '' then
    return query select * from find_team_events(v_org, p_show, p_words, p_after, p_after_event);
  elsif p_show = 'past' then
    return query
      select *
      from events e
      where e.org_id = v_org
        and e.effective_end <= v_now
        and e.status <> 'draft'
        and e.deleted_at is null
        and (e.effective_end, e.id) < (coalesce(p_after, 'infinity'), coalesce(p_after_event, 0))
      order by e.effective_end desc, e.id desc
      limit 51;
  elsif p_show = 'drafts' then
    return query
      select *
      from events e
      where e.org_id = v_org
        and e.status = 'draft'
        and e.deleted_at is null
        and (e.effective_end, e.id) > (coalesce(p_after, '-infinity'), coalesce(p_after_event, 0))
      order by e.effective_end, e.id
      limit 51;
  else
    return query
      select *
      from events e
      where e.org_id = v_org
        and e.effective_end > v_now
        and e.deleted_at is null
        and (e.effective_end, e.id) > (coalesce(p_after, '-infinity'), coalesce(p_after_event, 0))
      order by e.effective_end, e.id
      limit 51;
  end if;
end
$$;

commit;
