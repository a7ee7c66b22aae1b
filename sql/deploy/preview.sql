-- Deploy rollcall:preview to pg
-- What a sweep would do now.

begin;

create type preview_line as (
  notification_id text, kind text, user_id bigint, planned boolean, outcome text, cause text
);

create function preview_sweep(p_max int) returns setof preview_line
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_last bigint := coalesce((select max(id) from scheduled_notifications), 0);
  v_claim record;
  v_line preview_line;
  v_lines preview_line[] := '{}';
begin
  begin
    perform advance_events();
    perform cancel_moved_prompts();
    perform expire_notifications(p_max);
    perform schedule_post_event_prompts(p_max);
    select coalesce(array_agg((q.notification_id, q.kind, q.user_id, true, 'hold', q.cause)::preview_line
      order by q.not_before, q.id), '{}')
    into v_lines
    from scheduled_notifications q
    where q.id > v_last
      and q.not_before > app_now();
    for v_claim in select * from claim_notifications(p_max) loop
      select v_claim.notification_id, v_claim.kind, v_claim.user_id, v_claim.id > v_last, p.outcome, p.cause
      into v_line
      from prepare_notification(v_claim.id, v_claim.lease_id) p;
      v_lines := array_append(v_lines, v_line);
    end loop;
    raise exception using errcode = 'RC000', message = 'dry_run';
  exception when sqlstate 'RC000' then
    null;
  end;
  return query select * from unnest(v_lines);
end
$$;

comment on function preview_sweep(int) is
  'The messages that a sweep would plan and send now, up to p_max of each, with what would become of them. '
  'It does what a sweep does, up to the sending, and takes it back.';

grant execute on function preview_sweep(int) to rollcall_sweep;

commit;
