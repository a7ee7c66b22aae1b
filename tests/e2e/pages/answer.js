'use strict';
// One's own answer about an event: every state it can be in, how it was, and
// who sees it.

module.exports = (world) => {
  const { long, stack } = world;
  let event;
  let url;

  async function pages() {
    ({ event } = world.asked('gig', ['ada', 'bob']));
    url = `/history/${event}`;
    const ada = await world.as('ada', 'gig');
    await world.check(ada, url);
    await world.checkPress(ada, () => world.submit(ada, { status: 'x' }), 422);
    await world.checkPress(ada, () => ada.click('button[value=not_attended]'));
    await world.check(ada, `${url}?change=1`);
    await world.checkPress(ada, () => ada.click('button[value=attended]'));
    await world.check(ada, '/history/999999', 404);
  }

  async function feedback() {
    const ada = await world.as('ada', 'gig');
    await world.check(ada, `${url}/feedback`);
    await world.checkPress(ada, () => world.submit(ada, { rating: '6',
      feedback: 'x'.repeat(2001) }), 422);
    await world.check(ada, url);
    await ada.check('input[name=rating][value="4"]');
    await ada.fill('textarea[name=feedback]', `${long} ${long}\nFine.`);
    await world.checkPress(ada, () =>
      ada.click('form[action$="/feedback"] button'));
    await world.check(ada, `${url}/feedback`);
  }

  async function sharing() {
    const ada = await world.as('ada', 'gig');
    stack.sql(`insert into memberships (user_id, org_id, listed) select u.id,
      o.id, false from users u, organizations o where o.slug = 'sail' and
      u.email = 'ada@gig.example'`);
    await world.check(ada, url);
    await ada.check('input[name=show_to_other_orgs]');
    await world.checkPress(ada, () =>
      ada.click('form[action$="/sharing"] button'));
    await ada.uncheck('input[name=show_on_profile]');
    await world.checkPress(ada, () =>
      ada.click('form[action$="/sharing"] button'));
  }

  async function otherTimes() {
    const bob = await world.as('bob', 'gig');
    stack.clock('2030-06-14 14:00+00');
    await world.check(bob, url);
    stack.clock('2030-06-14 16:01+00');
    stack.sql(`update events set status = 'cancelled', title = '${long} gig'
      where id = ${event}`);
    await world.check(bob, url);
    stack.sql(`update events set status = 'completed' where id = ${event}`);
    await world.check(bob, url);
    // Longer than the session that is behind the other pages would last.
    stack.clock('2030-07-01 12:00+00');
    await world.check(bob, url);
    const ada = await world.as('ada', 'gig');
    await world.check(ada, url);
    await world.checkPress(ada, () => world.post(ada, url,
      { status: 'partial' }), 410);
    stack.clock('2030-06-14 16:01+00');
  }

  return {
    'GET /history/:event': pages,
    'POST /history/:event': pages,
    'GET /history/:event/feedback': feedback,
    'POST /history/:event/feedback': feedback,
    'POST /history/:event/sharing': sharing,
    'an answer at the wrong time': otherTimes,
  };
};
