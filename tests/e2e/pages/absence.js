'use strict';
// Marking those absent whom nobody marked, and taking that back.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  const { stack } = world;

  // An event of the sailing club that was over yesterday; its id.
  function held(title, present, status = 'completed') {
    const id = stack.sql(`insert into events (org_id, title, starts_at,
      ends_at, status, takes_attendance) select org_id, '${title}',
      '2030-06-13 08:00Z', '2030-06-13 10:00Z', '${status}', true from events
      where id = ${world.event} returning id`);
    stack.sql(`with u as (insert into users (email, name) select
      md5(random()::text) || '@example.org', 'Guest ' || i from
      generate_series(1, 5) i returning id)
      insert into event_participants (event_id, org_id, user_id, status)
      select e.id, e.org_id, u.id, case row_number() over () when 5 then
      'waitlisted' when 4 then 'cancelled' else 'registered' end
      from u, events e where e.id = ${id}`);
    stack.sql(`update event_participants set attendance_status = 'late' where
      id in (select id from event_participants where event_id = ${id}
      order by id limit ${present})`);
    return id;
  }

  const words = (event) => stack.sql(`select string_agg(attendance_status, ' '
    order by id) from event_participants where event_id = ${event}`);

  async function byHand() {
    const amy = await world.as('amy');
    const sid = await world.as('sid');
    const event = held('Open day', 1);
    const at = `/staff/sail/events/${event}/absences`;
    await world.check(sid, at);
    await world.check(amy, at);
    await world.checkPress(amy, () => amy.click('text=Mark 2 absent'));
    equal(words(event), 'late absent absent unknown unknown', 'marked');
    await world.check(sid, at);
    await amy.goto(at);
    await amy.click('summary');
    await world.checkPress(amy, () => amy.click('text=Take back all of them'));
    equal(words(event), 'late unknown unknown unknown unknown', 'taken back');
    const batch = stack.sql('select max(id) from absence_batches');
    await world.checkPress(amy, () => world.post(amy, `${at}/${batch}/back`),
      409);
    await world.check(amy, `/staff/sail/events/${world.event}/absences`);
    await amy.goto(`${at.slice(0, -9)}/people`);
    await world.checkPress(amy, () => world.post(amy,
      `/staff/sail/events/${world.event}/absences`), 425);
  }

  async function asked() {
    const amy = await world.as('amy');
    const event = held('Nobody came', 0, 'ongoing');
    stack.sweep();
    equal(words(event), Array(5).fill('unknown').join(' '), 'left alone');
    const mail = stack.mails('amy@sail.example').pop();
    ok(mail.raw.replace(/=\r\n/g, '')
      .includes(`/staff/sail/events/${event}/absences`), 'the mail');
    const at = `/staff/sail/events/${event}`;
    await world.check(await world.as('sid'), at);
    await world.check(amy, at);
    await world.checkPress(amy, () => amy.click('text=Say which it was'));
    await world.checkPress(amy, () => amy.click('text=Leave them as they are'));
    await world.check(amy, `${at}/absences`);
    ok((await amy.textContent('main')).includes('Nobody was marked absent.'),
      'the record');
  }

  return {
    'GET /staff/:org/events/:id/absences': byHand,
    'POST /staff/:org/events/:id/absences': byHand,
    'POST /staff/:org/events/:id/absences/:batch/back': byHand,
    'POST /staff/:org/events/:id/absences/none': asked,
  };
};
