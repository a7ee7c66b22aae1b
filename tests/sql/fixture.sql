-- What most test files start with: a clock that stands still on a Friday
-- evening, one organisation, and short ways to say things.  \ir it first.
\set QUIET on
\pset format unaligned
\pset tuples_only on
\set ON_ERROR_STOP on
set client_min_messages = warning;

set role rollcall_owner;
\ir clock.sql
reset role;

create schema try;
grant usage on schema try to public;
set search_path = public, tap, try;
do $$ begin execute format('alter database %I set search_path = public, tap, try', current_database()); end $$;

create function try.clock(at timestamptz) returns void language sql
  as $$ update public.test_clock set at = $1 $$;

create function try.org(slug text, zone text default 'Europe/Berlin') returns bigint language sql
  as $$ insert into organizations (slug, name, timezone, prompts_since) values (slug, 'Org ' || slug, zone, '2000-01-01') returning id $$;

-- Quiet hours are off unless a test is about them.
create function try.person(name text, zone text default null, org text default 'org', role text default 'member')
  returns bigint language sql
  as $$
    with made as (
      insert into users (email, name, timezone, quiet) values (lower(name) || '@example.org', name, zone, false)
      returning id
    ), member as (
      insert into memberships (user_id, org_id, role)
      select made.id, o.id, person.role from made, organizations o where o.slug = person.org
    )
    select id from made
  $$;

create function try.event(title text, starts timestamptz, ends timestamptz default null, org text default 'org', status text default 'published')
  returns bigint language sql
  as $$
    insert into events (org_id, title, starts_at, ends_at, status)
    select o.id, event.title, starts, ends, event.status from organizations o where o.slug = event.org
    returning id
  $$;

create function try.user_id(name text) returns bigint language sql stable
  as $$ select id from users u where u.name = user_id.name $$;
create function try.event_id(title text) returns bigint language sql stable
  as $$ select id from events e where e.title = event_id.title $$;

create function try.viewed(name text, title text) returns void language sql
  as $$
    insert into event_views (event_id, user_id, org_id)
    select e.id, try.user_id(name), e.org_id from events e where e.title = viewed.title
  $$;
create function try.registered(name text, title text, status text default 'registered') returns void language sql
  as $$
    insert into event_participants (event_id, org_id, user_id, status)
    select e.id, e.org_id, try.user_id(name), registered.status from events e where e.title = registered.title
  $$;

-- Whose prompts wait in the queue: "Ada 1, Bob 1".
create function try.queued() returns text language sql stable
  as $$
    select coalesce(string_agg(u.name || ' ' || q.prompt_number, ', ' order by u.name, q.notification_id), '')
    from scheduled_notifications q join users u on u.id = q.user_id where q.kind = 'attendance_prompt'
  $$;
-- What became of the others: "Ada cancelled answered".
create function try.logged() returns text language sql stable
  as $$
    select coalesce(string_agg(concat_ws(' ', u.name, l.state, l.cause), ', ' order by u.name, l.id), '')
    from notification_log l join users u on u.id = l.user_id
  $$;
-- One message by each of the functions that take many.
create function try.prepare_notification(id bigint, lease bigint, channel text default 'email', push boolean default false)
  returns table (
    outcome text, cause text, template text, message bytea, first_attempt_at timestamptz, sent_date text,
    email text, name text, org_id bigint, org_name text, data jsonb, row_id bigint, generation int,
    expires_at timestamptz, preference_id bigint, preference_generation int, tokens jsonb
  ) language sql
  as $$
    select
      p.outcome, p.cause, p.template, p.message, p.first_attempt_at, p.sent_date, p.email, p.name, p.org_id, p.org_name, p.data,
      p.row_id, p.generation, p.expires_at, p.preference_id, p.preference_generation, p.tokens
    from prepare_notifications(array[$1], array[$2], $3, $4) p
  $$;
create function try.keep_message(id bigint, lease bigint, message bytea) returns boolean language sql
  as $$ select exists (select from keep_messages(array[$1], array[$2], array[$3])) $$;
create function try.record_sent(id bigint, lease bigint, reply_code int, took_ms int) returns boolean language sql
  as $$ select exists (select from record_sent(array[$1], array[$2], array[$3], array[$4])) $$;
-- All that is due goes out: how many were sent.
create function try.deliver() returns int language plpgsql
  as $$
    declare
      c record;
      p record;
      sent int := 0;
    begin
      for c in select * from claim_notifications(1000) loop
        select * into p from prepare_notification(c.id, c.lease_id);
        if p.outcome = 'send' then
          sent := sent + record_sent(c.id, c.lease_id, 250, 1)::int;
        end if;
      end loop;
      return sent;
    end
  $$;
-- A signed-in session of that person; gives what the cookie would.
create function try.sign_in(name text) returns bytea language sql
  as $$
    insert into sessions (user_id, hash, device, created_at, last_seen_at, expires_at)
    values (try.user_id(name), sha256(convert_to(name || random(), 'UTF8')), 'Firefox', app_now(), app_now(), app_now() + interval '30 days')
    returning hash
  $$;
grant execute on all functions in schema try to public;

select try.clock('2026-11-20 18:00+00');
select try.org('org') as org \gset
