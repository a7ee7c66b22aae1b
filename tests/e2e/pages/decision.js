'use strict';
// A person's own messages: why each came, or did not.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;
  const at = '/me/messages';

  async function none() {
    await world.check(await world.as('eve'), `${at}?before=1&event=1`);
  }

  async function all() {
    const { event } = world.asked('told', ['una', 'ulf']);
    stack.sql(`insert into notification_log (id, notification_id, org_id, kind,
      event_id, user_id, prompt_number, revision, scheduled_for, state, cause,
      reply_code, retry_count, created_at, processed_at) select 500000 + n,
      'told-' || n, e.org_id, 'attendance_prompt', e.id, u.id, 1, 1, app_now(),
      o.state, o.cause, 550, 1, app_now(), app_now() - n * interval '1 minute'
      from events e, users u, (values (1, 'dead', 'recipient_refused'),
        (2, 'cancelled', 'answered'), (3, 'expired', 'no_try_left'),
        (4, 'skipped', 'not_in_audience')) o (n, state, cause)
      where e.id = ${event} and u.email = 'una@told.example'`);
    stack.sql(`insert into scheduled_notifications (notification_id, org_id,
      kind, urgency, event_id, user_id, prompt_number, notify_type,
      scheduled_for, not_before, cause, expires_at) select 'told-held',
      e.org_id, 'attendance_prompt', 3, e.id, u.id, 2, 'snooze', app_now(),
      app_now() + interval '9 hours', 'quiet_hours', app_now() +
      interval '9 days' from events e, users u where e.id = ${event} and
      u.email = 'una@told.example'`);
    const una = await world.as('una', 'told');
    stack.sql(`insert into sign_in_requests (email_hash, user_id, new_email,
      created_at, expires_at, consumed_at) select sha256('una'), u.id,
      o.email, app_now() - o.ago, app_now() - o.ago + interval '15 minutes',
      app_now() - o.done from users u, (values
        ('una@waits.example', interval '1 minute', null::interval),
        ('una@over.example', interval '1 hour', null),
        ('${'d'.repeat(60)}@done.example', interval '2 hours',
          interval '119 minutes')) o (email, ago, done)
      where u.email = 'una@told.example'`);
    await world.check(una, at);
    const marks = await una.$$eval('main .status', (marks) =>
      marks.map((mark) => mark.textContent));
    equal(marks.slice(0, 4), ['Done', 'Not changed', 'Waiting', 'Waiting'],
      'what was asked for, then what is to come');
    ok(marks.includes('Refused') && marks.includes('Not sent') &&
      marks.includes('Sent'), `all of it: ${marks}`);
    await una.click('main li a[href="/me/mail"]');
    await una.waitForURL('**/me/mail');
    stack.sql(`update events set title = '${long}' where id = ${event}`);
    await world.check(una, at);
    await world.check(await world.as('ulf', 'told'), `/events/${event}`);
  }

  // One who did not look is told why there was no question.
  async function notAsked() {
    world.begin();
    const { event } = world.asked('mute', ['una', 'ulf']);
    stack.ctl('people', 'import', '--org', 'mute', stack.write('mute.csv',
      'email,name\nzed@mute.example,Zed\n'));
    const zed = await world.as('zed', 'mute');
    await world.check(zed, `/events/${event}`);
    ok((await zed.textContent('main')).includes('You were not among'),
      'the reason');
  }

  return {
    'GET /me/messages': all,
    'member: messages, none of them': none,
    'member: an event that did not ask': notAsked,
  };
};
