'use strict';
// People whom the door has as absent and who say that they were there.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;

  // Yesterday's event of the sailing club, at which Ada was absent; its id.
  function held(title, name) {
    const id = stack.sql(`insert into events (org_id, title, starts_at,
      ends_at, status, takes_attendance) select org_id, '${title}',
      '2030-06-13 08:00Z', '2030-06-13 10:00Z', 'completed', true from events
      where id = ${world.event} returning id`);
    stack.sql(`insert into event_participants (event_id, org_id, user_id,
      attendance_status, attendance_updated_at) select e.id, e.org_id, u.id,
      'absent', app_now() from events e, users u where e.id = ${id} and
      u.email = '${name}@sail.example'`);
    return id;
  }

  const press = (page, decision) => () =>
    page.click(`[name=decision][value=${decision}]`);

  async function decide() {
    const ada = await world.as('ada');
    const sid = await world.as('sid');
    const at = '/staff/sail/requests';
    await world.check(sid, at);

    // She reads that she is absent, and says otherwise.
    const event = held(long, 'ada');
    await world.check(ada, `/history/${event}`);
    await world.checkPress(ada, () => ada.click('[value=attended]'));
    ok((await ada.textContent('main')).includes('looks at it again'), 'asked');
    await world.check(sid, '/staff/sail');
    await sid.click('text=They say they were there');
    await world.check(sid, at);
    const one = `${at}/${stack.sql('select max(id) from attendance_requests')}`;
    await world.check(sid, one);

    // No needs a reason, which she reads.
    await world.checkPress(sid, press(sid, 'absent'), 422);
    await sid.fill('#reason', long);
    await sid.press('#reason', 'Enter');
    equal(stack.sql(`select outcome is null from attendance_requests
      order by id desc limit 1`), 't', 'Enter decides nothing');
    await sid.fill('#reason', long);
    await world.checkPress(sid, press(sid, 'absent'));
    await world.check(sid, one);
    await world.check(ada, `/history/${event}`);
    ok((await ada.textContent('main')).includes(long), 'the reason');

    // Yes is a correction.
    const other = held('Rope work', 'ada');
    await ada.goto(`/history/${other}`);
    await world.checkPress(ada, () => ada.click('[value=partial]'));
    const two = `${at}/${stack.sql('select max(id) from attendance_requests')}`;
    await sid.goto(two);
    await world.checkPress(sid, press(sid, 'late'));
    equal(stack.sql(`select attendance_status from event_participants
      where event_id = ${other}`), 'late', 'corrected');
    await world.check(ada, `/history/${other}`);
    await world.check(sid, two);
    await sid.goto(`/staff/sail/events/${other}/people`);
    await world.checkPress(sid, () => world.post(sid, two,
      { decision: 'present' }), 409);
    stack.sql(`delete from events where id in (${event}, ${other})`);
  }

  return {
    'GET /staff/:org/requests': decide,
    'GET /staff/:org/requests/:id': decide,
    'POST /staff/:org/requests/:id': decide,
  };
};
