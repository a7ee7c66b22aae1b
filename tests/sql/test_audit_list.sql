-- R-B6, R-B7: the audit as staff read it, and its daily check.
\ir fixture.sql
select * from no_plan();

select try.org('other') as other \gset
select try.person('Staff', null, 'org', 'staff') as staff, try.person('Root', null, 'org', 'admin') as root,
  try.person('Door', null, 'org', 'door') as door, try.person('Ada') as ada, try.person('Bob') as bob,
  try.person('Eve', null, 'other', 'admin') as eve \gset
select try.event('Talk', '2026-11-20 14:00+00') as talk, try.event('Walk', '2026-11-19 14:00+00') as walk,
  try.event('Elsewhere', '2026-11-19 14:00+00', null, 'other') as elsewhere \gset
select try.registered('Ada', 'Talk'), try.registered('Bob', 'Talk'), try.registered('Ada', 'Walk'), try.registered('Eve', 'Elsewhere');
create table try.hashes as select n as name, try.sign_in(n) as hash from unnest(array['Staff', 'Root', 'Door', 'Ada', 'Eve']) n;
create function try.hash(name text) returns bytea language sql stable as $$ select hash from try.hashes h where h.name = hash.name $$;
create function try.mark(person text, title text, status text, actor text, action text, reason text default null) returns bigint language sql as $$
  select count(*) from mark_attendance(
    (select org_id from events where id = try.event_id(mark.title)), try.user_id(actor),
    array(select row(p.id, mark.status, app_now(), action, case when reason is not null then 'other' end, null)::attendance_mark
      from event_participants p where p.event_id = try.event_id(title) and p.user_id = try.user_id(person)),
    reason, 'r1'
  )
$$;
select try.clock('2026-11-18 23:30+00');
select try.mark('Ada', 'Walk', 'present', 'Door', 'check_in');
select try.clock('2026-11-20 14:00+00');
select try.mark('Ada', 'Talk', 'present', 'Door', 'check_in'), try.mark('Bob', 'Talk', 'absent', null, 'mark_absent'),
  try.mark('Bob', 'Talk', 'late', 'Staff', 'correction', 'The bus broke down'), try.mark('Eve', 'Elsewhere', 'present', 'Eve', 'check_in');
select try.clock('2026-11-20 18:00+00');
create function try.seen(
  reader text, slug text default 'org', event bigint default null, person bigint default null, actor bigint default null, action text default null,
  since date default null, upto date default null, before timestamptz default null, before_seq bigint default null, most int default 50
) returns text language sql as $$
  select coalesce(string_agg(concat_ws(' ', a.seq, a.user_name, a.event_title, a.new_status), ', ' order by a.at desc, a.seq desc), '')
  from team_audit(try.hash(reader), slug, event, person, actor, action, since, upto, before, before_seq, most) a
$$;

select is(try.seen('Staff'), '4 Bob Talk late, 3 Bob Talk absent, 2 Ada Talk present, 1 Ada Walk present', 'R-B7 newest first');
select is(try.seen(r), '', format('R-O1 %s reads none of it', r)) from unnest(array['Door', 'Ada', 'Eve']) r;
select is(try.seen('Eve', 'other'), '1 Eve Elsewhere present', 'R-O2 each organisation has its own');
select is(try.seen('Staff', 'other'), '', '... and no other');
select is(try.seen('Staff', event => :talk), '4 Bob Talk late, 3 Bob Talk absent, 2 Ada Talk present', 'R-B7 of an event');
select is(try.seen('Staff', event => :elsewhere), '', 'R-O2 ... not of another organisation''s');
select is(try.seen('Staff', person => :ada), '2 Ada Talk present, 1 Ada Walk present', 'R-B7 about a person');
select is(try.seen('Staff', actor => :staff), '4 Bob Talk late', 'R-B7 done by one');
select is(try.seen('Staff', actor => 0), '3 Bob Talk absent', '... by the system');
select is(try.seen('Staff', action => 'check_in'), '2 Ada Talk present, 1 Ada Walk present', 'R-B7 of an action');
select is(try.seen('Staff', since => '2026-11-19', upto => '2026-11-19'), '1 Ada Walk present', 'R-B7 of days, which are the reader''s: half past midnight in Berlin');
select is(try.seen('Staff', since => '2026-11-20'), '4 Bob Talk late, 3 Bob Talk absent, 2 Ada Talk present', '... from a day on');
select is(try.seen('Staff', event => :talk, person => :bob, actor => :staff, action => 'correction', since => '2026-11-20', upto => '2026-11-20'), '4 Bob Talk late', '... all at once');
select is(try.seen('Staff', most => 2), '4 Bob Talk late, 3 Bob Talk absent', 'R-B7 a page');
select is(try.seen('Staff', before => '2026-11-20 14:00+00', before_seq => 3, most => 2), '2 Ada Talk present, 1 Ada Walk present', '... and the next, which begins after its last');
select is((select concat_ws('|', reason_words is not null, reason, reason_erased) from team_audit(try.hash('Staff'), 'org', null, null, null, 'correction', null, null, null, null, 9)), 't|The bus broke down|f', 'R-B6 with what was typed');
select is((select count(*)::int from audit_about(try.hash('Staff'), 'org', e, p, a)), n, format('R-O2 event %s, person %s, actor %s: %s', e, p, a, n))
from (values (null::bigint, null::bigint, null::bigint, 1), (:talk, :ada, :staff, 1), (:elsewhere, null, null, 0), (null, :eve, null, 0), (null, null, :eve, 0), (null, null, 0, 1), (999, null, null, 0)) t(e, p, a, n);

-- Who is erased.
delete from users where id = :bob;
select is((select concat_ws('|', user_name, reason, reason_erased) from team_audit(try.hash('Staff'), 'org', null, null, null, 'correction', null, null, null, null, 9)), 't', 'R-G1 with a person goes what was typed about them: text erased');
select is((select count(*)::int from verify_audit(null)), 0, 'R-B6 ... and the chain is sound');

-- Who reads it is known.
select open_audit(try.hash(r), 'org', '/staff/:org/audit', 'r9') from unnest(array['Staff', 'Door', 'Eve']) r;
select is((select string_agg(concat_ws(' ', u.name, l.action, l.what), ', ') from access_log l join users u on u.id = l.user_id), 'Staff opened /staff/:org/audit', 'R-B7 who read it is logged, who may not has not read it');

-- The daily check: in parts, once a day, told once.
create function try.check(most bigint) returns text language sql as $$
  select coalesce(string_agg(concat_ws(' ', o.slug, c.looked_at, c.is_done, c.seq, c.problem), ', ' order by o.slug), '')
  from check_audits(most) c join organizations o on o.id = c.org_id
$$;
create function try.told() returns text language sql as $$
  select coalesce(string_agg(u.name || ' ' || q.org_id, ', ' order by q.id), '') from scheduled_notifications q join users u on u.id = q.user_id where q.kind = 'audit_notice'
$$;
create function try.break(what text) returns void language plpgsql as $$ begin set local session_replication_role = replica; execute what; end $$;
update audit_checks set due_at = due_at + org_id * interval '1 second' - interval '1 minute';
select is(try.check(3), 'org 3 f', 'R-B6 a part of a chain');
select is(try.check(100), 'org 1 t, other 1 t', '... the rest, and the others');
select is(try.check(100), '', '... and none again');
select try.clock('2026-11-21 17:59+00');
select is(try.check(100), '', 'R-B6 not before a day is over');
select try.clock('2026-11-21 18:00+00');
select try.break('update event_attendance_audit set new_status = ''late'' where org_id = 1 and seq = 2');
select is(try.check(1), 'org 1 f', '... then again, from the beginning');
select is(try.check(100), 'org 3 t 2 the row was changed, other 1 t', 'R-B6 a changed row is found in a part');
select is(try.told(), 'Root 1', 'R-B6 the organisation''s admins are told');
select try.clock('2026-11-22 18:00+00');
select is(try.check(100), 'org 4 t 2 the row was changed, other 1 t', 'the next day it is found again');
select is(try.told(), 'Root 1', '... and they are not told again');
select is((select problem_seq || ' ' || problem from audit_about(try.hash('Staff'), 'org', null, null, null)), '2 the row was changed', 'R-B6 the page says so');
select is((select outcome || ' ' || template from claim_notifications(1) c, prepare_notification(c.id, c.lease_id)), 'send mail_audit', 'it is mailed');
select try.break('delete from event_attendance_audit where org_id = 1 and seq = 3');
select try.break('update event_attendance_audit set new_status = ''present'' where org_id = 1 and seq = 2');
select try.clock('2026-11-23 18:00+00');
select is(try.check(2), 'org 2 f', 'sound so far');
select is(try.check(100), 'org 2 t 3 the row is missing, other 1 t', 'R-B6 a removed row is found by the part after it');
select is(try.told(), 'Root 1, Root 1', '... which is news');

-- However many rows there are, a page reads few of them.
select append_audits(1, array(
  select row(0, 0, 1000 + n / 100, null, 1000 + n % 5000, case when n % 3 > 0 then n % 5000 end,
    case n % 400 when 0 then 'revert' else 'check_in' end, null, 'present', null, null, null, null, null, null, null)::event_attendance_audit
  from generate_series(1, 20000) n
));
analyze event_attendance_audit;
create function try.read(actor bigint, action text, since date, person bigint, event bigint) returns text language plpgsql as $$
declare v_before bigint[]; v_after bigint[];
begin
  select array[seq_scan, seq_tup_read, coalesce(idx_tup_fetch, 0)] into v_before from pg_stat_xact_user_tables where relname = 'event_attendance_audit';
  perform from team_audit(try.hash('Staff'), 'org', event, person, actor, action, since, since, null, null, 51);
  select array[seq_scan, seq_tup_read, coalesce(idx_tup_fetch, 0)] into v_after from pg_stat_xact_user_tables where relname = 'event_attendance_audit';
  return case when v_after[1] > v_before[1] then 'goes over all' when v_after[3] - v_before[3] > 200 then format('reads %s', v_after[3] - v_before[3]) else 'few' end;
end
$$;
select is(try.read(t.actor, t.action, t.since, t.person, t.event), 'few', 'R-B7 no page goes over the audit: ' || t.what) from (values
  ('all', null::bigint, null, null::date, null::bigint, null::bigint), ('a rare action', null, 'revert', null, null, null),
  ('one who did little', 7, null, null, null, null), ('the system', 0, null, null, null, null), ('a day', null, null, '2026-11-20', null, null),
  ('a person', null, null, null, 1007, null), ('an event', null, null, null, null, 1007)
) t(what, actor, action, since, person, event);
select * from finish();
