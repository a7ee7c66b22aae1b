'use strict';
// What somebody answered: nothing yet, a full page, and the next.

module.exports = (world) => ({
  async 'GET /history'() {
    const { event, long, stack } = world;
    const ada = await world.as('ada');
    await world.check(ada, '/history');
    stack.sql(`with e as (insert into events (org_id, title, location,
      starts_at, status) select org_id, case n when 1 then '${long}' else
      'Past ' || n end, 'Boathouse', app_now() - n * interval '1 day',
      'completed' from events, generate_series(1, 60) n where id = ${event}
      returning *) insert into attendance (user_id, event_id, org_id, status,
      responded_at, feedback_rating, feedback_submitted_at, event_starts_at)
      select u.id, e.id, e.org_id, (array['attended', 'partial', 'not_attended'])[e.id % 3 + 1],
      app_now(), 4, app_now(), e.starts_at from e, users u
      where u.email = 'ada@sail.example'`);
    await world.check(ada, '/history');
    await world.checkPress(ada, () => ada.click('a[rel=next]'));
  },
});
