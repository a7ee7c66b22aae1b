'use strict';
// Somebody's points, and what they were given for.

module.exports = (world) => {
  async function pages() {
    const { stack } = world;
    const ada = await world.as('ada');
    await world.check(ada, '/me/points');
    stack.sql(`insert into points (user_id, org_id, event_id, what, amount)
      select u.id, e.org_id, e.id, w.what, points_of(w.what) from users u,
      (select * from events order by id limit 1) e,
      unnest(array['waitlist', 'promoted', 'attend', 'reversal', 'cancel'])
      w(what) where u.email = 'ada@sail.example' on conflict do nothing`);
    await world.check(ada, '/me/points');
    await world.check(ada, '/me');
  }

  return { 'GET /me/points': pages };
};
