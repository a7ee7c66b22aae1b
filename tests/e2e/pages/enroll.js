'use strict';
// People whom a team brings in: by a file, or picked for an event.

const { equal } = require('../lib');

module.exports = (world) => {
  const { stack, long } = world;
  const url = '/staff/sail/people/import';

  function coming(title, capacity) {
    return stack.sql(`insert into events (org_id, title, starts_at, status,
      capacity) select org_id, '${title}', '2030-07-20 08:00Z', 'published',
      ${capacity} from events where id = ${world.event} returning id`);
  }

  async function choose(at, text, name = 'people.csv') {
    const amy = await world.as('amy');
    await amy.goto(at);
    await amy.setInputFiles('#list', { name, mimeType: 'text/csv',
      buffer: Buffer.from(text) });
    return amy;
  }

  const press = (page, text) => () => page.click(`text="${text}"`);

  async function file() {
    await world.check(await world.as('amy'), url);
    await world.check(await world.as('sid'), url, 404);
    let amy = await choose(url, 'Dear all,\r\n');
    await world.checkPress(amy, press(amy, 'Look at it first'), 422);
    amy = await choose(url, 'x'.repeat(5e6));
    await world.checkPress(amy, press(amy, 'Look at it first'), 413);
    const rows = Array.from({ length: 250 }, (_, i) =>
      `guest${i}@sail.example,Guest ${i},member`);
    amy = await choose(url, ['email,name,role', ...rows,
      `${'a'.repeat(60)}@${'b'.repeat(60)}.example,${long.slice(0, 150)},`,
      'nobody,Nobody,', 'guest1@sail.example,Again,', ''].join('\r\n'),
    `${long.slice(0, 60)}.csv`);
    await world.checkPress(amy, press(amy, 'Look at it first'));
    await world.check(amy, url);
    await amy.click(`text=${long.slice(0, 20)}`);
    await world.checkPress(amy, press(amy, 'Import it'));
    equal(stack.sql(`select count(*) from users where email like
      'guest%@sail.example'`), '250');
  }

  async function eventFile() {
    const at = `/staff/sail/events/${coming('Regatta by file', 1)}/people/import`;
    await world.check(await world.as('amy'), at);
    let amy = await choose(at, 'Dear all,\r\n');
    await world.checkPress(amy, press(amy, 'Look at it first'), 422);
    amy = await choose(at, 'email;name\nnew1@sail.example;New\n' +
      'ada@sail.example;Ada\n');
    await world.checkPress(amy, press(amy, 'Look at it first'));
    await world.checkPress(amy, press(amy, 'Import it'));
    stack.sweep();
  }

  async function picked() {
    const sid = await world.as('sid');
    const at = `/staff/sail/events/${coming(long, 1)}/people/add`;
    await world.check(sid, at);
    await world.check(sid, `${at}?q=nobodyiscalledthat`);
    await sid.goto(at);
    await world.checkPress(sid, press(sid, 'Register them'), 422);
    for (const tick of (await sid.$$('[type=checkbox]')).slice(0, 2))
      await tick.check();
    await world.checkPress(sid, press(sid, 'Register them'));
    stack.sweep();
  }

  return {
    'GET /staff/:org/people/import': file,
    'POST /staff/:org/people/import': file,
    'GET /staff/:org/events/:id/people/import': eventFile,
    'POST /staff/:org/events/:id/people/import': eventFile,
    'GET /staff/:org/events/:id/people/add': picked,
    'POST /staff/:org/events/:id/people/add': picked,
  };
};
