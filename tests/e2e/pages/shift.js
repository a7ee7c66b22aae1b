'use strict';
// Shifts as those who take them see them, the link of a reminder, and the
// calendar for other programs.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  const { guest, long, stack } = world;
  const press = (page, text) => () => page.click(`main >> text="${text}"`);

  // In a club of its own: nobody has shifts elsewhere.
  function club() {
    world.asked('rota', ['pia', 'quin', 'rob']);
    stack.clock('2030-06-14 12:00+00');
  }

  function shift(title, starts, ends, people = [], capacity = 'null') {
    const id = stack.sql(`insert into duty_schedules (org_id, title, location,
      notes, start_at, end_at, capacity) select id, '${title}', 'Boathouse',
      'Bring gloves.', app_now() + interval '${starts}', app_now() + interval
      '${ends}', ${capacity} from organizations where slug = 'rota' returning id`);
    for (const name of people) {
      stack.sql(`insert into duty_assignments (org_id, schedule_id, user_id)
        select s.org_id, s.id, u.id from duty_schedules s, users u where
        s.id = ${id} and u.email = '${name}@rota.example'`);
    }
    return id;
  }

  async function list() {
    club();
    const pia = await world.as('pia', 'rota');
    await world.check(pia, '/shifts');
    shift('Bar', '30 minutes', '2 hours', ['pia'], 3);
    shift('Door', '-10 minutes', '2 hours', ['pia']);
    shift(long, '2 days', '3 days', ['pia']);
    const off = shift('Off', '2 days', '51 hours', ['pia']);
    stack.sql(`update duty_schedules set status = 'cancelled' where id = ${off};
      update duty_assignments set late_minutes = 15, late_said_at = app_now()
      where schedule_id in (select id from duty_schedules where title = 'Door')`);
    for (let i = 0; i < 22; i++)
      shift(`Was ${i}`, `-${i + 2} days`, `-${i + 1} days`, ['pia']);
    await world.check(pia, '/shifts');
    await world.checkPress(pia, press(pia, 'Older shifts'));
    await world.check(pia, '/shifts?before=1&event=1');
  }

  async function show() {
    const pia = await world.as('pia', 'rota');
    const id = shift('Tidy up', '30 minutes', '2 hours', ['pia'], 2);
    await world.check(pia, `/shifts/${id}`);
    await world.checkPress(pia, press(pia, '15 minutes'));
    await world.checkPress(pia, press(pia, 'I am on time after all'));
    await world.checkPress(pia, press(pia, 'I can’t come'));
    await world.checkPress(pia, press(pia, 'I can’t come'));
    await world.checkPress(pia, press(pia, 'I can come after all'));
    await world.checkPress(pia, () =>
      world.post(pia, `/shifts/${id}`, { press: 'dance' }), 422);
    await world.checkPress(pia, press(pia, 'Check in'));
    await world.checkPress(pia, press(pia, 'Check out'));
    await world.check(pia, `/shifts/${shift('Was', '-3 hours', '-1 hour', ['pia'])}`);
    await world.check(pia, `/shifts/${shift('Far', '2 days', '3 days', ['pia'])}`);
    await world.check(pia, `/shifts/${shift(long, '1 day', '30 hours', ['pia'])}`);
    const full = shift('Full', '1 day', '30 hours', ['quin', 'pia'], 1);
    stack.sql(`update duty_assignments a set status = 'declined', declined_at =
      app_now() from users u where u.id = a.user_id and u.email =
      'pia@rota.example' and a.schedule_id = ${full}`);
    await world.check(pia, `/shifts/${full}`);
    await world.check(pia, '/shifts/0', 404);
    await world.check(pia, `/shifts/${shift('Not hers', '1 day', '2 days')}`, 404);
  }

  async function swap() {
    const pia = await world.as('pia', 'rota');
    const quin = await world.as('quin', 'rota');
    const rob = await world.as('rob', 'rota');
    const id = shift('Swap', '2 days', '51 hours', ['pia'], 1);
    await world.check(pia, `/shifts/${id}`);
    await world.checkPress(pia, press(pia, 'Offer it to others'));
    await world.checkPress(pia, press(pia, 'Offer it no more'));
    await world.checkPress(pia, press(pia, 'Offer it to others'));
    shift('Clash', '2 days', '50 hours', ['quin']);
    await world.check(quin, '/shifts');
    await world.check(rob, `/shifts/${id}`);
    await world.checkPress(rob, press(rob, 'Take it'));
    await world.check(pia, `/shifts/${id}`);
    const other = shift('Other', '2 days', '51 hours', ['pia']);
    await pia.goto(`/shifts/${other}`);
    await press(pia, 'Offer it to others')();
    await pia.waitForLoadState();
    await world.check(quin, `/shifts/${other}`);
    await world.checkPress(quin, () =>
      world.post(quin, `/shifts/${other}/take`), 422);
    await world.checkPress(quin, press(quin, 'Take it all the same'));
    await world.checkPress(rob, () =>
      world.post(rob, `/shifts/${other}/take`), 409);
  }

  async function link() {
    const id = shift('Gate', '10 minutes', '2 hours', ['rob']);
    stack.sweep();
    const mail = stack.mails('rob@rota.example').pop();
    const [url] = mail.raw.replace(/=\r\n/g, '').match(/\/s\/[\w-]{64}/) || [];
    ok(url, 'the reminder has no link');
    await world.check(guest, url);
    await world.checkPress(guest, press(guest, '5 minutes'));
    await world.checkPress(guest, press(guest, 'I can’t come'));
    await world.checkPress(guest, press(guest, 'I can’t come'));
    await world.checkPress(guest, press(guest, 'I can come after all'));
    await world.check(guest, `${url}/decline`);
    await guest.goto(url);
    await world.checkPress(guest, press(guest, 'Check in'));
    await world.checkPress(guest, () =>
      world.post(guest, url, { press: 'dance' }), 422);
    stack.sql(`update duty_schedules set title = '${long}' where id = ${id}`);
    await world.check(guest, url);
    stack.sql(`update duty_schedules set status = 'cancelled' where id = ${id}`);
    await world.check(guest, url, 410);
    stack.sql(`update duty_schedules set status = 'active' where id = ${id}`);
    stack.clock('2030-06-14 15:00+00');
    await world.check(guest, url, 410);
    stack.clock('2030-06-14 12:00+00');
    await world.check(guest, url.slice(0, -1), 404);
  }

  async function calendar() {
    const pia = await world.as('pia', 'rota');
    await world.check(pia, '/me/calendar');
    await world.checkPress(pia, press(pia, 'Make an address for it'));
    const address = await pia.getAttribute('main p > a[href*="/feed/"]', 'href');
    const path = new URL(address).pathname;
    const rs = await stack.request(path);
    equal(rs.status, 200);
    ok(rs.headers['content-type'].startsWith('text/calendar'), 'its type');
    ok(rs.body.includes('SUMMARY:Bar\r\n'), 'no shift in it');
    equal((await stack.request(path, { headers: { 'If-None-Match':
      rs.headers.etag } })).status, 304);
    const zipped = await stack.request(path,
      { headers: { 'Accept-Encoding': 'gzip' } });
    equal((await stack.request(path, { headers: { 'Accept-Encoding': 'gzip',
      'If-None-Match': zipped.headers.etag } })).status, 304);
    await world.checkPress(pia, press(pia, 'Make another address'));
    equal((await stack.request(path)).status, 404);
    await world.check(guest, '/feed/x.ics', 404);
    await world.checkPress(pia, press(pia, 'Have no address'));
    world.seen.push(['GET', '/feed/x.ics']);
  }

  return {
    'GET /shifts': list,
    'GET /shifts/:id': show,
    'POST /shifts/:id': show,
    'GET /shifts/:id/decline': show,
    'POST /shifts/:id/offer': swap,
    'POST /shifts/:id/withdraw': swap,
    'POST /shifts/:id/take': swap,
    'GET /s/:token': link,
    'POST /s/:token': link,
    'GET /s/:token/decline': link,
    'GET /me/calendar': calendar,
    'POST /me/calendar': calendar,
    'GET /feed/:token': calendar,
  };
};
