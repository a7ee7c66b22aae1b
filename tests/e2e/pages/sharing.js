'use strict';
// What others see of somebody, organisation by organisation.

module.exports = (world) => {
  const { stack } = world;

  async function pages() {
    const { event } = world.asked('dance', ['ada']);
    const ada = await world.as('ada', 'dance');
    await world.check(ada, '/me/privacy');
    stack.sql(`insert into attendance (user_id, event_id, org_id, status,
      responded_at) select u.id, e.id, e.org_id, 'attended', app_now() from
      events e, users u where e.id in (${event}, ${world.event}) and
      u.email = 'ada@dance.example'`);
    await world.check(ada, '/me/privacy');
    for (const press of ['unlist', 'list', 'hide', 'show']) {
      await world.checkPress(ada, () =>
        ada.click(`form[action$="/${press}"] button`));
    }
    await world.checkPress(ada, () =>
      world.post(ada, '/me/privacy/999999/hide'), 404);
  }

  return {
    'GET /me/privacy': pages,
    'POST /me/privacy/:id/list': pages,
    'POST /me/privacy/:id/unlist': pages,
    'POST /me/privacy/:id/show': pages,
    'POST /me/privacy/:id/hide': pages,
  };
};
