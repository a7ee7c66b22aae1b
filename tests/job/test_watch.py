"""R-D3, R-D4: a simulated week of people around the world who check in, late
or not at all, with real sweeps that are down at random.

FULL=1 is 10,000 people and a run every half an hour; without it a small one.
SEED=n makes the same week again.
"""

import collections
import os
import random
import sys

from stack import Stack, equal, run

FULL = bool(os.environ.get("FULL"))
PEOPLE = 10000 if FULL else 150
STEP_MINUTES = 30 if FULL else 120
HOURS = 164
SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 1 << 20)

stack = Stack()
dice = random.Random(SEED)

WORLD = """
create schema sim;
create table sim.people (user_id bigint primary key, press_at timestamptz);
create table sim.runs (at timestamptz primary key);
create table sim.acks (alert_id bigint, level text, at timestamptz);
create table sim.seen (id bigint primary key, user_id bigint, kind text,
  payload jsonb, at timestamptz);
create function sim.keep() returns trigger language plpgsql security definer
as $$ begin insert into sim.seen values (new.id, new.user_id, new.kind,
  new.payload, new.created_at); return null; end $$;
create trigger sim_keep after insert on outbox for each row
  execute function sim.keep();
-- Most press before it is due, some a day late, some not for days.
create function sim.draw(p_user bigint) returns void language sql as $$
  update sim.people p set press_at = s.next_due + case
      when r.a < 0.6 then -r.b * interval '2 hours'
      when r.a < 0.75 then r.b * interval '30 hours'
      else interval '30 hours' + r.b * interval '140 hours' end
  from user_status s, (select random() as a, random() as b) r
  where s.user_id = p_user and p.user_id = p_user $$;
create function sim.press(p_all boolean) returns int language plpgsql as $$
  declare v_user bigint; v_done int := 0;
  begin
    for v_user in select p.user_id from sim.people p left join user_status s
      using (user_id) where p.press_at <= app_now()
      or p_all and s.alert_level is not null order by 1
    loop
      perform put_check_in(v_user, 'check_in', 'Checked in', false),
        sim.draw(v_user);
      v_done := v_done + 1;
    end loop;
    return v_done;
  end $$;
create function sim.acknowledge() returns void language plpgsql as $$
  declare v record;
  begin
    for v in select a.id, a.level, a.user_id, o.slug from alerts a
      join organizations o on o.id = a.org_id
      where a.closed_at is null and random() < 0.01 order by a.id
    loop
      perform acknowledge_alert(sha256(convert_to(v.slug, 'UTF8')), v.slug,
        v.user_id);
      insert into sim.acks values (v.id, v.level, app_now());
    end loop;
  end $$;
insert into organizations (slug, name, timezone, watch_l2_hours,
  watch_l3_hours, watch_l4_hours) values ('slow', 'Slow', 'UTC', 24, 24, 24),
  ('swift', 'Swift', 'Asia/Tokyo', 3, 2, 5);
with u as (insert into users (email, name, quiet) select 'r' || n || '@' ||
  slug || '.example', 'Responder ' || n, false from organizations,
  generate_series(1, 2) n where slug in ('slow', 'swift') returning *)
insert into memberships (user_id, org_id, responder) select u.id, o.id, true
  from u join organizations o on u.email like '%@' || o.slug || '.example';
insert into sessions (user_id, hash, expires_at) select u.id,
  case when u.email like 'r1@%' then sha256(convert_to(o.slug, 'UTF8'))
  else sha256(convert_to(u.email, 'UTF8')) end, '2040-01-01'
  from users u join memberships m on m.user_id = u.id join organizations o on
  o.id = m.org_id where m.responder and o.slug in ('slow', 'swift');
with z as (select name, row_number() over (order by random()) as n, count(*)
  over () as of from timezones where name !~ '^(posix|right)/'),
u as (insert into users (email, name, timezone, quiet) select 'p' || n ||
  '@sim.example', 'Person ' || n, (select name from z where z.n = 1 + i.n %
  z.of), random() < 0.8 from generate_series(1, PEOPLE) i(n) returning *),
m as (insert into memberships (user_id, org_id) select u.id, o.id from u join
  organizations o on o.slug = case u.id % 2 when 0 then 'slow' else 'swift' end
  returning *),
w as (insert into monitoring (user_id, org_id, interval_hours, preferred_time,
  consent_version) select user_id, org_id, 1 + floor(random() * 47)::int,
  case when random() < 0.3 then time '00:00' + floor(random() * 1440) *
  interval '1 minute' end, 'watch-1' from m returning *),
p as (insert into sim.people select user_id from w)
insert into monitoring_contacts (user_id, org_id, priority, name, email, state)
  select w.user_id, w.org_id, c, 'Contact ' || c, 'c' || c || 'p' || w.user_id
  || '@' || case when random() < 0.03 then 'gone' else 'contact' end ||
  '.example', case when random() < 0.8 then 'consented' else 'asked' end
  from w cross join lateral generate_series(1, (w.user_id % 4)::int) c;
select update_user_status(m.user_id, m.org_id, null, watch_due(m, null), null,
  null), sim.draw(m.user_id) from monitoring m;
update users set suppressed_at = app_now(), suppressed_cause = '5.1.1'
  where email like 'p%7@sim.example';
"""

# What is wrong with how somebody first became overdue.
FIRST = """
with row as (
  select user_id, at, lead(at) over w as until, lead(payload ->> 'alertLevel')
    over w as next_level, payload ->> 'alertLevel' as level,
    to_timestamp((payload ->> 'nextDue')::numeric / 1000) as due,
    lag(payload ->> 'alertLevel') over w as was
  from sim.seen where kind = 'status' window w as (partition by user_id
  order by id)
), quiet as (
  select row.*, (select min(r.at) from sim.runs r where r.at >= row.due and
    r.at >= row.at) as first from row where level is null
)
select 'early', count(*) from row where level = 'L1' and at < due
union all
select 'late', count(*) from quiet where first is not null and
  (until is null or until > first)
union all
select 'at another time', count(*) from quiet where next_level = 'L1' and
  until is distinct from first
"""

# What is wrong with how alerts rose.
RISEN = """
with step as (
  select (a.metadata ->> 'alert')::bigint as alert, a.metadata ->> 'level' as
    level, a.timestamp as at, lead(a.timestamp) over w as next_at,
    lead(a.metadata ->> 'level') over w as next_level
  from activities a where a.type = 'alert' and a.metadata ? 'level' and
    not a.metadata ? 'by'
  window w as (partition by a.metadata ->> 'alert' order by a.id)
), due as (
  select s.*, x.closed_at, greatest(
    least((select min(t.left_at) from alert_steps t where t.alert_id = s.alert
      and t.level = s.level and t.kind <> 'watch_told'),
      s.at + interval '12 hours') + make_interval(hours => case s.level
      when 'L1' then o.watch_l2_hours when 'L2' then o.watch_l3_hours
      else o.watch_l4_hours end),
    (select max(k.at) + interval '12 hours' from sim.acks k where k.alert_id =
      s.alert and k.level = s.level)) as due
  from step s join alerts x on x.id = s.alert
  join organizations o on o.id = x.org_id
), run as (
  select d.*, (select min(r.at) from sim.runs r where r.at >= d.due) as first
  from due d where d.level <> 'L4'
)
select 'early', count(*) from run where next_at < due
union all
select 'late', count(*) from run where first is not null and case when next_at
  is not null then next_at <> first else coalesce(first < closed_at, true) end
union all
select 'jumped', count(*) from step where next_level is not null and
  next_level <> 'L' || (right(level, 1)::int + 1)
union all
select 'twice', count(*) from (select 1 from step group by alert, level having
  count(*) > 1) t
union all
select 'two in a run', count(*) from (select 1 from step s join alerts x on
  x.id = s.alert group by x.user_id, s.at having count(*) > 1) t
"""

TOLD = """
select 'unlike', count(*) from alerts a where a.closed_at is not null and
  (select coalesce(array_agg(distinct t.contact_id order by t.contact_id), '{}')
    from alert_steps t where t.alert_id = a.id and t.kind = 'watch_contact' and
    t.outcome = 'sent') <>
  (select coalesce(array_agg(t.contact_id order by t.contact_id), '{}')
    from alert_steps t where t.alert_id = a.id and t.kind = 'watch_clear' and
    t.outcome = 'sent')
union all
select 'without consent', count(*) from alert_steps t join monitoring_contacts c
  on c.id = t.contact_id where t.outcome = 'sent' and c.state <> 'consented'
union all
select 'too soon', count(*) from alert_steps where kind = 'watch_contact' and
  level not in ('L3', 'L4')
union all
select 'nobody', count(*) from (select 1 from alert_steps t join alerts a on
  a.id = t.alert_id where t.level in ('L3', 'L4') and a.closed_at > t.at +
  interval '13 hours' and t.at < (select max(at) - interval '13 hours' from
  sim.runs) group by t.alert_id, t.level having count(*) filter (where t.outcome
  = 'sent' and t.kind in ('watch_contact', 'watch_responder')) = 0) n
"""


def wrong(query):
    return {name: int(count) for name, count in (
        line.split("|") for line in stack.sql(query).splitlines())}


def none_of(query):
    found = wrong(query)
    equal(found, {name: 0 for name in found}, f"SEED={SEED}")


def sweep():
    stack.sql("insert into sim.runs values (app_now())")
    told.update({key: value for key, value in stack.sweep().items()
                 if key.startswith("stepped") or key == "sent"})


def lives_a_week():
    print(f"# SEED={SEED}")
    stack.clock("2030-03-28 06:00+00")
    stack.sql(f"select setseed({dice.random()});" +
              WORLD.replace("PEOPLE", str(PEOPLE)))
    stack.rules(*[f"{address} 550%205.1.1%20unknown 99" for address in
                  stack.sql("select email from monitoring_contacts where "
                            "email like '%@gone.example'").splitlines()])
    down = 0
    for _ in range(HOURS * 60 // STEP_MINUTES):
        stack.later(f"{STEP_MINUTES} minutes")
        stack.sql(f"select setseed({dice.random()}); select sim.press(false); "
                  "select sim.acknowledge()")
        if down > 0:
            down -= 1
            continue
        if dice.random() < 0.04:
            down = dice.randrange(1, 16 * 60 // STEP_MINUTES)
        sweep()
    stack.later("1 minute")
    stack.sql("select sim.press(true)")
    sweep()
    stack.later("2 hours")
    sweep()
    print(f"# {dict(told)}, {stack.number('select count(*) from sim.runs')} "
          "runs")
    equal(stack.number("select count(*) from alerts where closed_at is null"
                       " and triggered_at < app_now() - interval '3 hours'"),
          0, "R-D4 all that was open is over")
    for level in ("l1", "l2", "l3", "l4"):
        equal(told[f"stepped_{level}"] > PEOPLE // 50, True, level)


def first_is_in_time():
    none_of(FIRST)


def rises_in_time():
    none_of(RISEN)


def tells_whom_it_told():
    none_of(TOLD)
    equal(stack.number("select count(*) from alert_steps where kind = "
                       "'watch_clear' and outcome = 'sent'") > 10, True,
          "there were some")


def mails_are_as_logged():
    caught, ids = collections.Counter(), set()
    mails = stack.mails()
    for mail in mails:
        ids.add(mail.message["Message-ID"])
        equal(mail.to.endswith("@gone.example"), False, "no such address")
        if mail.to.endswith("@contact.example"):
            over = mail.message["Subject"].startswith("Person")
            caught["watch_clear" if over else "watch_contact"] += 1
    equal(len(ids), len(mails), "R-F1 each once")
    logged = dict(line.split("|") for line in stack.sql(
        "select kind, count(*) from notification_log where state = 'sent' and "
        "kind in ('watch_clear', 'watch_contact') group by kind").splitlines())
    equal({key: str(value) for key, value in caught.items()}, logged,
          "R-D4 what arrived is what the trail says")


told = collections.Counter()

sys.exit(run([
    (f"R-D3 a week of {PEOPLE} people", lives_a_week),
    ("R-D3 L1 in the first run after it was due, never early",
     first_is_in_time),
    ("R-D3 each level in the first run after its time, one a run, never twice",
     rises_in_time),
    ("R-D4 each alert's end told to exactly the contacts who were told of it",
     tells_whom_it_told),
    ("R-D4 ... as their mailboxes have it", mails_are_as_logged),
]))
