'use strict';
// Fellow members: nobody, many, one, oneself.

const { equal } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;
  let ada;
  const id = (name) => stack.sql(
    `select id from users where email = '${name}@band.example'`);

  async function list() {
    world.asked('band', ['ada', 'bob']);
    ada = await world.as('ada', 'band');
    await world.check(ada, '/people');
    await world.check(ada, '/people?q=nobody+of+that+name');
    stack.sql(`with u as (insert into users (email, name) select
      'p' || n || '@band.example', case n when 1 then '${long}' else
      'Person ' || n end from generate_series(1, 60) n returning id) insert into
      memberships (user_id, org_id) select u.id, o.id from u, organizations o
      where o.slug = 'band'`);
    await world.check(ada, '/people');
    await world.checkPress(ada, () => ada.click('a[rel=next]'));
    await ada.fill('#q', 'person 6');
    await world.checkPress(ada, () => ada.click('form.search button'));
    equal(await ada.locator('main .items li').count(), 2);
  }

  async function person() {
    await world.check(ada, `/people/${id('bob')}`);
    stack.sql(`with e as (insert into events (org_id, title, location,
      starts_at, status) select o.id, case n when 1 then '${long}' else
      'Concert ' || n end, 'Hall', app_now() - n * interval '1 day',
      'completed' from organizations o, generate_series(1, 60) n where
      o.slug = 'band' returning *) insert into attendance (user_id, event_id,
      org_id, status, responded_at, show_on_profile) select u.id, e.id,
      e.org_id, (array['attended', 'partial'])[e.id % 2 + 1], app_now(),
      u.email like 'bob@%' or e.id % 3 = 0 from e, users u where u.email in
      ('ada@band.example', 'bob@band.example')`);
    await world.check(ada, `/people/${id('bob')}`);
    await world.checkPress(ada, () => ada.click('a[rel=next]'));
    await world.check(ada, `/people/${id('ada')}`);
    await world.check(ada, '/people/999999', 404);
  }

  return { 'GET /people': list, 'GET /people/:id': person };
};
