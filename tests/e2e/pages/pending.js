'use strict';
// The questions that wait: on top of the history, and by themselves.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;
  let events;

  async function pages() {
    ({ event: events } = world.asked('choir', ['ada', 'bob']));
    stack.sql(`with e as (insert into events (org_id, title, location,
      starts_at, ends_at, status) select org_id, case n when 1 then '${long}'
      else 'Rehearsal ' || n end, 'Hall', starts_at - n * interval '1 day',
      ends_at - n * interval '1 day', 'completed' from events,
      generate_series(1, 3) n where id = ${events} returning *)
      insert into notifications (user_id, org_id, event_id, type,
      prompt_number, title, created_at) select u.id, e.org_id, e.id,
      'attendance_prompt', 1, e.title, e.ends_at + interval '1 hour' from e,
      users u where u.email = 'ada@choir.example'`);
    const ada = await world.as('ada', 'choir');
    await world.check(ada, '/events');
    await world.check(ada, '/prompts');
    equal(await ada.locator('main li').count(), 4);
    ok((await ada.textContent('header')).includes('History (4)'),
      'the head does not say how many wait');
    await world.checkPress(ada, () => world.submit(ada, { status: 'x' }), 422);
    await world.checkPress(ada, () =>
      ada.click('li:last-child button[value=not_attended]'));
    await world.check(ada, '/history');
    await world.checkPress(ada, () =>
      ada.click('li:last-child button[value=not_attended]'));
    ok(ada.url().includes('/history?'), 'not back where it was pressed');
    await world.checkPress(ada, () => ada.click('button[value=partial]'));
    ok(ada.url().includes('/history/'), 'who was there is not asked how it was');
    await world.check(ada, '/prompts');
    await world.checkPress(ada, () => world.post(ada, '/prompts/999999',
      { status: 'attended' }), 404);
  }

  async function later() {
    const bob = await world.as('bob', 'choir');
    await world.check(bob, '/prompts');
    const path = new URL(await bob.locator('form[action$="/later"]')
      .evaluate((form) => form.action)).pathname;
    await world.checkPress(bob, () =>
      bob.click('form[action$="/later"] button'));
    equal(await bob.locator('main li').count(), 0);
    await world.check(bob, '/history');
    await bob.goto('/me');
    stack.clock('2030-06-29 12:00+00');
    await world.checkPress(bob, () => world.post(bob, path), 410);
    stack.clock('2030-06-14 16:01+00');
  }

  return {
    'GET /prompts': pages,
    'POST /prompts/:id': pages,
    'POST /prompts/:id/later': later,
  };
};
