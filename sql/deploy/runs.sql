-- Deploy rollcall:runs to pg
-- What is kept of the sweep's runs, for whoever looks after them: the last, and
-- the last good one. The indexes come first, while messages go on.

set client_min_messages = warning;

drop index if exists notification_log_dead;
create index concurrently notification_log_dead on notification_log (org_id, processed_at) where state = 'dead';
drop index if exists users_suppressed;
create index concurrently users_suppressed on users (id) where suppressed_at is not null;

begin;

create table sweep_runs (
  id int primary key default 1 check (id = 1),
  good_at timestamptz not null default app_now(),
  good_summary jsonb not null default '{}',
  last_at timestamptz not null default app_now(),
  last_summary jsonb not null default '{}'
);

insert into sweep_runs default values;

insert into personal_data (relation, columns, downloaded, erased) values
  ('sweep_runs', '{good_summary,last_summary}', 'no: numbers of what the sweep did, of nobody', 'holds nothing of anybody');

comment on table sweep_runs is 'One row: the end of the last whole run, and of the last one that was good, with what they did.';
comment on column sweep_runs.good_at is 'Before there was any, when this came.';
comment on column sweep_runs.good_summary is 'As the log has it: numbers by words of ours, nothing that a person wrote.';

create function record_run(p_good boolean, p_summary jsonb) returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    update sweep_runs
    set
      last_at = app_now(),
      last_summary = p_summary,
      good_at = case when p_good then app_now() else good_at end,
      good_summary = case when p_good then p_summary else good_summary end
    where id = 1;
  end;

comment on function record_run(boolean, jsonb) is
  'Good is a run that came to its end and found its way out open; what went wrong with single messages is in its numbers.';

create function late_run(p_zone text) returns text
  language sql stable
  begin atomic
    select say_time(r.good_at, p_zone) from sweep_runs r where r.good_at < app_now() - interval '5 minutes';
  end;

comment on function late_run(text) is 'When the last good run was, in words, once that is over 5 minutes ago; else null.';

create function metric_samples() returns table (name text, labels text, value numeric)
  language sql stable
  begin atomic
    select
      'rollcall_queue',
      format('{state="%s",category="%s"}', q.state, q.category),
      count(*)::numeric
    from (
      select
        case
          when s.lease_until > app_now() then 'leased'
          when s.not_before <= app_now() then 'due'
          when s.cause is null then 'planned'
          else 'held'
        end as state,
        k.category
      from scheduled_notifications s
      join notification_kinds k on k.kind = s.kind
    ) q
    group by q.state, q.category
    union all
    select
      'rollcall_queue_oldest_due_seconds',
      format('{category="%s"}', c.category),
      round(coalesce(extract(epoch from app_now() - least(app_now(), min(s.not_before))), 0), 3)
    from notification_categories c
    left join notification_kinds k on k.category = c.category
    left join scheduled_notifications s on s.kind = k.kind
      and s.not_before <= app_now()
      and (s.lease_until is null or s.lease_until <= app_now())
    group by c.category
    union all
    select 'rollcall_dead_messages', '', count(*) from notification_log where state = 'dead'
    union all
    select 'rollcall_suppressed_addresses', '', count(*) from users where suppressed_at is not null
    union all
    select
      'rollcall_channel_paused',
      format('{channel="%s"}', d.channel),
      coalesce(d.paused_until > app_now(), false)::int
    from delivery_channels d
    union all
    select 'rollcall_run_good_timestamp_seconds', '', round(extract(epoch from r.good_at), 3) from sweep_runs r
    union all
    select 'rollcall_run_last_timestamp_seconds', '', round(extract(epoch from r.last_at), 3) from sweep_runs r
    union all
    select 'rollcall_run_last', format('{what="%s"}', e.key), (e.value #>> '{}')::numeric
    from sweep_runs r
    cross join lateral jsonb_each(r.last_summary) e
    where jsonb_typeof(e.value) = 'number'
      and e.key ~ '^[a-z][a-z0-9_]*$';
  end;

create function metrics() returns text
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    select string_agg(m.body, '' order by m.place)
    from (
      select
        h.place,
        format(E'# HELP %s %s\n# TYPE %s gauge\n', h.name, h.help, h.name)
          || coalesce(string_agg(format(E'%s%s %s\n', h.name, s.labels, s.value), '' order by s.labels), '') as body
      from (
        values
          (1, 'rollcall_queue', 'Messages on their way; due ones are to leave now.'),
          (2, 'rollcall_queue_oldest_due_seconds', 'For how long the oldest of those that are due has been.'),
          (3, 'rollcall_dead_messages', 'Messages given up, all that are kept.'),
          (4, 'rollcall_suppressed_addresses', 'People whose address refused mail for good.'),
          (5, 'rollcall_channel_paused', '1 while a way out rests after failing.'),
          (6, 'rollcall_run_good_timestamp_seconds', 'End of the last good run of the sweep.'),
          (7, 'rollcall_run_last_timestamp_seconds', 'End of the last run of the sweep.'),
          (8, 'rollcall_run_last', 'What the last run did.')
      ) h (place, name, help)
      left join metric_samples() s on s.name = h.name
      group by h.place, h.name, h.help
    ) m;
  end;

comment on function metrics() is 'Counts only, as Prometheus reads them: no organisation, no person.';

grant select on sweep_runs to rollcall_staff;
grant execute on function late_run(text), metrics() to rollcall_staff;
grant execute on function record_run(boolean, jsonb) to rollcall_sweep;

commit;
