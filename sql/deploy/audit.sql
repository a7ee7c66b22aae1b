-- Deploy rollcall:audit to pg
-- Many rows of the chain at once, and reasons that can be forgotten.

begin;

-- What somebody typed as a reason stands beside the chain, which holds a hash
-- of it under a salt of its own: without the salt the hash tells nothing, and
-- the chain still verifies.

create table audit_reason (
  org_id bigint not null,
  seq bigint not null,
  salt bytea not null check (length(salt) = 32),
  reason text not null check (length(reason) between 1 and 500),
  primary key (org_id, seq)
);

comment on table audit_reason is
  'The typed reason of a row of the audit. It refers to no table: locking an audit row would need the right to change it.';

insert into personal_data (relation, columns, downloaded, erased) values
  ('audit_reason', '{salt,reason}', 'audit_reasons', 'deleted: what was typed about them, or by them');

create function hash_reason(p_salt bytea, p_reason text) returns bytea
  language sql immutable parallel safe
  return sha256(p_salt || convert_to(p_reason, 'UTF8'));

comment on function hash_reason(bytea, text) is 'The salt''s length is fixed, so that no two pairs read alike.';

-- With a person goes what was typed about them, or by them.
create function forget_reasons() returns trigger
  language plpgsql
as $$
begin
  delete from audit_reason r
  using event_attendance_audit a
  where r.org_id = a.org_id
    and r.seq = a.seq
    and (a.user_id = old.id or (a.actor_id = old.id and a.actor_id <> a.user_id));
  return null;
end
$$;

create trigger users_forget_reasons
  after delete on users
  for each row execute function forget_reasons();

-- The head goes forward by as many rows as came at once.
drop trigger event_attendance_audit_head_forward_only on event_attendance_audit_head;
create trigger event_attendance_audit_head_forward_only
  before update on event_attendance_audit_head
  for each row when (new.org_id <> old.org_id or new.seq <= old.seq)
  execute function refuse_change();

create function append_audits(p_org bigint, p_rows event_attendance_audit[]) returns bigint
  language plpgsql
as $$
declare
  v_head event_attendance_audit_head;
  v_rows event_attendance_audit[] := p_rows;
  v_row event_attendance_audit;
begin
  select * into v_head from event_attendance_audit_head where org_id = p_org for update;
  if not found then
    raise exception 'organisation % has no audit chain', p_org;
  end if;
  for n in 1..cardinality(p_rows) loop
    v_row := p_rows[n];
    v_row.org_id := p_org;
    v_row.seq := v_head.seq + n;
    v_row.request_id := substring(v_row.request_id from '^[0-9A-Za-z_.-]{1,64}$');
    v_row.performed_at := app_now();
    v_row.prev_hash := v_head.hash;
    v_row.hash := audit_hash(v_row);
    v_head.hash := v_row.hash;
    v_rows[n] := v_row;
  end loop;
  insert into event_attendance_audit select * from unnest(v_rows);
  update event_attendance_audit_head set seq = v_row.seq, hash = v_row.hash where org_id = p_org;
  return v_head.seq + 1;
end
$$;

comment on function append_audits(bigint, event_attendance_audit[]) is
  'The only writer of the audit. Adds the rows, one at least, in their order to the end of the organisation''s chain, which '
  'gives them their place, time and hashes: the first one''s seq. A dedupe key that was used is an error: who has keys '
  'looks first.';

create or replace function append_audit(
  p_org bigint, p_event bigint, p_participant bigint, p_user bigint, p_actor bigint, p_action text,
  p_previous text, p_new text, p_reason_code text, p_reason_hash bytea, p_dedupe_key text, p_request_id text
) returns bigint
  language plpgsql
as $$
begin
  if p_dedupe_key is not null then
    perform from event_attendance_audit_head where org_id = p_org for update;
    if exists (select from event_attendance_audit where org_id = p_org and dedupe_key = p_dedupe_key) then
      return null;
    end if;
  end if;
  return append_audits(p_org, array[row(
    p_org, null, p_event, p_participant, p_user, p_actor, p_action, p_previous, p_new,
    p_reason_code, p_reason_hash, p_dedupe_key, p_request_id, null, null, null
  )::event_attendance_audit]);
end
$$;

comment on function append_audit(
  bigint, bigint, bigint, bigint, bigint, text, text, text, text, bytea, text, text
) is 'One row at the end of the chain. Null when the dedupe key was used before, else its seq.';

drop function verify_audit(text);
drop function first_audit_problem(bigint);

create function first_audit_problem(p_org bigint, p_after bigint, p_most bigint)
  returns table (seq bigint, problem text)
  language sql stable
  begin atomic
    with part as (
      select a as row
      from event_attendance_audit a
      where a.org_id = p_org
        and a.seq > p_after
      order by a.seq
      limit p_most
    ), before as (
      select a.seq, a.hash
      from event_attendance_audit a
      where a.org_id = p_org
        and a.seq <= p_after
      order by a.seq desc
      limit 1
    ), chain as (
      select
        (p.row).seq,
        p_after + row_number() over (order by (p.row).seq) as place,
        (p.row).hash,
        audit_hash(p.row) as computed,
        (p.row).prev_hash,
        lag((p.row).hash, 1, coalesce((select b.hash from before b), decode(repeat('00', 32), 'hex')))
          over (order by (p.row).seq) as before,
        (p.row).reason_hash
      from part p
    ), broken as (
      select
        case when c.seq <> c.place then c.place else c.seq end as seq,
        case
          when c.seq <> c.place then 'the row is missing'
          when c.hash <> c.computed then 'the row was changed'
          when c.prev_hash <> c.before then 'the row does not follow the one before it'
          else 'the reason was changed'
        end as problem
      from chain c
      left join audit_reason r on r.org_id = p_org and r.seq = c.seq
      where c.seq <> c.place
        or c.hash <> c.computed
        or c.prev_hash <> c.before
        or (r.seq is not null and hash_reason(r.salt, r.reason) is distinct from c.reason_hash)
      order by c.seq
      limit 1
    ), gap as (
      select coalesce(max(b.seq), 0) + 1 as seq, 'the row is missing' as problem
      from before b
      having coalesce(max(b.seq), 0) < p_after
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
    select found.seq, found.problem
    from (
      select 1 as place, g.seq, g.problem from gap g
      union all
      select 2, b.seq, b.problem from broken b
      union all
      select 3, t.seq, t.problem from torn t
    ) found
    order by found.place
    limit 1;
  end;

comment on function first_audit_problem(bigint, bigint, bigint) is
  'No row when the chain is sound from after that row on, for at most so many rows (null: all), and its end; else the first '
  'row that is not. A reason that was erased is none to look at.';

create function audit_before(p_org bigint, p_since timestamptz) returns bigint
  language sql stable
  begin atomic
    select coalesce(
      (select min(a.seq) - 1 from event_attendance_audit a where a.org_id = p_org and a.performed_at >= p_since),
      (select max(a.seq) from event_attendance_audit a where a.org_id = p_org),
      0
    );
  end;

comment on function audit_before(bigint, timestamptz) is 'The last row before the first one of that moment or later; 0: none.';

create function verify_audit(p_slug text, p_since timestamptz default null)
  returns table (org_slug text, seq bigint, problem text)
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
    cross join lateral first_audit_problem(
      chains.org_id,
      case when p_since is not null then audit_before(chains.org_id, p_since) else 0 end,
      null
    ) f
    order by chains.org_id;
end
$$;

comment on function verify_audit(text, timestamptz) is
  'Nothing when the chain of that organisation, or (null) every chain, is sound, from that moment on or (null) from its '
  'beginning; else the first row of each that is not. What came before that moment is taken as it stands.';

grant execute on function verify_audit(text, timestamptz) to rollcall_ctl, rollcall_sweep;

commit;
