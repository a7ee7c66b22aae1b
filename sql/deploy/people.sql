-- Deploy rollcall:people to pg
-- Organisations, persons, and what a person is in an organisation.

begin;

create function valid_email(p_email text) returns boolean
  language sql immutable parallel safe
  return length(p_email) <= 254 and p_email ~
    '^(?=[^@]{1,64}@)[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$';

comment on function valid_email(text) is
  'A dot-atom, an @ and a domain, in ASCII, as cgi/base/address.c has it; tests/addresses.txt holds both to one list.';

create function valid_line(p_text text, p_longest int) returns boolean
  language sql immutable parallel safe
  return length(p_text) between 1 and p_longest
    and p_text !~ E'[\u0001-\u001f\u007f-\u009f\u2028\u2029]'
    and p_text ~ '[^[:space:]]';

comment on function valid_line(text, int) is
  'One line of text that says something: no control characters, not blank, not longer than given.';

create function shorten(p_text text, p_longest int) returns text
  language sql immutable parallel safe
  return case when length(p_text) > p_longest then left(p_text, p_longest - 1) || '…' else p_text end;

comment on function shorten(text, int) is 'What fits where it is shown; what is cut ends in an ellipsis.';

create table organizations (
  id bigint generated always as identity primary key,
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  name text not null check (valid_line(name, 200)),
  timezone text not null default 'UTC',
  logo text,
  postal_address text not null default ''
    check (length(postal_address) <= 500 and postal_address !~ E'[\u0001-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]'),
  "join" text not null default 'invite' check ("join" in ('invite', 'open')),
  prompt_audience text not null default 'both'
    check (prompt_audience in ('viewers', 'participants', 'both')),
  second_prompt text not null default 'registered'
    check (second_prompt in ('all', 'registered', 'off')),
  prompts_since timestamptz default app_now(),
  created_at timestamptz not null default app_now()
);

comment on column organizations.logo is 'A file below static/, or null.';
comment on column organizations.postal_address is 'Stands in the footer of every mail; lines are broken by LF.';
comment on column organizations.prompts_since is
  'Events that ended before are not asked about; null: prompts are off.';

create table users (
  id bigint generated always as identity primary key,
  email text not null check (valid_email(email)),
  name text not null check (valid_line(name, 200)),
  timezone text,
  locale text,
  quiet boolean not null default true,
  quiet_from time not null default '21:00',
  quiet_to time not null default '08:00',
  suppressed_at timestamptz,
  suppressed_cause text,
  created_at timestamptz not null default app_now(),
  updated_at timestamptz not null default app_now(),
  check ((suppressed_at is null) = (suppressed_cause is null))
);

create unique index users_email_key on users (lower(email));
create index users_timezone on users (timezone) where timezone is not null;

comment on table users is 'A person; what they are in an organisation stands in memberships.';
comment on column users.timezone is
  'An IANA name; null: the organisation''s. One that this server does not know is served as UTC and reported.';
comment on column users.quiet is 'Whether mail that can wait is held from quiet_from to quiet_to, local time.';
comment on column users.suppressed_at is 'Since when nothing is mailed there, because the address refused it.';

create table memberships (
  user_id bigint not null references users on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  role text not null default 'member' check (role in ('member', 'door', 'staff', 'admin')),
  responder boolean not null default false,
  created_at timestamptz not null default app_now(),
  primary key (user_id, org_id)
);

create index memberships_org on memberships (org_id, role, user_id);

comment on column memberships.responder is
  'Sees the alerts, scores and conversations of people who chose this organisation. No role includes it.';

create function user_zone(p_user bigint) returns text
  language plpgsql stable parallel safe
as $$
begin
  return (
    select safe_zone(coalesce(u.timezone, (
      select o.timezone
      from memberships m
      join organizations o on o.id = m.org_id
      where m.user_id = u.id
      order by m.created_at, m.org_id
      limit 1
    )))
    from users u
    where u.id = p_user
  );
end
$$;

comment on function user_zone(bigint) is
  'The zone to tell a person times in where no one organisation is meant: theirs, else their first organisation''s.';

create function org_by_slug(p_slug text) returns organizations
  language plpgsql stable
as $$
declare
  v_org organizations;
begin
  select * into v_org from organizations where slug = p_slug;
  if not found then
    raise exception using errcode = 'RC404', message = 'org_unknown';
  end if;
  return v_org;
end
$$;

create function zone_problems() returns table (user_id bigint, timezone text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  begin atomic
    -- From zone to zone by the index: a few hundred steps, however many people.
    with recursive zones as (
      select min(u.timezone) as name from users u where u.timezone is not null
      union all
      select (select min(u.timezone) from users u where u.timezone > z.name)
      from zones z
      where z.name is not null
    )
    select u.id, u.timezone
    from zones z
    join users u on u.timezone = z.name
    where not exists (select from timezones t where t.name = z.name)
    order by u.id;
  end;

comment on function zone_problems() is 'People whose zone this server does not know; they are served as UTC.';

grant select on organizations, memberships to rollcall_member;
grant select (id, name, timezone, locale) on users to rollcall_member;
grant execute on function user_zone(bigint), shorten(text, int) to rollcall_member;
grant execute on function zone_problems() to rollcall_sweep;

commit;
