-- R-B6: the chain finds what is changed, removed, put in another order or cut
-- off, even by a superuser who switches the triggers off.
\ir fixture.sql
select plan(42);

select try.org('other') as other \gset
select try.org('empty') as empty \gset
select append_audit(o.id, 7, null, n, n, 'self_report', 'attended', 'partial', null, null, null, 'r' || n)
from generate_series(1, 20) n, organizations o where o.slug <> 'empty';
select is_empty('select * from verify_audit(null)', 'sound chains have no problem');
select results_eq('select org_slug, seq from audit_head(null)', $$values ('org', 20::bigint), ('other', 20), ('empty', 0)$$, 'each organisation has its own chain');
select is((select count(*)::int from event_attendance_audit a where hash <> audit_hash(a)), 0, 'every row holds its own hash');
select is((select count(*)::int from event_attendance_audit a join event_attendance_audit b on b.org_id = a.org_id and b.seq = a.seq + 1 and b.prev_hash = a.hash), 38, '... and the one before');
select is((select array_agg(prev_hash) from event_attendance_audit where seq = 1), array[decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex')], 'the first has none before it');
select throws_ok($$select verify_audit('nobody')$$, 'RC404', 'org_unknown', 'an organisation that is not there is said so');

-- The encoding takes no two rows for one.
select isnt(
  audit_hash(row(1, 1, 1, null, 1, null, 'request', 'a', null, null, null, null, null, '2026-01-01', '', '')::event_attendance_audit),
  audit_hash(row(1, 1, 1, null, 1, null, 'request', null, 'a', null, null, null, null, '2026-01-01', '', '')::event_attendance_audit),
  'a value in another column hashes differently');
select isnt(
  audit_hash(row(1, 1, 1, null, 1, null, 'request', 'null', '', null, null, null, null, '2026-01-01', '', '')::event_attendance_audit),
  audit_hash(row(1, 1, 1, null, 1, null, 'request', null, '', null, null, null, null, '2026-01-01', '', '')::event_attendance_audit),
  'null is not the word null');
select is(
  (select array_agg(distinct h) from (
    select audit_hash(row(1, 1, 1, null, 1, null, 'request', 'a', 'b', 'c', '\x01', 'd', 'e', '2026-01-01 00:00:00.000001+00', '\x02', '')::event_attendance_audit) as h
  ) x),
  array[sha256(convert_to('["rollcall attendance audit 1", 1, 1, 1, null, 1, null, "request", "a", "b", "c", "01", "d", "e", "2026-01-01T00:00:00.000001Z", "02"]', 'UTF8'))],
  'the encoding is as documented');
set timezone = 'Asia/Kolkata';
set datestyle = 'German';
select is_empty('select * from verify_audit(null)', 'whatever zone and style the session is in');
reset timezone;
reset datestyle;

-- Dedupe.
select isnt(append_audit(:other, 7, null, 1, null, 'mark_absent', 'unknown', 'absent', 'auto', null, 'key', null), null, 'a dedupe key is used once');
select is(append_audit(:other, 7, null, 1, null, 'mark_absent', 'unknown', 'absent', 'auto', null, 'key', null), null, '... and then writes nothing');
select throws_ok('select append_audit(999, 7, null, 1, null, ''request'', null, null, null, null, null, null)', null, null, 'without a chain nothing is written');
select throws_ok(format('select append_audit(%s, 7, null, 1, null, ''request'', null, null, ''Because she was ill'', null, null, null)', :other), '23514', null, 'free text is no reason code');

-- Damage.  Each trial is taken back.
create function try.damaged(what text) returns text language plpgsql as $$
declare found text;
begin
  set local session_replication_role = replica;
  execute what;
  select string_agg(format('%s %s: %s', org_slug, seq, problem), ', ') into found from verify_audit(null);
  raise exception using errcode = 'RC000', message = coalesce(found, 'nothing');
exception when sqlstate 'RC000' then
  return sqlerrm;
end
$$;
select is(try.damaged(t.what), t.found, 'found: ' || t.found) from (values
  ('update event_attendance_audit set new_status = ''partiaL'' where org_id = 1 and seq = 7', 'org 7: the row was changed'),
  ('update event_attendance_audit set performed_at = performed_at + interval ''1 microsecond'' where org_id = 2 and seq = 1', 'other 1: the row was changed'),
  ('delete from event_attendance_audit where org_id = 1 and seq = 7', 'org 7: the row is missing'),
  ('delete from event_attendance_audit where org_id = 1 and seq = 1', 'org 1: the row is missing'),
  ('update event_attendance_audit set seq = case seq when 5 then 1006 else 1005 end where org_id = 1 and seq in (5, 6);
    update event_attendance_audit set seq = seq - 1000 where seq > 1000', 'org 5: the row was changed'),
  ('delete from event_attendance_audit where org_id = 1 and seq > 15', 'org 16: the row is missing, and all after it'),
  ('delete from event_attendance_audit where org_id = 1', 'org 1: the row is missing, and all after it'),
  ('update event_attendance_audit a set new_status = ''attended'' where org_id = 1 and seq = 9;
    update event_attendance_audit a set hash = audit_hash(a) where org_id = 1 and seq = 9', 'org 10: the row does not follow the one before it'),
  ('update event_attendance_audit a set new_status = ''attended'' where org_id = 1 and seq = 20;
    update event_attendance_audit a set hash = audit_hash(a) where org_id = 1 and seq = 20', 'org 20: the row is not the one the chain ended with'),
  ('delete from event_attendance_audit_head where org_id = 1', 'org 20: the end of the chain is not known')
) t(what, found);

-- At random: one byte, one row, two rows.  Each names the first row that is wrong.
-- FULL=1: 1,000 times each, else 200.
\set full
\getenv full FULL
select case :'full' when '' then 200 else 1000 end as trials \gset
create function try.bent(value text) returns text language sql volatile as $$
  select overlay(value placing chr(ascii(substr(value, at, 1)) + 1) from at for 1) from (select 1 + floor(random() * length(value))::int as at) p
$$;
create function try.trial(what text, a int, b int) returns text language plpgsql as $$
begin
  return substring(try.damaged(case what
    when 'changed' then format('update event_attendance_audit set %s where org_id = 1 and seq = %s', (array[
      'event_id = event_id + 1', 'participant_id = 1', 'user_id = user_id + 256', 'actor_id = null', 'action = ''request''',
      'previous_status = try.bent(previous_status)', 'new_status = try.bent(new_status)', 'reason_code = ''a''', 'dedupe_key = ''k''',
      'request_id = try.bent(request_id)', 'performed_at = performed_at - interval ''1 microsecond''',
      'hash = set_byte(hash, 31, get_byte(hash, 31) # 1)', 'prev_hash = set_byte(prev_hash, 0, get_byte(prev_hash, 0) # 128)',
      'reason_hash = sha256(hash)'
    ])[1 + a % 14], b)
    when 'removed' then format('delete from event_attendance_audit where org_id = 1 and seq = %s', b)
    when 'swapped' then format('update event_attendance_audit set seq = -seq where org_id = 1 and seq in (%s, %s);
      update event_attendance_audit set seq = case seq when -%1$s then %2$s else %1$s end where org_id = 1 and seq < 0', a, b)
  end) from '^org (\d+):');
end
$$;
alter table event_attendance_audit drop constraint event_attendance_audit_seq_check;
alter table event_attendance_audit drop constraint event_attendance_audit_request_id_check;
select setseed(0.5);
create temporary table trials as
  select n, 1 + floor(random() * 20)::int as a, 1 + floor(random() * 20)::int as b from generate_series(1, :trials) n;
update trials set b = 1 + b % 20 where a = b;
select is(
  (select count(*)::int from trials where try.trial(w.what, a, b) = case w.what when 'swapped' then least(a, b) else b end::text),
  :trials, format('R-B6 %s times of %1$s a random row %s is found and named', :trials, w.what)
) from unnest(array['changed', 'removed', 'swapped']) w(what);

-- From a moment on.
update test_clock set at = at + interval '1 hour';
select append_audit(1, 8, null, n, n, 'self_report', null, 'partial', null, null, null, null) from generate_series(1, 5) n;
create function try.since(what text, since interval) returns text language plpgsql as $$
declare found text;
begin
  set local session_replication_role = replica;
  execute what;
  select string_agg(format('%s: %s', seq, problem), ', ') into found from verify_audit('org', app_now() - since);
  raise exception using errcode = 'RC000', message = coalesce(found, 'nothing');
exception when sqlstate 'RC000' then
  return sqlerrm;
end
$$;
select is(try.since(t.what, t.since), t.found, format('R-B6 since %s ago: %s', t.since, t.found)) from (values
  ('update event_attendance_audit set new_status = ''x'' where org_id = 1 and seq = 7', interval '1 minute', 'nothing'),
  ('update event_attendance_audit set new_status = ''x'' where org_id = 1 and seq = 7', '61 minutes', '7: the row was changed'),
  ('update event_attendance_audit set new_status = ''x'' where org_id = 1 and seq = 21', '1 minute', '21: the row was changed'),
  ('delete from event_attendance_audit where org_id = 1 and seq = 21', '1 minute', '21: the row is missing'),
  ('delete from event_attendance_audit where org_id = 1 and seq = 20', '1 minute', '20: the row is missing'),
  ('delete from event_attendance_audit where org_id = 1 and seq in (19, 20)', '1 minute', '19: the row is missing'),
  ('delete from event_attendance_audit where org_id = 1 and seq > 20', '1 minute', '21: the row is missing, and all after it'),
  ('select', '-1 minute', 'nothing'),
  ('delete from event_attendance_audit where org_id = 1 and seq = 25', '-1 minute', '25: the row is missing, and all after it')
) t(what, since, found);

-- What was typed.
select append_audits(:org, array(
  select row(0, 0, 9, null, n, null, 'request', null, null, null, case when n > 1 then hash_reason(sha256('salt'), 'was ill') end, null, null, null, null, null)::event_attendance_audit
  from generate_series(1, 3) n
)) as first \gset
insert into audit_reason select :org, seq, sha256('salt'), 'was ill' from generate_series(:first + 1, :first + 2) seq;
select is(:first, 26, 'rows that come together stand together');
select is(try.damaged(t.what), t.found, 'R-B6 typed reasons: ' || t.found) from (values
  ('select', 'nothing'),
  ('delete from audit_reason where seq = 27', 'nothing'),
  ('update audit_reason set reason = ''Was ill'' where seq = 27', 'org 27: the reason was changed'),
  ('update audit_reason set salt = sha256(''pepper'') where seq = 28', 'org 28: the reason was changed'),
  ('update audit_reason set seq = 26 where seq = 28', 'org 26: the reason was changed')
) t(what, found);
select * from finish();
