-- R-D3, R-D4, R-D5, R-F7, R-G1: silence that is noticed, in four levels, who is
-- told of it, and of its end.
\ir fixture.sql
select * from no_plan();

select try.person('Ada', null, 'org', 'admin') as ada, try.person('Bob', 'Europe/Berlin') as bob, try.person('Rita') as rita, try.person('Rolf') as rolf, try.person('Cem') as cem \gset
create function try.s(name text) returns bytea language sql as $$ select hash from sessions where user_id = try.user_id(name) order by id desc limit 1 $$;
select try.sign_in('Ada'), try.sign_in('Bob'), try.sign_in('Rita'), try.sign_in('Rolf'), try.sign_in('Cem');
update sessions set expires_at = '2030-01-01';
select set_responder(try.s('Ada'), 'org', :rita, true, 'r'), set_responder(try.s('Ada'), 'org', :rolf, true, 'r');
delete from scheduled_notifications;
-- Begins anew: Bob enrolled on Friday at 18:00, with contacts who said yes.
create function try.anew(contacts text default 'Zoe,Yan,Xan') returns void language plpgsql as $$
  begin
    delete from alerts; delete from activities; delete from outbox; delete from scheduled_notifications; delete from notification_log;
    delete from notification_pushes; delete from monitoring_contacts; delete from monitoring; delete from user_status;
    perform try.clock('2026-11-20 18:00+00');
    update users set suppressed_at = null, suppressed_cause = null, quiet = false;
    perform monitoring_enrol(try.s('Bob'), 'org', 24, null, 'watch-1');
    insert into monitoring_contacts (user_id, org_id, priority, name, email, state)
    select try.user_id('Bob'), o.id, c.n, c.name, lower(c.name) || '@example.com', 'consented'
    from organizations o, string_to_table(contacts, ',') with ordinality c(name, n) where o.slug = 'org';
  end $$;
create function try.step() returns text language sql as $$ select concat_ws(' ', l1, l2, l3, l4, covered) from step_alerts(100) $$;
create function try.step_at(at timestamptz) returns text language plpgsql as $$ begin perform try.clock(at); return try.step(); end $$;
-- Who is to be told what: "Bob due, Zoe contact".
create function try.waits() returns text language sql as $$
  select coalesce(string_agg(concat_ws(' ', coalesce(u.name, c.name), substring(q.kind from 7), q.notify_type), ', ' order by q.id), '')
  from scheduled_notifications q left join users u on u.id = q.user_id cross join lateral message_contact(q.notification_id) c where q.kind like 'watch%' $$;
create function try.told() returns text language plpgsql as $$
  declare v text := try.waits();
  begin perform try.deliver(); return v; end $$;
create function try.status() returns text language sql as $$
  select concat_ws(' ', s.alert_level, s.alert_triggered_at, s.next_due) from user_status s where s.user_id = try.user_id('Bob') $$;
create function try.trail() returns text language sql as $$
  select string_agg(description, ', ' order by id) from activities $$;
-- What becomes of the message of that person.
create function try.fail(name text, class text default 'recipient') returns text language sql as $$
  select string_agg(record_failed(c.id, c.lease_id, class, 550, null, 'refused'), ' ')
  from claim_notifications(100) c cross join lateral prepare_notification(c.id, c.lease_id) p
  where p.name = fail.name $$;
create function try.free() returns void language sql as $$ update scheduled_notifications set lease_id = null, lease_until = null, not_before = app_now() $$;

-- D3: the climb.
select try.anew();
select is(try.step_at('2026-11-21 17:59:59+00'), '0 0 0 0 0', 'R-D3 not before they are overdue');
select is(next_due(), '2026-11-21 18:00+00', '... that moment is known ahead');
select try.clock('2026-11-21 18:00+00');
select is((select string_agg(concat_ws(' ', user_id = :bob, level, due), ',') from planned_alerts(10)), 't L1 2026-11-21 18:00:00+00', 'a dry run tells of it');
select is(try.step(), '1 0 0 0 0', 'R-D3 L1 when overdue');
select is(try.status(), 'L1 2026-11-21 18:00:00+00 2026-11-21 18:00:00+00', 'R-D1 ... which the status says');
select is(try.told(), 'Bob due L1', 'R-D3 told to the person alone');
select is(try.step(), '0 0 0 0 0', 'R-D3 one step a run');
select is(next_due(), '2026-11-22 18:00+00', 'the next step is known ahead');
select is(try.step_at('2026-11-22 17:59:59+00'), '0 0 0 0 0', 'R-D3 L2 not before 24 hours');
select is(try.step_at('2026-11-22 18:00+00'), '0 1 0 0 0', 'R-D3 ... and then');
select is((select watch_self_display(q) ->> 'contact_name' from scheduled_notifications q where kind = 'watch_soon'), 'Zoe', 'R-D3 which says who comes next');
select is(try.told(), 'Bob soon L2', 'R-D3 ... to the person alone');
select is(try.step_at('2026-11-23 18:00+00'), '0 0 1 0 0', 'R-D3 L3 a day later');
select is(try.told(), 'Bob told L3, Zoe contact L3', 'R-D3 also to the first contact');
select is(try.step_at('2026-11-24 18:00+00'), '0 0 0 1 0', 'R-D3 L4 a day later');
select is(try.told(), 'Bob told L4, Zoe contact L4, Yan contact L4, Xan contact L4, Rita responder L4, Rolf responder L4', 'R-D3 also to all contacts and the responders');
select is(try.step_at('2026-11-30 18:00+00') || try.waits(), '0 0 0 0 0', 'R-D3 there is no fifth');
select is(try.trail(), 'Overdue: reminded to check in, Still silent: reminded again, Still silent: the first contact is told, Still silent: all contacts and the responders are told', 'R-D5 each with its activity');
select is((select count(*) from outbox), (select count(*) + (get_user_status(:bob)).revision from activities), 'R-D5 ... and both handed on');
-- D4.
select check_in(try.s('Bob'));
select is(try.status(), '2026-12-01 18:00:00+00', 'R-D4 a check-in clears level and time');
select is(try.told(), 'Zoe clear clear, Yan clear clear, Xan clear clear', 'R-D4 all-clear to exactly the contacts who were told');
select is((select concat_ws(' ', close_cause, closed_at, closed_by = :bob) from alerts), 'check_in 2026-11-30 18:00:00+00 t', '... and it is over');
select is(try.step_at('2026-12-01 17:59+00'), '0 0 0 0 0', 'nothing until the next is due');

-- D4: told are those to whom it left.
select try.anew();
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00,2026-11-23 18:00+00}'::timestamptz[]) at;
select check_in(try.s('Bob'));
select is(try.told(), 'Zoe clear clear', 'R-D4 at L3 to the first contact alone');
select is((select string_agg(concat_ws(' ', data ->> 'person_name', data ->> 'is_closed'), ', ') from (select watch_contact_display(jsonb_populate_record(null::scheduled_notifications, to_jsonb(l))) as data from notification_log l where kind = 'watch_clear') d), 'Bob false', '... that Bob is well');
select try.anew();
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00}'::timestamptz[]) at;
select is(try.step_at('2026-11-23 18:00+00') || ' ' || try.waits(), '0 0 1 0 0 Bob told L3, Zoe contact L3', 'L3, and nothing has left yet');
select check_in(try.s('Bob'));
select is(try.waits(), '', 'R-D4 who was not told hears nothing at all');
select is((select string_agg(concat_ws(' ', kind, state, cause), ', ' order by id) from notification_log where state <> 'sent'), 'watch_told cancelled resolved, watch_contact cancelled resolved', 'R-F7 what was on its way is taken back');
-- On its way when the check-in comes.
select try.anew();
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00}'::timestamptz[]) at;
select try.step_at('2026-11-23 18:00+00');
select is((select count(*)::int from claim_notifications(10) c cross join lateral prepare_notification(c.id, c.lease_id)), 2, 'two are being sent');
select check_in(try.s('Bob'));
select is(try.waits(), 'Bob told L3, Zoe contact L3', '... when Bob checks in');
select record_sent(id, lease_id, 250, 1) from scheduled_notifications;
select is(try.told(), 'Zoe clear clear', 'R-D4 who was told in that moment is told the end');
-- A crash: nobody knows whether it arrived.
select try.anew();
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00}'::timestamptz[]) at;
select try.step_at('2026-11-23 18:00+00');
select count(*) from claim_notifications(10) c cross join lateral prepare_notification(c.id, c.lease_id);
select try.clock('2026-11-23 18:06+00'); select check_in(try.s('Bob'));
select is(try.waits(), 'Zoe clear clear', 'R-D4 who may have been told is told the end');
select try.anew();
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00}'::timestamptz[]) at;
select try.step_at('2026-11-23 18:00+00');
select record_failed(c.id, c.lease_id, 'retry', 451, null, 'later') from claim_notifications(10) c cross join lateral prepare_notification(c.id, c.lease_id);
select check_in(try.s('Bob'));
select is(try.waits(), '', 'R-D4 ... who surely was not hears nothing');
select is((get_user_status(:bob)).alert_level, null, 'R-D4 the level is cleared');
-- Cancelled by its person.
select try.anew();
select try.step_at('2026-11-21 18:00+00'), try.deliver();
select is(cancel_alert(try.s('Bob')), '2026-11-22 18:00+00', 'R-D4 cancelling counts as a check-in');
select is(try.step_at('2026-11-21 19:00+00'), '0 0 0 0 0', '... and it does not return within the hour');
select is((select close_cause from alerts), 'cancelled', '...');

-- Delays: settings, from when the message left, 12 hours at the latest.
select try.anew();
update organizations set watch_l2_hours = 2, watch_l3_hours = 1, watch_l4_hours = 168;
select try.step_at('2026-11-21 18:00+00');
select try.clock('2026-11-21 20:30+00'); select try.deliver();
select is(next_due(), '2026-11-21 22:30+00', 'R-D3 the delay runs from when the message left');
select is(try.step_at('2026-11-21 22:29+00'), '0 0 0 0 0', '... not before');
select is(try.step_at('2026-11-21 22:30+00'), '0 1 0 0 0', '... and then');
select is((select step_due_at from alerts), '2026-11-22 11:30+00', 'R-D3 at the latest from 12 hours after the step');
select is(try.step_at('2026-11-22 11:30+00'), '0 0 1 0 0', '... also when nothing left');
select is((select string_agg(concat_ws(' ', c.kind, p.outcome, p.cause), ', ' order by c.id) from claim_notifications(10) c cross join lateral prepare_notification(c.id, c.lease_id) p), 'watch_soon skip replaced, watch_told send, watch_contact send', 'what a later step says better is not sent');
update organizations set watch_l4_hours = 5;
select is((select step_due_at from alerts), '2026-11-23 04:30+00', 'another delay counts for what is open');
update organizations set watch_l2_hours = 24, watch_l3_hours = 24, watch_l4_hours = 24;
select throws_ok('update organizations set watch_l2_hours = 0', '23514', null, 'R-D3 a delay of 1 to 168 hours');
select try.anew();
select try.step_at('2026-11-21 18:00+00'); select try.clock('2026-11-22 07:00+00'); select try.deliver();
select is((select step_due_at from alerts), '2026-11-23 06:00+00', 'R-D3 ... one that left after 13 hours makes it no later');
-- Catching up.
select try.anew();
select is(try.step_at('2026-11-28 18:00+00'), '1 0 0 0 0', 'R-D3 a week without a sweep: one step');
select is(try.step(), '0 0 0 0 0', '... and no second in the same run');
select try.deliver();
select is(try.step_at('2026-11-29 17:59+00') || try.step_at('2026-11-29 18:00+00'), '0 0 0 0 00 1 0 0 0', '... the next a day after');
-- Quiet hours hold L1 and L2, and nothing else.
select try.anew(); update users set quiet = true;
update monitoring set interval_hours = 27; select refresh_due(:bob);
select try.step_at('2026-11-21 21:00+00');
select is((select string_agg(concat_ws(' ', p.outcome, p.cause), ', ') from claim_notifications(10) c cross join lateral prepare_notification(c.id, c.lease_id) p), 'hold quiet_hours', 'R-F7 L1 is held in the quiet hours');
select try.clock('2026-11-22 07:00+00'); select is(try.told(), 'Bob due L1', '... and goes when they end');
select is((select step_due_at from alerts), '2026-11-23 07:00+00', 'R-D3 from when it left');
select try.step_at('2026-11-23 07:00+00'), try.deliver(); select try.step_at('2026-11-24 21:00+00');
select is(try.told(), 'Bob told L3, Zoe contact L3', 'R-F7 L3 passes'); select is(try.waits(), '', '... at once');

-- L3 without a contact, and contacts that cannot be reached.
select try.anew('');
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00,2026-11-23 18:00+00}'::timestamptz[]) at;
select is((select string_agg(kind || ' ' || level, ', ' order by id) from alert_steps where left_at is not null), 'watch_due L1, watch_soon L2, watch_told L3, watch_responder L3, watch_responder L3', 'R-D3 with no contact L3 goes to the responders');
select try.anew();
update monitoring_contacts set state = 'asked' where name = 'Zoe'; update monitoring_contacts set suppressed_at = app_now() where name = 'Yan';
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00}'::timestamptz[]) at;
select try.step_at('2026-11-23 18:00+00');
select is(try.told(), 'Bob told L3, Xan contact L3', 'R-D3 to the first who has consented and can be reached: not without consent');
-- One that dies, is skipped, or is not out after an hour.
select try.anew();
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00}'::timestamptz[]) at;
select try.step_at('2026-11-23 18:00+00');
select is(try.fail('Zoe'), 'dead', 'an L3 message dies');
select try.free();
select is(try.told(), 'Bob told L3, Yan contact L3, Rita responder L3, Rolf responder L3', 'R-D3 the next contact and the responders are told in the same run');
select is(try.step() || try.waits(), '0 0 0 0 0', '... once');
select check_in(try.s('Bob'));
select is(try.told(), 'Yan clear clear', 'R-D4 all-clear to who was told, not to whom it did not reach');
select try.anew();
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00}'::timestamptz[]) at;
select try.step_at('2026-11-23 18:00+00');
update monitoring_contacts set state = 'withdrawn' where name = 'Zoe';
select try.deliver();
select is(try.told(), 'Yan contact L3, Rita responder L3, Rolf responder L3', 'R-D3 ... one that is skipped');
select try.anew();
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00}'::timestamptz[]) at;
select try.step_at('2026-11-23 18:00+00');
select is(try.step_at('2026-11-23 18:59+00'), '0 0 0 0 0', 'one that is not out after 59 minutes');
select is(try.step_at('2026-11-23 19:00+00'), '0 0 0 0 1', 'R-D3 ... after an hour');
select is(try.waits(), 'Bob told L3, Zoe contact L3, Yan contact L3, Rita responder L3, Rolf responder L3', 'R-D3 ... the next contact and the responders');
select is(try.step(), '0 0 0 0 0', '... once');
-- The person's own address.
select try.anew();
update users set suppressed_at = app_now(), suppressed_cause = '5.1.1' where id = :bob;
select try.step_at('2026-11-21 18:00+00'), try.deliver();
select is(try.waits(), 'Rita responder L1, Rolf responder L1', 'R-D3 where the person''s own address is suppressed the responders are told');
select is((select watch_responder_display(q) ->> 'unreachable' from scheduled_notifications q limit 1), 'true', '... and why');
select try.deliver();
select is((select left_at is not null from alerts), true, 'R-D3 ... and the delay runs from that');
select is(try.step_at('2026-11-21 19:30+00') || try.waits(), '0 0 0 0 0', 'no contact is told before L3');
select try.anew();
update users set suppressed_at = app_now(), suppressed_cause = '5.1.1' where id = :bob;
select try.step_at('2026-11-21 18:00+00'), try.deliver(); select try.fail('Rita');
select is((select count(*)::int from alert_steps where kind = 'watch_contact'), 0, 'R-D3 before L3 no contact is told, whatever becomes of that');
-- Of responders.
select try.anew('');
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00}'::timestamptz[]) at;
select try.step_at('2026-11-23 18:00+00');
update users set suppressed_at = app_now(), suppressed_cause = '5.1.1' where id = :rolf;
select is(try.deliver(), 2, 'a responder whom mail does not reach is skipped');
select is((select string_agg(concat_ws(' ', kind, outcome, cause), ', ' order by id) from alert_steps where level = 'L3'), 'watch_told sent, watch_responder sent, watch_responder skipped suppressed', '... as the trail says');

-- The link in the mail.
select try.anew();
select try.step_at('2026-11-21 18:00+00');
select is((select concat_ws(' ', p.row_id = :bob, p.generation, p.expires_at - app_now()) from claim_notifications(10) c cross join lateral prepare_notification(c.id, c.lease_id) p), 't 1 7 days', 'the mail has a link for 7 days');
select is((select concat_ws(' ', is_open, person_name, is_overdue, alert_level) from checkin_link(:bob, 1, '2026-11-28 18:00+00')), 't Bob t L1', '... which works while it is being sent');
select is((select count(*)::int from checkin_link(:bob, 2, '2026-11-28 18:00+00')), 0, '... and no other');
select record_sent(id, lease_id, 250, 1) from scheduled_notifications;
select try.step_at('2026-11-22 18:00+00');
select is((select is_open from checkin_link(:bob, 1, '2026-11-28 18:00+00')), true, 'it works until the next is sent');
select try.deliver();
select is((select is_open from checkin_link(:bob, 1, '2026-11-28 18:00+00')), false, '... and then no more');
select throws_ok(format('select check_in_by_link(%s, 1, ''2026-11-28 18:00+00'')', :bob), 'RC410', 'checkin_link_old', '... pressed either');
select throws_ok(format('select check_in_by_link(%s, 2, ''2026-11-22 18:00+00'')', :bob), 'RC410', 'checkin_link_old', '... nor after its date');
select throws_ok(format('select check_in_by_link(%s, 3, ''2026-11-29 18:00+00'')', :bob), 'RC404', 'absent', '... nor one that was never mailed');
select is(check_in_by_link(:bob, 2, '2026-11-29 18:00+00'), '2026-11-23 18:00+00', 'R-D4 the newest checks in');
select is((select concat_ws(' ', type, description, metadata ->> 'link') from activities order by id desc limit 1), 'check-in Checked in by the link in a mail true', '...');

-- Pausing, resuming, stopping.
select try.anew();
select throws_ok($$select monitoring_pause(try.s('Bob'), '2026-11-19')$$, 'RC422', 'bad_pause', 'a pause ends in the future');
select throws_ok($$select monitoring_pause(try.s('Bob'), null)$$, 'RC422', 'bad_pause', '... and does end');
select throws_ok($$select monitoring_pause(try.s('Bob'), '2028-01-01')$$, 'RC422', 'bad_pause', '... within a year');
select try.step_at('2026-11-21 18:00+00'), try.deliver();
select monitoring_pause(try.s('Bob'), '2026-11-30');
select is(try.status(), '2026-12-01 23:00:00+00', 'R-D2 paused: silence counts from the end of the pause, where they are');
select is((select close_cause from alerts), 'paused', '... which ends an alert');
select is(try.step_at('2026-12-01 22:59+00') || try.step_at('2026-12-01 23:00+00'), '0 0 0 0 01 0 0 0 0', 'R-D3 nothing until then');
select monitoring_pause(try.s('Bob'), '2026-12-24'); select try.clock('2026-12-10 12:00+00'); select monitoring_resume(try.s('Bob'));
select is(try.status(), '2026-12-11 12:00:00+00', 'R-D2 a pause that is ended early: from then on');
select try.step_at('2026-12-11 12:00+00'), try.deliver(); select try.step_at('2026-12-12 12:00+00'), try.deliver(); select try.step_at('2026-12-13 12:00+00'), try.deliver();
select monitoring_stop(try.s('Bob'));
select is(try.told() || try.status(), 'Zoe clear clear', 'stopped: told the end, and nothing is waited for');
select is(try.step_at('2027-01-01 12:00+00'), '0 0 0 0 0', '... ever');
select throws_ok($$select check_in(try.s('Bob'))$$, 'RC409', 'not_watched', 'who is not watched over does not check in');
select is((select count(*)::int from checkin_link(:bob, 1, '2028-01-01')), 0, '... nor by a link');

-- What responders do.
select try.anew();
select throws_ok(format('select acknowledge_alert(try.s(''Rita''), ''org'', %s)', :bob), 'RC409', 'alert_over', 'there is none yet');
select try.step_at('2026-11-21 18:00+00'), try.deliver();
select throws_ok(format('select acknowledge_alert(try.s(''Ada''), ''org'', %s)', :bob), 'RC404', 'absent', 'R-O1 being admin is not enough');
select throws_ok(format('select acknowledge_alert(try.s(''Rita''), ''other'', %s)', :bob), 'RC404', 'absent', 'R-O2 in their organisation');
select throws_ok(format('select close_alert(''\x00'', ''org'', %s, ''x'')', :bob), 'RC401', 'no_session', 'signed in');
select try.clock('2026-11-22 12:00+00'); select acknowledge_alert(try.s('Rita'), 'org', :bob);
select is(try.step_at('2026-11-22 23:59+00') || try.step_at('2026-11-23 00:00+00'), '0 0 0 0 00 1 0 0 0', 'R-D3 an acknowledging responder stops the climb for 12 hours');
select claim_alert(try.s('Rita'), 'org', :bob);
select throws_ok(format('select claim_alert(try.s(''Rolf''), ''org'', %s)', :bob), 'RC409', 'alert_claimed', 'claimed by one');
select throws_ok(format('select hand_over_alert(try.s(''Rita''), ''org'', %s, %s)', :bob, :ada), 'RC422', 'bad_responder', '... handed over to a responder');
select try.deliver(); select hand_over_alert(try.s('Rita'), 'org', :bob, :rolf);
select is(try.told() || (select claimed_by = :rolf from alerts)::text, 'Rolf responder L2true', '... who is told');
select throws_ok(format('select close_alert(try.s(''Rolf''), ''org'', %s, '' '')', :bob), 'RC422', 'bad_note', 'closed with a note');
select try.step_at('2026-11-24 12:00+00'), try.deliver();
select close_alert(try.s('Rolf'), 'org', :bob, 'Is at the seaside');
select is(try.told(), 'Zoe clear clear', 'R-D4 closed: the contacts who were told hear that it is over');
select is(try.step_at('2026-11-24 13:00+00') || try.status(), '0 0 0 0 02026-11-25 12:00:00+00', '... and it does not come back within the hour');
select is((select concat_ws(' ', close_cause, closed_by = :rolf, close_note) from alerts), 'closed t Is at the seaside', '...');

-- A hand-over is no step of the level: held for the night, the first message has not left.
select try.anew();
update users set quiet = true, quiet_from = '21:00', quiet_to = '08:00' where id = :bob;
update monitoring set counts_from = '2026-11-20 21:00+00' where user_id = :bob; select refresh_due(:bob);
select is(try.step_at('2026-11-21 21:00+00') || coalesce(try.told(), ''), '1 0 0 0 0Bob due L1', 'held in the evening');
select try.clock('2026-11-21 21:30+00'); select claim_alert(try.s('Rita'), 'org', :bob), hand_over_alert(try.s('Rita'), 'org', :bob, :rolf), try.deliver();
select is((select left_at from alerts), null, 'R-D3 that a responder is told of a hand-over begins no delay');
select is(try.step_at('2026-11-21 23:00+00'), '0 0 0 0 0', '... nor is it covered for by others');

-- What was lost after the whole message may have arrived.
select try.anew();
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00}'::timestamptz[]) at;
select try.step_at('2026-11-23 18:00+00');
select is(
  (select string_agg(record_failed(c.id, c.lease_id, 'retry', 354, null, 'no reply after the message'), ' ')
   from claim_notifications(100) c cross join lateral prepare_notification(c.id, c.lease_id) p where p.name = 'Zoe'),
  'pending', 'nobody knows whether it came'
);
select try.free(); select check_in(try.s('Bob'));
select is(try.waits(), 'Zoe clear clear', 'R-D4 who may have been told hears that all is well');
select try.anew();
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00}'::timestamptz[]) at;
select try.step_at('2026-11-23 18:00+00');
select record_failed(c.id, c.lease_id, 'retry', 354, null, 'no reply after the message')
from claim_notifications(100) c cross join lateral prepare_notification(c.id, c.lease_id) p where p.name = 'Zoe';
select try.free(); select is(try.fail('Zoe'), 'dead', 'refused the second time');
select try.free(); select check_in(try.s('Bob'));
select ok(try.waits() like '%Zoe clear clear%', 'R-D4 ... she may have been told by the first');

-- Who is watched over is no responder to themselves.
select try.anew('');
select monitoring_enrol(try.s('Rita'), 'org', 24, null, 'watch-1');
select try.step_at('2026-11-21 18:00+00');
select throws_ok(format('select %s(try.s(''Rita''), ''org'', %s)', f, :rita), 'RC404', 'absent', 'R-O1 nobody acts on their own alert: ' || f) from unnest(array['acknowledge_alert', 'claim_alert']) f;
select throws_ok(format('select set_responder(try.s(''Ada''), ''org'', %s, false, ''r'')', :rolf), 'RC409', 'last_responder', 'R-D2 the last responder to one who is a responder stays');
select monitoring_stop(try.s('Bob')), monitoring_stop(try.s('Rita'));
select lives_ok(format('select set_responder(try.s(''Ada''), ''org'', %s, false, ''r'')', :rolf), '... until nobody is watched over');
select throws_ok($$select monitoring_enrol(try.s('Rita'), 'org', 24, null, 'watch-1')$$, 'RC409', 'no_responder', 'R-D2 nobody is watched over by themselves alone');
select set_responder(try.s('Ada'), 'org', :rolf, true, 'r');

-- Contacts after the end of it.
select try.anew();
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00,2026-11-23 18:00+00}'::timestamptz[]) at;
select monitoring_stop(try.s('Bob'));
select lives_ok($$select contact_remove(try.s('Bob'), id) from monitoring_contacts where name = 'Xan'$$, 'R-G1 who is not watched over any more can take contacts away');
select try.org('club') as club \gset
insert into memberships (user_id, org_id) select :bob, id from organizations where slug = 'club' on conflict do nothing;
select try.person('Ole', null, 'club') as ole \gset
select try.sign_in('Ole'); update memberships set responder = true where user_id = :ole;
select monitoring_enrol(try.s('Bob'), 'club', 24, null, 'watch-1');
select is(try.told(), 'Zoe clear clear', 'R-D4 who was told hears that all is well, also when another organisation watches over');
select is((select count(*)::int from monitoring_contacts), 0, '... and no contact goes along');
delete from memberships m using organizations o where o.id = m.org_id and o.slug = 'club' and m.user_id = :bob;

-- What a server had taken came back.
select try.anew();
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00,2026-11-23 18:00+00}'::timestamptz[]) at;
select is(record_bounce((select l.id from notification_log l where l.notification_id like 'watch-%-L3-c%'), 'address', '5.1.1'), 'noted', 'the report of a mail to a contact');
select is(try.waits(), 'Yan contact L3, Rita responder L3, Rolf responder L3', 'R-D3 the next contact and the responders are told at once');
select is((select string_agg(name, ' ') from monitoring_contacts where suppressed_at is not null), 'Zoe', 'R-F2 whose address does not exist is not written to again');
select try.deliver(); select check_in(try.s('Bob'));
select is(try.waits(), 'Yan clear clear', 'R-D4 all-clear to who was told, not to whom nothing came');
select try.anew();
select try.step_at('2026-11-21 18:00+00'), try.deliver();
select is(record_bounce((select l.id from notification_log l where l.notification_id like 'watch-%-L1'), 'address', '5.1.1'), 'suppressed', 'the report of one to the person');
select is(try.waits(), 'Rita responder L1, Rolf responder L1', 'R-D3 the responders are told');
update users set suppressed_at = null, suppressed_cause = null;

-- Contacts that are removed, or forget.
select try.anew();
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00,2026-11-23 18:00+00}'::timestamptz[]) at;
select contact_remove(try.s('Bob'), id) from monitoring_contacts where name in ('Zoe', 'Xan');
select is((select string_agg(name || ' ' || state, ', ' order by priority) from monitoring_contacts), 'Zoe removed, Yan consented', 'one who was told stays until it is over');
select is((select string_agg(name, ' ') from own_contacts(try.s('Bob'))), 'Yan', '... unseen');
select check_in(try.s('Bob'));
select is(try.told(), 'Zoe clear clear', 'R-D4 hears that');
select is((select string_agg(name, ' ') from monitoring_contacts), 'Yan', '... and is forgotten');

-- Erasing.
select try.anew();
select try.step_at(at), try.deliver() from unnest('{2026-11-21 18:00+00,2026-11-22 18:00+00,2026-11-23 18:00+00}'::timestamptz[]) at;
select throws_ok($$select erase_me(try.s('Bob'), sha256('b'), 'r')$$, 'RC409', 'alert_open', 'R-G1 nobody who was told is left without hearing the end');
select check_in(try.s('Bob'));
select throws_ok($$select erase_me(try.s('Bob'), sha256('b'), 'r')$$, 'RC409', 'alert_open', '... which is mailed first');
select try.deliver();
select is(jsonb_path_query_array(own_data(:bob), '$.alerts[0].told[*].to')::text, '["you", "you", "you", "a contact", "a contact"]', 'R-G1 their own data');
-- Removed by an admin.
select is((select count(*)::int from monitoring where stopped_at is null), 1, 'watched over');
select remove_person(try.s('Ada'), 'org', :bob, 'r');
select is((select count(*)::int from monitoring where stopped_at is null), 0, 'who leaves the organisation is not watched over by it any more');
select lives_ok($$select erase_me(try.s('Bob'), sha256('b'), 'r')$$, 'R-G1 erased');
select is((select count(*) from alerts) + (select count(*) from alert_steps) + (select count(*) from activities) + (select count(*) from outbox) + (select count(*) from monitoring_contacts) + (select count(*) from user_status), 0::bigint, 'R-G1 ... with all of it');

-- Two sweeps at once.
select try.person('P' || n) from generate_series(1, 40) n; select try.sign_in('P' || n) from generate_series(1, 40) n;
select try.clock('2026-11-20 18:00+00'); select monitoring_enrol(try.s('P' || n), 'org', 24, null, 'watch-1') from generate_series(1, 40) n;
select try.clock('2026-11-21 18:00+00');
create function try.connect(name text) returns text language sql as $$ select dblink_connect(name, format('host=%s dbname=%s user=postgres', split_part(current_setting('unix_socket_directories'), ',', 1), current_database())) $$;
select try.connect('one'), try.connect('two');
select dblink_exec('one', 'begin'); select * from dblink('one', 'select l1 from step_alerts(25)') as t(n int);
select is((select concat_ws(' ', l1, more) from step_alerts(25)), '15 f', 'R-D3 two sweeps at once: each takes its own');
select dblink_exec('one', 'commit');
select is((select count(*) || ' ' || count(distinct user_id) from alerts where closed_at is null), '40 40', 'R-D3 ... nobody twice');
select is(try.step(), '0 0 0 0 0', '... and nobody again');
select dblink_disconnect('one'), dblink_disconnect('two');
select * from finish();
