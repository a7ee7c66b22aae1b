-- Deploy rollcall:points to pg
-- Points for coming, as a ledger: what was given is never changed, only taken
-- back by a row of its own. It begins now, with nothing for what was before.

begin;

create table points (
  id bigint generated always as identity primary key,
  user_id bigint not null references users on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  event_id bigint not null references events on delete cascade,
  what text not null check (what in ('register', 'waitlist', 'promoted', 'cancel', 'attend', 'reversal')),
  amount int not null,
  at timestamptz not null default app_now()
);

create unique index points_once on points (user_id, event_id, what)
  where what in ('register', 'waitlist', 'promoted', 'cancel');
create index points_person on points (user_id, org_id);
create index points_latest on points (user_id, id);
create index points_event on points (event_id);
create index points_org on points (org_id);

comment on table points is 'Only ever added to. Who registers and withdraws again and again gets, and loses, each once.';
comment on column points.what is 'reversal: what was given for having come, taken back by a correction.';

insert into personal_data (relation, columns, downloaded, erased) values
  ('points', '{user_id,what}', 'points', 'deleted with the account');

create function points_of(p_what text) returns int
  language sql immutable parallel safe
  return case p_what
    when 'register' then 10
    when 'waitlist' then 5
    when 'promoted' then 8
    when 'cancel' then -5
    when 'attend' then 40
    when 'reversal' then -40
  end;

create function points_text(p_what text) returns text
  language sql immutable parallel safe
  return case p_what
    when 'register' then 'Registered'
    when 'waitlist' then 'Joined the waiting list'
    when 'promoted' then 'Got a place from the waiting list'
    when 'cancel' then 'Withdrew'
    when 'attend' then 'Came'
    when 'reversal' then 'Corrected: did not come'
  end;

create function give_points() returns trigger
  language plpgsql
as $$
declare
  v_before event_participants := case when tg_op = 'UPDATE' then old end;
  v_came boolean := coalesce(v_before.attendance_status in ('present', 'late'), false);
  v_comes boolean := new.attendance_status in ('present', 'late');
begin
  insert into points (user_id, org_id, event_id, what, amount)
  select new.user_id, new.org_id, new.event_id, w.what, points_of(w.what)
  from (
    values
      (
        1,
        case
          when new.status is not distinct from v_before.status then null
          when new.status = 'cancelled' and v_before.status is not null then 'cancel'
          when new.status = 'waitlisted' then 'waitlist'
          when new.status = 'registered' and v_before.status = 'waitlisted' then 'promoted'
          when new.status = 'registered' then 'register'
        end
      ),
      (2, case when v_comes and not v_came then 'attend' when v_came and not v_comes then 'reversal' end)
  ) as w(place, what)
  where w.what is not null
    and (
      w.what <> 'reversal'
      or (
        select coalesce(sum(p.amount), 0) > 0
        from points p
        where p.user_id = new.user_id
          and p.event_id = new.event_id
          and p.what in ('attend', 'reversal')
      )
    )
  order by w.place
  on conflict (user_id, event_id, what) where what in ('register', 'waitlist', 'promoted', 'cancel') do nothing;
  return null;
end
$$;

comment on function give_points() is
  'However a participant''s status or the door''s word is written, it counts. What was not given is not taken back.';

create function points_balance(p_user bigint, p_org bigint) returns bigint
  language sql stable
  begin atomic
    select greatest(coalesce(sum(p.amount), 0), 0)
    from points p
    where p.user_id = p_user and p.org_id = p_org;
  end;

comment on function points_balance(bigint, bigint) is 'As it is shown: never below 0.';

create function own_balances(p_session bytea) returns table (org_id bigint, org_name text, points bigint)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select o.id, o.name, points_balance(s.user_id, o.id)
    from live_sessions s
    join memberships m on m.user_id = s.user_id
    join organizations o on o.id = m.org_id
    where s.hash = p_session
    order by o.name, o.id;
end
$$;

create function own_points(p_session bytea, p_before bigint, p_most int)
  returns table (
    id bigint, event_id bigint, event_title text, org_name text, what_text text, amount int, at timestamptz, zone text
  )
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select p.id, case when m.user_id is not null then e.id end, e.title, o.name, points_text(p.what), p.amount, p.at, z.zone
    from live_sessions s
    cross join lateral (
      select *
      from points mine
      where mine.user_id = s.user_id
        and (p_before is null or mine.id < p_before)
      order by mine.id desc
      limit p_most
    ) p
    join events e on e.id = p.event_id
    join organizations o on o.id = p.org_id
    left join memberships m on m.user_id = s.user_id and m.org_id = p.org_id and e.deleted_at is null and e.status <> 'draft'
    cross join lateral user_zone(s.user_id) as z(zone)
    where s.hash = p_session
    order by p.id desc;
end
$$;

comment on function own_points(bytea, bigint, int) is
  'The ledger of whoever is signed in, the last first, before that number. event_id: null when they may not open its page.';

grant execute on function own_balances(bytea), own_points(bytea, bigint, int) to rollcall_member;

commit;

-- Last, and alone: the table is in use, and nobody waits long behind it.
do $$
begin
  perform set_config('lock_timeout', '80ms', true);
  for v_try in 1..100 loop
    begin
      create trigger event_participants_points_new
        after insert on event_participants
        for each row execute function give_points();
      create trigger event_participants_points
        after update of status, attendance_status on event_participants
        for each row when (
          (old.status, old.attendance_status) is distinct from (new.status, new.attendance_status)
        )
        execute function give_points();
      return;
    exception when lock_not_available then
      if v_try = 100 then
        raise;
      end if;
    end;
    perform pg_sleep(0.2);
  end loop;
end
$$;
