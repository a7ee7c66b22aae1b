'use strict';
// A calendar from staff: the form, what would happen, what happened.

const { equal } = require('../lib');

function calendar(...events) {
  return Buffer.from(['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN',
    ...events.flatMap((lines, i) => ['BEGIN:VEVENT', `UID:import-${i}`,
      'DTSTAMP:20300101T000000Z', ...lines, 'END:VEVENT']),
    'END:VCALENDAR', ''].join('\r\n'));
}

const at = (day) => [`DTSTART:203007${day}T160000Z`,
  `DTEND:203007${day}T180000Z`];
const talk = [...at(10), 'SUMMARY:Talk & tea'];
const day = ['DTSTART;VALUE=DATE:20300711', 'SUMMARY:Open day'];

module.exports = (world) => {
  const url = '/staff/sail/import';

  async function choose(buffer, name = 'club.ics') {
    const amy = await world.as('amy');
    await amy.goto(url);
    await amy.setInputFiles('#calendar', { name, mimeType: 'text/calendar',
      buffer });
    return amy;
  }

  const press = (page, text) => () => page.click(`text="${text}"`);

  // A file's page, as it waits.
  async function handIn(buffer, name) {
    const amy = await choose(buffer, name);
    await world.checkPress(amy, press(amy, 'Look at it first'));
    return amy;
  }

  async function form() {
    await world.check(await world.as('amy'), url);
    for (const name of ['ada', 'sid', 'dan']) {
      await world.check(await world.as(name), url, 404);
    }
  }

  async function wrong() {
    let amy = await choose(Buffer.from('Dear all,\r\n'));
    await world.checkPress(amy, press(amy, 'Look at it first'), 422);
    amy = await choose(calendar());
    await world.checkPress(amy, press(amy, 'Look at it first'), 422);
    amy = await choose(Buffer.alloc(11e6, 'x'));
    await world.checkPress(amy, press(amy, 'Look at it first'), 413);
  }

  async function waits() {
    const amy = await handIn(calendar(talk, day, ['SUMMARY:Not yet']),
      `${world.long.slice(0, 60)}.ics`);
    await world.check(amy, url);
    await amy.click(`text=${world.long.slice(0, 20)}`);
    await world.checkPress(amy, press(amy, 'Import it'));
    equal(await amy.textContent('h1'), 'What was imported');
    equal(world.stack.sql(`select count(*) from events where uid like
      'import-%'`), '2');
  }

  async function waitsForNothing() {
    const amy = await handIn(calendar(talk, day));
    equal(await amy.isVisible('text="Import it"'), false);
    await world.checkPress(amy, press(amy, 'Throw it away'));
    await handIn(calendar([...at(12), 'SUMMARY:Talk & tea'], day));
  }

  async function many() {
    const events = Array.from({ length: 300 }, (_, i) =>
      [...at(10 + i % 20), `SUMMARY:Evening ${i} at the boathouse`]);
    await handIn(calendar(...events));
  }

  return {
    'GET /staff/:org/import': form,
    'POST /staff/:org/import': wrong,
    'GET /staff/:org/import/:id': waits,
    'POST /staff/:org/import/:id': waits,
    'POST /staff/:org/import/:id/discard': waitsForNothing,
    'many events in a calendar': many,
  };
};
