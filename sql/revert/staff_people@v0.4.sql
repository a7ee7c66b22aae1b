-- Revert rollcall:staff_people from pg

begin;

create or replace function remove_person(p_session bytea, p_slug text, p_person bigint, p_request_id text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_change record := begin_member_change(p_session, p_slug, p_person, p_request_id);
  v_org bigint := (v_change.member).org_id;
begin
  perform keep_an_admin(v_change.member);
  update event_participants p
  set status = 'cancelled', request_id = left(p_request_id, 64), updated_at = v_now
  from events e
  where e.id = p.event_id
    and e.effective_end > v_now
    and p.org_id = v_org
    and p.user_id = p_person
    and p.status <> 'cancelled';
  delete from event_views v
  using events e
  where e.id = v.event_id
    and e.effective_end > v_now
    and v.org_id = v_org
    and v.user_id = p_person;
  perform cancel_prompts(p_person, v_org, null, 'removed');
  update notifications
  set follow_up_from = null
  where user_id = p_person
    and org_id = v_org
    and follow_up_from is not null;
  delete from memberships where org_id = v_org and user_id = p_person;
end
$$;

commit;
