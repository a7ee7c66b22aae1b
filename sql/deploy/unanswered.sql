-- Deploy rollcall:unanswered to pg
-- Who was asked in vain: after the second prompt, or when the time is over,
-- their attendance becomes unknown.

begin;

alter table notifications
  add column follow_up_from timestamptz,
  add column unknown_at timestamptz;

create index notifications_follow_up on notifications (follow_up_from, id) where follow_up_from is not null;
create index notifications_unknown on notifications (unknown_at, id) where unknown_at is not null;

comment on column notifications.follow_up_from is
  'When prompt 1 left, until it is decided whether a second one follows; then null.';
comment on column notifications.unknown_at is
  'When the person''s attendance becomes unknown unless they answer; null once that is done. '
  'Of prompt 1 the end of the time for answers, of prompt 2 a day after it left.';

-- Those who were asked before this change have the second prompt still before
-- them: of the next morning, not of one that is past.
update notifications n
set
  unknown_at = e.effective_end + interval '14 days',
  follow_up_from = case when e.effective_end + interval '14 days' > app_now() then app_now() end
from events e
where e.id = n.event_id
  and n.type = 'attendance_prompt'
  and n.prompt_number = 1
  and n.responded_at is null;

create function settle_unanswered(p_max int) returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_now timestamptz := app_now();
  v_due bigint[];
  v_settled attendance[];
  v_one attendance;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('settle_unanswered', 0)) then
    return 0;
  end if;
  v_due := array(
    select n.id from notifications n where n.unknown_at <= v_now order by n.unknown_at, n.id limit p_max
  );

  -- Locks in the order in which an answer takes them: attendance, then
  -- notifications, and the head of the audit last.
  with asked as materialized (
    select distinct e.id as event_id, e.org_id, n.user_id
    from notifications n
    join events e on e.id = n.event_id and e.revision = n.revision
    where n.id = any (v_due)
      and n.responded_at is null
      and e.status not in ('draft', 'cancelled')
      and e.deleted_at is null
      and not exists (
        select from notifications later
        where later.user_id = n.user_id
          and later.event_id = n.event_id
          and later.type = n.type
          and later.prompt_number = 2
          and later.revision = n.revision
          and later.unknown_at > v_now
      )
  ), inserted as (
    insert into attendance (user_id, event_id, org_id, status, created_at, updated_at)
    select a.user_id, a.event_id, a.org_id, 'unknown', v_now, v_now
    from asked a
    order by a.org_id, a.event_id, a.user_id
    on conflict (user_id, event_id) do nothing
    returning attendance as row
  )
  select array_agg(i.row order by (i.row).org_id) into v_settled from inserted i;
  update notifications set unknown_at = null where id = any (v_due);
  foreach v_one in array coalesce(v_settled, '{}') loop
    perform append_audit(
      v_one.org_id,
      v_one.event_id,
      (select p.id from event_participants p where p.event_id = v_one.event_id and p.user_id = v_one.user_id),
      v_one.user_id,
      null,
      'self_report',
      null,
      'unknown',
      null,
      null,
      null,
      null
    );
  end loop;
  return coalesce(cardinality(v_due), 0);
end
$$;

comment on function settle_unanswered(int) is
  'Goes over up to p_max prompts whose time for an answer is over, and makes the attendance of who gave none unknown; '
  'to be called again while it returns p_max. Answers of the same organisation wait for it meanwhile.';

grant execute on function settle_unanswered(int) to rollcall_sweep;

commit;
