'use strict';
// Somebody's inbox: empty, with news, and read.

const { equal } = require('../lib');

module.exports = (world) => {
  async function pages() {
    const { stack } = world;
    const ada = await world.as('ada');
    await world.check(ada, '/inbox');
    stack.sql(`insert into notifications (user_id, org_id, type, title, path,
      notification_id) select m.user_id, m.org_id, k.kind,
      case when n = 1 then repeat('Longtitle', 20) else 'Regatta ' || n end,
      case when n % 2 = 0 then '/events/1' else '' end, 'news-' || n || k.kind
      from memberships m join users u on u.id = m.user_id,
      notification_kinds k, generate_series(1, 8) n
      where u.email = 'ada@sail.example' and k.inbox_path is not null`);
    await world.check(ada, '/inbox');
    await ada.click('a[rel=next]');
    await world.check(ada, ada.url().replace(stack.url, ''));
    await world.check(ada, '/me');
    await ada.goto('/inbox');
    await world.checkPress(ada, () =>
      ada.locator('form[action$="/read"] button').nth(1).click());
    await world.checkPress(ada, () =>
      world.post(ada, '/inbox/999999/read'), 404);
    await ada.goto('/inbox');
    await world.checkPress(ada, () =>
      ada.click('form[action="/inbox/read"] button'));
    equal(stack.sql(`select count(*) from notifications n join users u on
      u.id = n.user_id where u.email = 'ada@sail.example' and
      n.read_at is null and n.notification_id is not null`), '0');
    await world.check(ada, '/me/mail/sail');
  }

  return { 'GET /inbox': pages, 'POST /inbox/:id/read': pages,
    'POST /inbox/read': pages };
};
