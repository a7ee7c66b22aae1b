'use strict';
// The list of events, and one event.

module.exports = (world) => {
  const { event, long, stack } = world;

  async function pages() {
    const ada = await world.as('ada');
    await world.check(ada, '/events');
    await world.check(ada, `/events/${event}`);
    await world.checkPress(ada, () =>
      ada.click('form[action$="/register"] button'));
    await world.check(ada, `/events/${event}`);
    await world.checkPress(ada, () =>
      ada.click('form[action$="/withdraw"] button'));
    await world.check(ada, '/events/0', 404);
  }

  // Where a name has no place to break, the page breaks it.
  async function longNames() {
    const ada = await world.as('ada');
    stack.sql(`insert into events (org_id, title, description, location, url,
      starts_at, status) select org_id, '${long}', '${long} ${long}', '${long}',
      'https://example.org/${long}', starts_at, s from events, unnest(array[
      'published', 'cancelled', 'ongoing', 'completed']) s where id = ${event}`);
    stack.sql(`update events set starts_at = app_now() - interval '2 days',
      ends_at = null where status = 'completed' and title = '${long}'`);
    await world.check(ada, '/events');
    for (const id of stack.sql(`select id from events where title = '${long}'
      and org_id = (select org_id from events where id = ${event})`)
      .split('\n')) {
      await world.check(ada, `/events/${id}`);
    }
  }

  async function over() {
    const ada = await world.as('ada');
    stack.clock('2030-06-14 17:00+00');
    for (const press of ['register', 'withdraw']) {
      await ada.goto('/me');
      await world.checkPress(ada, () =>
        world.post(ada, `/events/${event}/${press}`), 410);
    }
    stack.clock('2030-06-14 12:00+00');
  }

  return {
    'GET /events': pages,
    'GET /events/:id': pages,
    'POST /events/:id/register': pages,
    'POST /events/:id/withdraw': pages,
    'events with long names': longNames,
    'an event that is over': over,
  };
};
