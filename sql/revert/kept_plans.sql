-- Revert rollcall:kept_plans from pg

begin;

create or replace function team_events(
  p_session bytea, p_slug text, p_show text, p_words text, p_after timestamptz, p_after_event bigint
) returns setof events
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
  -- A word may be in one title or in all of them: each search has its own plan.
  set plan_cache_mode = force_custom_plan
as $$
declare
  v_now timestamptz := app_now();
  v_org bigint := (select t.org_id from team_org(p_session, p_slug, 'staff') t);
  v_search tsquery := word_search('', p_words);
  v_found bigint[];
begin
  if p_words <> '' and v_search is null then
    return;
  elsif v_search is not null then
    -- A rare word is looked up; one in thousands of titles is soon met on the way.
    v_found := array(select events_titled(word_search(v_org || ':', p_words), 20000));
    v_found := case when cardinality(v_found) < 20000 then v_found end;
  end if;
  if p_show = 'past' then
    return query
      select *
      from events e
      where e.org_id = v_org
        and e.effective_end <= v_now
        and e.status <> 'draft'
        and e.deleted_at is null
        and (v_found is null or e.id = any(v_found))
        and (v_search is null or v_found is not null or to_tsvector('simple', e.title) @@ v_search)
        and (p_after is null or (e.effective_end, e.id) < (p_after, p_after_event))
      order by e.effective_end desc, e.id desc
      limit 51;
  elsif p_show = 'drafts' then
    return query
      select *
      from events e
      where e.org_id = v_org
        and e.status = 'draft'
        and e.deleted_at is null
        and (v_found is null or e.id = any(v_found))
        and (v_search is null or v_found is not null or to_tsvector('simple', e.title) @@ v_search)
        and (p_after is null or (e.effective_end, e.id) > (p_after, p_after_event))
      order by e.effective_end, e.id
      limit 51;
  else
    return query
      select *
      from events e
      where e.org_id = v_org
        and e.effective_end > v_now
        and e.deleted_at is null
        and (v_found is null or e.id = any(v_found))
        and (v_search is null or v_found is not null or to_tsvector('simple', e.title) @@ v_search)
        and (p_after is null or (e.effective_end, e.id) > (p_after, p_after_event))
      order by e.effective_end, e.id
      limit 51;
  end if;
end
$$;


drop function find_team_events(bigint, text, text, timestamptz, bigint);

create or replace function team_org(p_session bytea, p_slug text, p_least text)
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


commit;
