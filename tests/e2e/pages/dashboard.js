'use strict';
// Checking in: beginning, each state of it, the settings, contacts, and the
// links that are mailed.

const { ok } = require('../lib');

module.exports = (world) => {
  const { guest, long, stack } = world;
  const press = (page, text) => () => page.click(`main >> text="${text}"`);

  // In a club of its own, with a responder who has signed in.
  async function club() {
    stack.club('watch', { rosa: '', wim: '', xia: '', yan: '' }, { org: 'Walkers',
      title: 'Walk', start: '20300614T130000Z', end: '20300614T150000Z' });
    stack.clock('2030-06-14 12:00+00');
    stack.sql(`update memberships m set responder = true from users u where
      u.id = m.user_id and u.email = 'rosa@watch.example'`);
    await world.as('rosa', 'watch');
  }

  const link = (email, folder) => {
    const mail = stack.mails(email).pop();
    const text = mail.raw.replace(/=\r\n/g, '').replace(/=3D/g, '=');
    const [url] = text.match(new RegExp(`/${folder}/[\\w-]{64}`)) || [];
    ok(url, `no link in the mail to ${email}`);
    return url;
  };

  async function settings() {
    await club();
    const wim = await world.as('wim', 'watch');
    await world.check(wim, '/me');
    await world.check(wim, '/dashboard');
    await world.check(wim, '/checkin');
    await world.check(wim, '/dashboard/contacts');
    await world.check(wim, '/dashboard/settings');
    await world.checkPress(wim, () => world.submit(wim,
      { interval_hours: '169', preferred_time: '25:00' }), 422);
    await wim.goto('/dashboard/settings');
    await wim.fill('#interval_hours', '24');
    await wim.fill('#preferred_time', '21:00');
    await wim.check('#consent');
    await world.checkPress(wim, press(wim, 'Begin'));
    await world.check(wim, '/me');
    await world.check(wim, '/dashboard/settings');
    await wim.fill('#interval_hours', '12');
    await world.checkPress(wim, press(wim, 'Save'));
    await wim.goto('/dashboard/settings');
    await wim.fill('#last_day', '2030-06-20');
    await world.checkPress(wim, () =>
      wim.click('form[action="/dashboard/pause"] button'));
    await world.check(wim, '/checkin');
    await world.check(wim, '/dashboard/settings');
    await world.checkPress(wim, () =>
      world.post(wim, '/dashboard/pause', { last_day: '2030-02-30' }), 422);
    await wim.goto('/dashboard/settings');
    await world.checkPress(wim, press(wim, 'Go on now'));
    const amy = await world.as('amy', 'sail');
    await world.check(amy, '/dashboard/settings');
  }

  async function show() {
    const wim = await world.as('wim', 'watch');
    await world.check(wim, '/checkin');
    await world.checkPress(wim, press(wim, 'I am well'));
    for (const [at, level] of [['2030-06-15 22:00', 'L1'], ['2030-06-17 12:00',
      'L2'], ['2030-06-19 12:00', 'L3'], ['2030-06-21 12:00', 'L4']]) {
      stack.clock(`${at}+00`);
      stack.sweep();
      await world.check(wim, '/dashboard');
      ok(await wim.locator(`text=${level} of 4`).count() > 0, `not ${level}`);
    }
    await world.check(wim, '/checkin');
    await world.checkPress(wim, press(wim, 'It was a false alarm'));
    // Each of 60 days is a day with something in it.
    stack.sql(`insert into activities (user_id, org_id, type, description,
      "timestamp", metadata) select m.user_id, m.org_id, case n % 3 when 0 then
      'alert' else 'check-in' end, 'Checked in', app_now() - n * interval
      '1 day', case n % 3 when 0 then '{"level": "L4"}'::jsonb else '{}' end
      from monitoring m, generate_series(0, 65) n`);
    await world.check(wim, '/dashboard');
    await wim.click('summary');
    await world.checkPress(wim, () => world.post(wim, '/checkin',
      { press: 'dance' }), 422);
  }

  async function contacts() {
    const wim = await world.as('wim', 'watch');
    await world.check(wim, '/dashboard/contacts');
    const add = (name, email) => async () => {
      await wim.fill('#name', name);
      await wim.fill('#email', email);
      await wim.click('main >> text="Ask them"');
    };
    await world.checkPress(wim, add('Carla', 'carla@contact.example'));
    await world.checkPress(wim, add(long, 'c2@contact.example'));
    await world.checkPress(wim, add('Carla', 'carla@contact.example'), 422);
    await wim.goto('/dashboard/contacts');
    await world.checkPress(wim, () =>
      wim.click('button[aria-label="Tell Carla later"]'));
    await world.checkPress(wim, () => world.post(wim,
      `/dashboard/contacts/${stack.sql('select min(id) from monitoring_contacts')}`,
      { press: 'ask' }), 409);
    stack.sql(`insert into monitoring_contacts (user_id, org_id, priority, name,
      email, state, answered_at, suppressed_at) select user_id, org_id, n + 5,
      'Contact ' || n, 'n' || n || '@contact.example', s, app_now(), app_now()
      from monitoring, unnest(array['consented', 'declined', 'withdrawn'])
      with ordinality as x(s, n)`);
    await world.check(wim, '/dashboard/contacts');
    await world.checkPress(wim, () =>
      wim.click('button[aria-label="Remove Contact 1"]'));
  }

  async function contact() {
    stack.sweep();
    const url = link('carla@contact.example', 'contact');
    await world.check(guest, url);
    await world.checkPress(guest, press(guest, 'Yes, you may tell me'));
    await world.checkPress(guest, press(guest, 'Tell me nothing any more'));
    await world.checkPress(guest, () => world.post(guest, url,
      { answer: 'maybe' }), 422);
    stack.sql(`update users set name = '${long}' where email =
      'wim@watch.example'`);
    await world.check(guest, url);
    // A file, and no page to hold.
    await guest.evaluate((to) => fetch(`${to}/data`, { method: 'POST',
      body: new URLSearchParams({ take: 'yes' }) }), url);
    world.seen.push(['POST', `${url}/data`]);
    await world.checkPress(guest, () => world.post(guest, `${url}/erase`), 422);
    await guest.goto(url);
    await guest.check('input[name=sure]');
    await world.checkPress(guest, press(guest, 'Erase me'));
    await world.check(guest, url, 404);
    stack.sql(`update users set name = 'Wim' where email = 'wim@watch.example'`);
  }

  async function byLink() {
    stack.clock('2030-06-23 12:00+00');
    stack.sweep();
    const url = link('wim@watch.example', 'k');
    await world.check(guest, url);
    await world.checkPress(guest, press(guest, 'I am well'));
    stack.clock('2030-07-04 12:00+00');
    await world.check(guest, url, 410);
    await world.checkPress(guest, () => world.post(guest, url), 410);
    stack.clock('2030-06-23 12:00+00');
    await world.check(guest, url.slice(0, -1), 404);
  }

  async function stop() {
    const wim = await world.as('wim', 'watch');
    await world.check(wim, '/dashboard/stop');
    await world.checkPress(wim, () => wim.click('main form button'));
    await world.check(wim, '/dashboard/contacts');
    await world.checkPress(wim, () => world.post(wim, '/dashboard/stop'), 409);
    await world.checkPress(wim, () => world.post(wim, '/dashboard/resume'), 409);
  }

  return {
    'GET /dashboard/settings': settings,
    'POST /dashboard/settings': settings,
    'POST /dashboard/pause': settings,
    'POST /dashboard/resume': settings,
    'GET /dashboard': show,
    'GET /checkin': show,
    'POST /checkin': show,
    'GET /dashboard/contacts': contacts,
    'POST /dashboard/contacts': contacts,
    'POST /dashboard/contacts/:id': contacts,
    'GET /contact/:token': contact,
    'POST /contact/:token': contact,
    'POST /contact/:token/data': contact,
    'POST /contact/:token/erase': contact,
    'GET /k/:token': byLink,
    'POST /k/:token': byLink,
    'GET /dashboard/stop': stop,
    'POST /dashboard/stop': stop,
  };
};
