'use strict';
// The participants of an event as staff see and correct them.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;

  // A completed event with so many who were registered; its id.
  function held(title, names) {
    const id = stack.sql(`insert into events (org_id, title, starts_at,
      ends_at, status, takes_attendance) select org_id, '${title}',
      '2030-06-13 08:00Z', '2030-06-13 10:00Z', 'completed', true from events
      where id = ${world.event} returning id`);
    for (const name of names) {
      stack.sql(`with u as (insert into users (email, name) values
        (md5(random()::text) || '@example.org', '${name}') returning id)
        insert into event_participants (event_id, org_id, user_id)
        select e.id, e.org_id, u.id from u, events e where e.id = ${id}`);
    }
    return id;
  }

  async function list() {
    const sid = await world.as('sid');
    const names = Array.from({ length: 53 }, (_, i) => `Guest ${100 + i}`);
    const at = `/staff/sail/events/${held('Open day', [...names, long])}/people`;
    await world.check(sid, at);
    await world.check(sid, `${at}?q=gue&show=unknown`);
    await world.check(sid, `${at}?q=nobody`);
    await world.check(sid, `${at}?show=excused`);
    await sid.goto(at);
    await world.checkPress(sid, () => sid.click('a[rel=next]'));

    // Nothing is ticked, no reason is given; what was chosen stays.
    await sid.goto(`${at}?show=unknown`);
    await world.checkPress(sid, () => world.submit(sid, {}, 'form.stack'),
      422);
    await sid.check('main li:nth-child(2) [type=checkbox][name^=tick]');
    await sid.selectOption('#status', 'late');
    await sid.selectOption('#reason_code', 'other');
    await world.checkPress(sid, () => sid.click('form.stack button'), 422);
    equal(await sid.$$eval('[type=checkbox][name^=tick]:checked', (all) => all.length), 1,
      'ticks');
    equal(await sid.inputValue('#status'), 'late', 'the choice');
    await sid.fill('#reason', 'The list was lost');
    await world.checkPress(sid, () => sid.click('form.stack button'));
    ok((await sid.textContent('main')).includes('It is corrected'), 'done');

    // All of a page at once.
    await sid.goto(`${at}?q=guest+10`);
    await world.checkPress(sid, () => sid.click('text=Tick everyone'));
    await sid.selectOption('#status', 'present');
    await sid.selectOption('#reason_code', 'not_marked');
    await world.checkPress(sid, () => sid.click('form.stack button'));
    await world.check(sid, `${at}?show=present`);
    equal((await sid.$$('main li.split')).length, 10, 'corrected');
  }

  async function one() {
    const sid = await world.as('sid');
    const event = held('Rig check', [long]);
    const id = stack.sql(`select id from event_participants
      where event_id = ${event}`);
    const at = `/staff/sail/events/${event}/people/${id}`;
    await world.check(sid, at);
    await world.checkPress(sid, () => world.submit(sid, {}, 'form.stack'),
      422);
    await sid.selectOption('#status', 'present');
    await sid.selectOption('#reason_code', 'other');
    await sid.fill('#reason', long);
    await world.checkPress(sid, () => sid.click('form.stack button'));
    await sid.goto(at);
    stack.sql(`update event_participants set attendance_status = 'absent'
      where id = ${id}`);
    await sid.selectOption('#status', 'excused');
    await sid.selectOption('#reason_code', 'excused');
    await world.checkPress(sid, () => sid.click('form.stack button'), 409);
    stack.sql('delete from audit_reason');
    await world.check(sid, at);
    await world.check(sid, `/staff/sail/events/${world.event}/people/${id}`,
      404);
  }

  return {
    'GET /staff/:org/events/:id/people': list,
    'POST /staff/:org/events/:id/people': list,
    'GET /staff/:org/events/:id/people/:participant': one,
    'POST /staff/:org/events/:id/people/:participant': one,
  };
};
