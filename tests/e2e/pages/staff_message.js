'use strict';
// What became of an organisation's messages, as its team reads it.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;
  const base = '/staff/genoa/messages';
  let id;

  // Two who are mailed, one whose server refuses, one who does not exist.
  function fill() {
    stack.club('genoa', { kim: '', lea: '', max: '', ned: '' }, {
      org: 'Genoa club', title: 'Evening of sails',
      start: '20300615T160000Z', end: '20300615T180000Z' });
    stack.ctl('admin', 'add', '--org', 'genoa', 'ann@genoa.example', 'Ann');
    id = (name) => Number(stack.sql(
      `select id from users where email = '${name}@genoa.example'`));
    const log = (who, kind, state, cause, reply, why, ago) => stack.sql(
      `insert into notification_log (id, notification_id, org_id, kind,
      event_id, user_id, prompt_number, revision, scheduled_for, state, cause,
      reply_code, last_error, retry_count, created_at, processed_at)
      select n, 'try-' || n, e.org_id, '${kind}', e.id, ${id(who)},
      case when '${kind}' = 'attendance_prompt' then 2 end, 1, app_now(),
      '${state}', ${cause}, ${reply}, ${why}, 2, app_now(), app_now() -
      interval '${ago}' from events e join organizations o on o.id = e.org_id,
      nextval(pg_get_serial_sequence('scheduled_notifications', 'id')) n
      where o.slug = 'genoa'`);
    const none = 'null';
    log('kim', 'registration', 'sent', none, 250, none, '1 hour');
    log('lea', 'registration', 'skipped', "'not_wanted'", none, none, '2 hours');
    log('max', 'registration', 'dead', "'recipient_refused'", 550,
      "'recipient refused'", '3 hours');
    log('ned', 'attendance_prompt', 'expired', "'no_try_left'", 451,
      "'4.3.0 message refused'", '4 hours');
    log('lea', 'attendance_prompt', 'cancelled', "'moved'", none, none,
      '5 hours');
    log('kim', 'digest', 'sent', none, 250, none, '6 hours');
    stack.sql(`update notification_log set bounced_at = app_now(), last_error =
      '5.1.1 came back' where kind = 'digest' and user_id = ${id('kim')};
      update users set suppressed_at = app_now(), suppressed_cause = '5.1.1'
      where id in (${id('kim')}, ${id('ned')});
      insert into notification_log (id, notification_id, org_id, kind, user_id,
      revision, scheduled_for, state, retry_count, created_at, processed_at)
      select 1000000 + n, 'many-' || n, o.id, 'shift_news', ${id('lea')}, 1,
      app_now(), 'sent', 1, app_now(), app_now() - n * interval '1 day'
      from organizations o, generate_series(1, 60) n where o.slug = 'genoa'`);
  }

  async function list() {
    const sid = await world.as('sid');
    await world.check(sid, '/staff/sail/messages');
    fill();
    const ann = await world.as('ann', 'genoa');
    await world.check(ann, base);
    equal(await ann.locator('tbody tr').count(), 50, 'a page');
    const text = await ann.textContent('main');
    for (const said of ['Sent', 'Refused', 'Not needed', 'Too late',
      'Cancelled', 'Came back', '2 not written to']) {
      ok(text.includes(said), said);
    }
    await world.checkPress(ann, () => ann.click('a[rel=next]'));
    await world.check(ann, `${base}?about=${id('kim')}&state=bounced` +
      '&what=prompt&from=2030-06-01&to=2030-06-30');
    equal(await ann.locator('tbody tr').count(), 1, 'one that came back');
    await world.check(ann, `${base}?from=2031-01-01&to=yesterday`);
    await world.check(ann, `${base}?about=999999`, 404);
    await world.check(ann, base);
    await ann.selectOption('#state', 'dead');
    await world.checkPress(ann, () => ann.click('main form button'));
    equal(await ann.locator('tbody tr').count(), 1, 'the refused');
    await world.checkPress(ann, () => ann.click('form[action$=again] button'));
    ok((await ann.textContent('main')).includes('in line again'), 'again');
    const refused = stack.sql(`select id from notification_log where
      state = 'dead' and user_id = ${id('max')}`);
    await world.check(ann, `${base}/addresses`);
    await world.checkPress(ann, () => world.post(ann,
      `${base}/${refused}/again`), 409);
    stack.sql(`update users set name = '${long}' where id = ${id('kim')}`);
    await world.check(ann, base);
  }

  async function next() {
    const sid = await world.as('sid');
    await world.check(sid, '/staff/sail/messages/next?what=care');
    const ann = await world.as('ann', 'genoa');
    stack.sql(`insert into duty_schedules (org_id, title, start_at, end_at)
      select id, '${long}', app_now() + interval '1 day', app_now() +
      interval '26 hours' from organizations where slug = 'genoa';
      insert into scheduled_notifications (notification_id, org_id, kind,
      urgency, user_id, event_id, scheduled_for, not_before, expires_at, cause,
      retry_count, last_error) select 'wait-' || n, e.org_id, 'registration', 3,
      ${id('lea')}, e.id, app_now(), app_now() + n * interval '1 hour',
      app_now() + interval '3 days', (array['quiet_hours', 'retry', null])
      [n % 3 + 1], n % 2, case n % 2 when 1 then '4.3.0 message refused' end
      from events e join organizations o on o.id = e.org_id,
      generate_series(1, 60) n where o.slug = 'genoa'`);
    await world.check(ann, `${base}/next`);
    const text = await ann.textContent('main');
    for (const said of ['Were you there?', 'Reminder of a shift',
      'because of their quiet hours', 'Tries so far: 1']) {
      ok(text.includes(said), said);
    }
    await world.checkPress(ann, () => ann.click('a[rel=next]'));
    await ann.selectOption('#what', 'shift');
    await world.checkPress(ann, () => ann.click('main form button'));
    ok((await ann.textContent('main')).includes('Nothing waits.'), 'none');
  }

  async function pause() {
    const ann = await world.as('ann', 'genoa');
    await world.check(ann, `${base}/next`);
    await ann.click('summary');
    await ann.check('input[value=event]');
    await ann.selectOption('#reason', 'many');
    await world.checkPress(ann, () => ann.click('details button'));
    const text = await ann.textContent('main');
    ok(text.includes('Held back: Places at events.') &&
      text.includes('they would be too many at once'), 'held back');
    stack.sql(`update scheduled_notifications set cause = 'paused',
      not_before = expires_at where notification_id = 'wait-60'`);
    await world.check(ann, `${base}/next`);
    ok((await ann.textContent('main')).includes('Waiting for that: 1.'), 'it waits');
    await world.check(ann, `${base}/next?after=${Date.UTC(2030, 5, 17)}000` +
      '&event=1');
    ok((await ann.textContent('main')).includes('Held back'), 'shown so');
    await world.check(ann, `${base}/next`);
    await world.checkPress(ann, () => world.submit(ann,
      { category: 'account' }, 'details form'), 422);
    await world.check(ann, `${base}/next`);
    await world.checkPress(ann, () => ann.click('.notice button'));
    ok(!(await ann.textContent('main')).includes('Held back:'), 'let go');
  }

  async function addresses() {
    const sid = await world.as('sid');
    await world.check(sid, '/staff/sail/messages/addresses');
    const ann = await world.as('ann', 'genoa');
    await world.check(ann, `${base}/addresses`);
    equal(await ann.locator('.items > li').count(), 2, 'two refuse');
    await world.checkPress(ann, () =>
      ann.click('.items > li:last-child button'));
    await world.check(ann, `${base}/addresses`);
    equal(await ann.locator('.items > li').count(), 1, 'one is mailed again');
  }

  async function file() {
    const ann = await world.as('ann', 'genoa');
    const cookies = (await ann.context().cookies()).map((c) =>
      `${c.name}=${c.value}`).join('; ');
    world.seen.push(['GET', `${base}.csv`]);
    const rs = await stack.request(`${base}.csv?state=skipped`,
      { headers: { Cookie: cookies } });
    equal(rs.status, 200, 'status');
    equal(rs.headers['content-disposition'],
      'attachment; filename="messages-genoa.csv"', 'it is saved as a file');
    equal(rs.body.trim().split('\r\n').length, 2, 'lines');
  }

  return {
    'GET /staff/:org/messages': list,
    'POST /staff/:org/messages/:id/again': list,
    'GET /staff/:org/messages/next': next,
    'POST /staff/:org/messages/pause': pause,
    'POST /staff/:org/messages/resume': pause,
    'GET /staff/:org/messages/addresses': addresses,
    'GET /staff/:org/messages.csv': file,
  };
};
