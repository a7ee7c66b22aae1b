'use strict';
// Responders' pages about those who are watched over: nobody yet, each level,
// what can be done, and how it ended.

const { ok } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;
  const press = (page, text) => () => page.click(`main >> text="${text}"`);

  // In a club of its own, where three are watched over and one is silent.
  async function club() {
    stack.club('board', { rhea: '', rolf: '', sid: '', tess: '', ugo: '' }, {
      org: 'Boarders', title: 'Board', start: '20300614T130000Z',
      end: '20300614T150000Z' });
    stack.clock('2030-06-14 12:00+00');
    stack.sql(`update memberships m set responder = true from users u where
      u.id = m.user_id and u.email in ('rhea@board.example',
      'rolf@board.example')`);
    await world.as('rhea', 'board');
  }

  async function pages() {
    await club();
    const rhea = await world.as('rhea', 'board');
    await world.check(rhea, '/staff/board/watch');
    stack.sql(`insert into monitoring (user_id, org_id, interval_hours,
      consent_version) select m.user_id, m.org_id, n, '1' from memberships m
      join users u on u.id = m.user_id join (values ('sid', 24), ('tess', 100),
      ('ugo', 168)) x(name, n) on u.email = x.name || '@board.example';
      insert into user_status (user_id, org_id, next_due) select user_id,
      org_id, app_now() + make_interval(hours => interval_hours) from monitoring
      where org_id = (select id from organizations where slug = 'board');
      insert into monitoring_contacts (user_id, org_id, priority, name, email,
      state) select m.user_id, m.org_id, x.n, x.name, 'c' || x.n ||
      '@board.example', x.state from monitoring m join users u on u.id =
      m.user_id and u.email = 'sid@board.example', (values (1, '${long}',
      'consented'), (2, 'Carl', 'asked'), (3, 'Dan', 'declined')) x(n, name,
      state); update monitoring m set paused_until = '2030-07-14' from users u
      where u.id = m.user_id and u.email = 'ugo@board.example'`);
    const id = stack.sql(`select id from users where email =
      'sid@board.example'`);
    const url = `/staff/board/watch/${id}`;
    await world.check(rhea, '/staff/board/watch');
    await world.check(rhea, url);
    for (const [at, level] of [['2030-06-15 22:00', 'L1'], ['2030-06-17 12:00',
      'L2'], ['2030-06-19 12:00', 'L3'], ['2030-06-21 12:00', 'L4']]) {
      stack.clock(`${at}+00`);
      stack.sweep();
      await world.check(rhea, '/staff/board/watch');
      await world.check(rhea, url);
      ok(await rhea.locator(`text=${level} of 4`).count() > 0, `not ${level}`);
    }
    await world.checkPress(rhea, press(rhea, 'I look after it'));
    await world.checkPress(rhea, press(rhea, 'I have seen it'));
    await world.checkPress(rhea, () => world.post(rhea, url,
      { press: 'close', note: ' ' }), 422);
    await rhea.goto(url);
    await rhea.selectOption('#to', { index: 0 });
    await world.checkPress(rhea, press(rhea, 'Hand it over'));
    await world.checkPress(rhea, () => world.post(rhea, url,
      { press: 'claim' }), 409);
    await rhea.goto(url);
    await rhea.fill('#note', `All is well. ${long}`);
    await world.checkPress(rhea, press(rhea, 'Close the alert'));
    stack.sql(`update monitoring set stopped_at = app_now() where user_id =
      ${id}`);
    await world.check(rhea, url);
    const sid = await world.as('sid', 'board');
    await world.check(sid, '/staff/board/watch', 404);
    await world.check(sid, url, 404);
  }

  return {
    'GET /staff/:org/watch': pages,
    'GET /staff/:org/watch/:id': pages,
    'POST /staff/:org/watch/:id': pages,
  };
};
