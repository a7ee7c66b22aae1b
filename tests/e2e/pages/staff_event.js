'use strict';
// Events as the team sees them, and as admins make and change them.

module.exports = (world) => {
  const { event, long, stack } = world;
  const at = '/staff/sail/events';
  const idOf = (title) => stack.sql(
    `select min(id) from events where title = '${title}' and deleted_at is null`);
  const save = (page) => () => page.click('main form[method=post] button.go');

  async function fill(page, values) {
    for (const [name, value] of Object.entries(values)) {
      const field = page.locator(`main form[method=post] [name=${name}]`).first();
      if (name === 'repeats') await field.selectOption(value);
      else await field.fill(value);
    }
  }

  async function lists() {
    const amy = await world.as('amy');
    const sid = await world.as('sid');
    await world.check(amy, at);
    await world.check(sid, at);
    await world.check(amy, `${at}?show=past`);
    await world.check(amy, `${at}?show=drafts`);
    await world.check(amy, `${at}?q=regat`);
    await world.check(amy, `${at}?q=${long}`);
    await world.check(sid, `${at}/${event}`);
    await world.check(sid, `${at}/0`, 404);
    await world.check(await world.as('dan'), at, 404);
  }

  async function make() {
    const amy = await world.as('amy');
    await world.check(amy, `${at}/new`);
    await world.checkPress(amy, () => world.submit(amy, { title: '',
      start_date: '2030-02-30', start_time: '25:00', end_time: '9', zone: 'CEST',
      url: 'nowhere', capacity: '0', repeats: 'weekly', until: '2030-01-01',
      times: '1' }, 'main form[method=post]'), 422);
    await amy.goto(`${at}/new`);
    await fill(amy, { title: 'Harbour talk', start_date: '2030-07-04',
      start_time: '18:30', end_time: '20:00', location: 'Boathouse',
      capacity: '20', description: 'Bring a chair.' });
    await world.checkPress(amy, save(amy));
    await amy.goto(`${at}/new`);
    await fill(amy, { title: 'Club evening', start_date: '2030-07-05',
      start_time: '19:00', repeats: 'weekly' });
    await amy.check('[name=status][value=draft]');
    await world.checkPress(amy, save(amy));
    await world.check(amy, `${at}?show=drafts`);
  }

  async function change() {
    const amy = await world.as('amy');
    const talk = idOf('Harbour talk');
    await world.check(amy, `${at}/${talk}/copy`);
    await world.check(amy, `${at}/${talk}/edit`);
    stack.sql(`update events set location = 'Club room' where id = ${talk}`);
    await fill(amy, { title: 'Harbour evening' });
    await world.checkPress(amy, save(amy), 409);
    await fill(amy, { end_time: '17:00' });
    await world.checkPress(amy, save(amy), 422);
    await fill(amy, { end_time: '21:00' });
    await world.checkPress(amy, save(amy));
  }

  async function series() {
    const amy = await world.as('amy');
    const first = idOf('Club evening');
    await world.check(amy, `${at}/${first}`);
    await world.check(amy, `${at}/${first}/edit`);
    await amy.check('[name=scope][value=all]');
    await fill(amy, { start_time: '20:00' });
    await world.checkPress(amy, save(amy));
    await world.check(amy, `${at}/${first}/delete`);
    await world.check(amy, `${at}/${first}`);
    await world.checkPress(amy, () =>
      amy.click('form[action$="/publish"] [value=all]'));
    await world.check(amy, `${at}/${first}/cancel`);
    await amy.check('[name=scope][value=all]');
    await world.checkPress(amy, () => amy.click('form[action$="/cancel"] button'));
    await world.check(amy, at);
    await amy.goto(`${at}/${first}`);
    await world.checkPress(amy, () =>
      amy.click('form[action$="/resume"] [value=all]'));
    await amy.goto(`${at}/${first}/edit`);
    await world.checkPress(amy, () =>
      world.post(amy, `${at}/${first}/resume`, { version: '1', scope: 'this' }), 409);
    await amy.goto(`${at}/${first}/edit`);
    await world.checkPress(amy, () =>
      world.post(amy, `${at}/${first}/cancel`, { scope: 'some' }), 422);
  }

  async function draft() {
    const amy = await world.as('amy');
    await amy.goto(`${at}/new`);
    await fill(amy, { title: 'Only a thought', start_date: '2030-07-04',
      start_time: '18:30' });
    await amy.check('[name=status][value=draft]');
    await world.checkPress(amy, save(amy));
    await world.check(amy, `${at}/${idOf('Only a thought')}/delete`);
    await world.checkPress(amy, () => amy.click('form[action$="/delete"] button'));
  }

  // Where a name has no place to break, the page breaks it.
  async function longNames() {
    const amy = await world.as('amy');
    const id = stack.sql(`insert into events (org_id, uid, title, description,
      location, url, starts_at, status, capacity) select org_id, '${long}',
      '${long}', '${long} ${long}', '${long}', 'https://example.org/${long}',
      starts_at, 'draft', 999999 from events where id = ${event} returning id`);
    await world.check(amy, `${at}?show=drafts`);
    await world.check(amy, `${at}/${id}`);
    await world.check(amy, `${at}/${id}/edit`);
    await world.check(amy, `${at}/${id}/delete`);
    stack.sql(`update events set status = 'published' where id = ${id}`);
    await world.check(amy, `${at}/${id}/cancel`);
    stack.sql(`delete from events where id = ${id}`);
  }

  return {
    'GET /staff/:org/events': lists,
    'GET /staff/:org/events/:id': lists,
    'GET /staff/:org/events/new': make,
    'POST /staff/:org/events/new': make,
    'GET /staff/:org/events/:id/copy': change,
    'GET /staff/:org/events/:id/edit': change,
    'POST /staff/:org/events/:id/edit': change,
    'POST /staff/:org/events/:id/publish': series,
    'GET /staff/:org/events/:id/cancel': series,
    'POST /staff/:org/events/:id/cancel': series,
    'POST /staff/:org/events/:id/resume': series,
    'GET /staff/:org/events/:id/delete': draft,
    'POST /staff/:org/events/:id/delete': draft,
    'staff: events with long names': longNames,
  };
};
