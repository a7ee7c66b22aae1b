'use strict';
// What members and responders write to each other: nothing yet, new, read, and
// too much.

const { ok } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;
  const press = (page, text) => () => page.click(`main >> text="${text}"`);
  const write = (page, text) => async () => {
    await page.fill('#body', text);
    await page.click('main >> text="Send"');
  };

  async function club() {
    stack.club('talk', { rita: '', wes: '', xenia: '' }, { org: 'Talkers',
      title: 'Talk', start: '20300614T130000Z', end: '20300614T150000Z' });
    stack.clock('2030-06-14 12:00+00');
    stack.sql(`update memberships m set responder = true from users u where
      u.id = m.user_id and u.email = 'rita@talk.example'`);
    await world.as('rita', 'talk');
  }

  async function pages() {
    await club();
    const eve = await world.as('eve');
    await world.check(eve, '/talk');
    const wes = await world.as('wes', 'talk');
    await world.check(await world.as('rita', 'talk'), '/staff/talk/talk');
    await world.check(wes, '/talk');
    await world.checkPress(wes, write(wes, 'Hello.\nIs somebody there?'));
    await world.checkPress(wes, () => world.post(wes, '/talk/talk', { body: ' ' }), 422);
    const id = stack.sql(`select id from users where email =
      'wes@talk.example'`);
    const url = `/staff/talk/watch/${id}/talk`;
    const rita = await world.as('rita', 'talk');
    await world.check(rita, '/staff/talk/talk');
    await world.check(rita, url);
    await world.checkPress(rita, press(rita, 'I have read this'));
    await world.checkPress(rita, write(rita, `Yes. ${long}`));
    await world.checkPress(rita, () => world.post(rita, url,
      { body: 'x'.repeat(2001) }), 422);
    await world.check(wes, '/me');
    await world.check(wes, '/talk/talk');
    ok(await wes.locator('text=New').count() > 0, 'nothing is new');
    await world.checkPress(wes, press(wes, 'I have read this'));
    stack.sql(`insert into talk_messages (org_id, user_id, author_id, body)
      select org_id, user_id, author_id, 'No. ' || n || repeat(' word', n)
      from talk_messages, generate_series(1, 40) n`);
    await world.check(wes, '/talk/talk');
    await world.checkPress(wes, press(wes, 'Older messages'));
    await world.check(rita, url);
    await world.check(rita, '/staff/talk/talk');
    stack.sql(`insert into memberships (user_id, org_id) select u.id, o.id
      from users u, organizations o where u.email = 'rita@talk.example' and
      o.slug = 'sail' on conflict do nothing`);
    await world.check(wes, '/talk/sail', 404);
    await world.check(wes, url, 404);
    // Who has two to write to chooses.
    stack.sql(`insert into memberships (user_id, org_id, responder) select
      u.id, o.id, true from users u, organizations o where
      u.email = 'rita@talk.example' and o.slug = 'sail' on conflict
      (user_id, org_id) do update set responder = true;
      insert into memberships (user_id, org_id) select u.id, o.id from users u,
      organizations o where u.email = 'wes@talk.example' and o.slug = 'sail'`);
    await world.check(wes, '/talk');
    stack.sql(`delete from memberships m using organizations o, users u where
      o.id = m.org_id and o.slug = 'sail' and u.id = m.user_id and u.email like
      '%@talk.example'; update memberships set responder = false where
      responder and org_id = (select id from organizations where slug = 'talk')`);
    await world.check(wes, '/talk/talk');
  }

  return {
    'GET /talk': pages,
    'GET /talk/:org': pages,
    'POST /talk/:org': pages,
    'POST /talk/:org/read': pages,
    'GET /staff/:org/talk': pages,
    'GET /staff/:org/watch/:id/talk': pages,
    'POST /staff/:org/watch/:id/talk': pages,
    'POST /staff/:org/watch/:id/talk/read': pages,
  };
};
