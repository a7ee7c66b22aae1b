-- Revert rollcall:audit from pg

begin;

drop function verify_audit(text, timestamptz);
drop function audit_before(bigint, timestamptz);
drop function first_audit_problem(bigint, bigint, bigint);

create function first_audit_problem(p_org bigint) returns table (seq bigint, problem text)
  language sql stable
  begin atomic
    with chain as (
      select
        a.seq,
        row_number() over (order by a.seq) as place,
        a.hash,
        audit_hash(a) as computed,
        a.prev_hash,
        lag(a.hash, 1, decode(repeat('00', 32), 'hex')) over (order by a.seq) as before
      from event_attendance_audit a
      where a.org_id = p_org
    ), broken as (
      select
        case when c.seq <> c.place then c.place else c.seq end as seq,
        case
          when c.seq <> c.place then 'the row is missing'
          when c.hash <> c.computed then 'the row was changed'
          else 'the row does not follow the one before it'
        end as problem
      from chain c
      where c.seq <> c.place or c.hash <> c.computed or c.prev_hash <> c.before
      order by c.seq
      limit 1
    ), tail as (
      select
        p_org as org_id,
        coalesce(max(a.seq), 0) as seq,
        coalesce(
          (array_agg(a.hash order by a.seq desc))[1],
          decode(repeat('00', 32), 'hex')
        ) as hash
      from (
        select last.seq, last.hash
        from event_attendance_audit last
        where last.org_id = p_org
        order by last.seq desc
        limit 1
      ) a
    ), torn as (
      select
        case
          when h.org_id is null then t.seq
          when h.seq > t.seq then t.seq + 1
          when h.seq < t.seq then h.seq + 1
          else t.seq
        end as seq,
        case
          when h.org_id is null then 'the end of the chain is not known'
          when h.seq > t.seq then 'the row is missing, and all after it'
          when h.seq < t.seq then 'the row is past the end of the chain'
          else 'the row is not the one the chain ended with'
        end as problem
      from tail t
      left join event_attendance_audit_head h on h.org_id = t.org_id
      where h.org_id is null or h.seq <> t.seq or h.hash <> t.hash
    )
    select b.seq, b.problem from broken b
    union all
    select t.seq, t.problem from torn t where not exists (select from broken);
  end;

comment on function first_audit_problem(bigint) is 'No row when the chain is sound, else its first row that is not.';

create function verify_audit(p_slug text) returns table (org_slug text, seq bigint, problem text)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_only bigint := case when p_slug is not null then (org_by_slug(p_slug)).id end;
begin
  return query
    select coalesce(o.slug, 'id ' || chains.org_id), f.seq, f.problem
    from (
      select v_only as org_id where v_only is not null
      union
      select id from organizations where v_only is null
      union
      select h.org_id from event_attendance_audit_head h where v_only is null
      union
      select a.org_id from event_attendance_audit a where v_only is null
    ) chains
    left join organizations o on o.id = chains.org_id
    cross join lateral first_audit_problem(chains.org_id) f
    order by chains.org_id;
end
$$;

comment on function verify_audit(text) is
  'Nothing when the chain of that organisation, or (null) every chain, is sound; else the first row of each that is not.';

grant execute on function verify_audit(text) to rollcall_ctl, rollcall_sweep;

create or replace function append_audit(
  p_org bigint, p_event bigint, p_participant bigint, p_user bigint, p_actor bigint, p_action text,
  p_previous text, p_new text, p_reason_code text, p_reason_hash bytea, p_dedupe_key text, p_request_id text
) returns bigint
  language plpgsql
as $$
declare
  v_row event_attendance_audit;
begin
  select seq + 1, hash into v_row.seq, v_row.prev_hash
  from event_attendance_audit_head
  where org_id = p_org
  for update;
  if not found then
    raise exception 'organisation % has no audit chain', p_org;
  end if;
  if p_dedupe_key is not null and exists (
    select from event_attendance_audit where org_id = p_org and dedupe_key = p_dedupe_key
  ) then
    return null;
  end if;

  v_row.org_id := p_org;
  v_row.event_id := p_event;
  v_row.participant_id := p_participant;
  v_row.user_id := p_user;
  v_row.actor_id := p_actor;
  v_row.action := p_action;
  v_row.previous_status := p_previous;
  v_row.new_status := p_new;
  v_row.reason_code := p_reason_code;
  v_row.reason_hash := p_reason_hash;
  v_row.dedupe_key := p_dedupe_key;
  v_row.request_id := substring(p_request_id from '^[0-9A-Za-z_.-]{1,64}$');
  v_row.performed_at := app_now();
  v_row.hash := audit_hash(v_row);

  insert into event_attendance_audit values (v_row.*);
  update event_attendance_audit_head set seq = v_row.seq, hash = v_row.hash where org_id = p_org;
  return v_row.seq;
end
$$;

comment on function append_audit(
  bigint, bigint, bigint, bigint, bigint, text, text, text, text, bytea, text, text
) is 'The only writer of the audit. Null when the dedupe key was used before, else the new row''s seq.';

drop function append_audits(bigint, event_attendance_audit[]);

drop trigger event_attendance_audit_head_forward_only on event_attendance_audit_head;
create trigger event_attendance_audit_head_forward_only
  before update on event_attendance_audit_head
  for each row when (new.org_id <> old.org_id or new.seq <> old.seq + 1)
  execute function refuse_change();
drop trigger users_forget_reasons on users;
drop function forget_reasons();
drop function hash_reason(bytea, text);
delete from personal_data where relation = 'audit_reason';
drop table audit_reason;

commit;
