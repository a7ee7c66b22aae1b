'use strict';
// Shifts as the team sees, fills and changes them.

const { equal } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;
  const at = '/staff/sail/shifts';
  const press = (page, text) => () => page.click(`text="${text}"`);
  const save = (page) => () => page.click('main form[method=post] button.go');

  async function fill(page, values) {
    for (const [name, value] of Object.entries(values)) {
      const field = page.locator(`main form[method=post] [name=${name}]`).first();
      if (name === 'repeats') await field.selectOption(value);
      else await field.fill(value);
    }
  }

  function shift(title, starts, ends, capacity = 'null') {
    return stack.sql(`insert into duty_schedules (org_id, title, location, notes,
      start_at, end_at, capacity) select org_id, '${title}', 'Boathouse',
      'Bring gloves', app_now() + interval '${starts}', app_now() + interval
      '${ends}', ${capacity} from events where id = ${world.event} returning id`);
  }

  // Somebody of each kind: there, gone, late, missing, not coming.
  function crew(id) {
    stack.sql(`insert into duty_assignments (org_id, schedule_id, user_id, status,
      declined_at, late_minutes, late_said_at)
      select s.org_id, s.id, m.user_id,
        case m.place when 5 then 'declined' else 'assigned' end,
        case m.place when 5 then app_now() end,
        case m.place when 3 then 15 end, case m.place when 3 then app_now() end
      from duty_schedules s join (
        select user_id, org_id, row_number() over (order by user_id) as place
        from memberships) m using (org_id)
      where s.id = ${id} and m.place <= 5;
      insert into attendance_logs (schedule_id, org_id, user_id, type, at)
      select a.schedule_id, a.org_id, a.user_id, t.type, app_now() from
      (select *, row_number() over (order by user_id) as place from
      duty_assignments where schedule_id = ${id}) a
      join (values (1, 'check_in'), (1, 'check_out'), (2, 'check_in'))
      t(place, type) on t.place = a.place`);
  }

  async function list() {
    const amy = await world.as('amy');
    const sid = await world.as('sid');
    await world.check(amy, at);
    await world.check(amy, `${at}?show=past`);
    crew(shift('Bar', '-1 hour', '1 hour', 6));
    shift('Kitchen', '5 hours', '7 hours', 2);
    shift(long, '2 days', '3 days');
    stack.sql(`update duty_schedules set status = 'cancelled' where id =
      ${shift('Off', '2 days', '51 hours')}`);
    crew(shift('Was', '-3 hours', '-1 hour'));
    await world.check(sid, at);
    await world.check(amy, `${at}?show=past`);
    await world.check(amy, '/staff/sail');
    await world.check(await world.as('dan'), at, 404);
  }

  async function show() {
    const sid = await world.as('sid');
    const id = shift('Door', '-10 minutes', '2 hours', 9);
    await world.check(sid, `${at}/${id}`);
    crew(id);
    await world.check(sid, `${at}/${id}`);
    for (const summary of await sid.$$('summary')) await summary.click();
    await world.checkPress(sid, press(sid, 'They said that they can’t come'));
    await sid.click('[aria-label^="Check in"]');
    await world.checkPress(sid, () => sid.click('[aria-label^="Check out"]'));
    await world.checkPress(sid, () =>
      world.post(sid, `${at}/${id}`, { person: '1', press: 'dance' }), 422);
    await world.check(sid, `${at}/${shift('Past', '-3 hours', '-1 hour')}`);
    await world.check(sid, `${at}/0`, 404);
    await world.check(await world.as('amy'),
      `${at}/${shift(long, '1 day', '30 hours')}`);
  }

  async function assign() {
    const sid = await world.as('sid');
    const id = shift('Tea', '5 days', '121 hours', 2);
    await world.check(sid, `${at}/${id}/assign`);
    await world.check(sid, `${at}/${id}/assign?q=nobodyiscalledthat`);
    await sid.goto(`${at}/${id}/assign`);
    await world.checkPress(sid, press(sid, 'Assign them'), 422);
    const tick = async (n) => {
      for (const box of (await sid.$$('[type=checkbox]')).slice(0, n))
        await box.check();
    };
    await tick(3);
    await world.checkPress(sid, press(sid, 'Assign them'), 422);
    await sid.goto(`${at}/${id}/assign`);
    await tick(2);
    await world.checkPress(sid, press(sid, 'Assign them'));
    const other = shift('Cake', '5 days', '121 hours');
    await sid.goto(`${at}/${other}/assign`);
    await tick(2);
    await world.checkPress(sid, press(sid, 'Assign them'), 422);
    await world.checkPress(sid, press(sid, 'Assign them all the same'));
    equal(stack.sql(`select count(*) from duty_assignments where schedule_id =
      ${other}`), '2');
  }

  async function make() {
    const amy = await world.as('amy');
    await world.check(amy, `${at}/new`);
    await world.checkPress(amy, () => world.submit(amy, { title: '',
      start_date: '2030-02-30', start_time: '25:00', end_date: 'x',
      end_time: '9', capacity: '0', repeats: 'weekly', times: '900' },
    'main form[method=post]'), 422);
    await amy.goto(`${at}/new`);
    await fill(amy, { title: 'Regatta desk', start_date: '2030-07-04',
      start_time: '18:30', end_time: '17:00' });
    await world.checkPress(amy, save(amy), 422);
    await fill(amy, { end_time: '20:00', repeats: 'weekly', times: '3',
      location: 'Boathouse', notes: 'Bring a chair.', capacity: '3' });
    await world.checkPress(amy, save(amy));
  }

  async function change() {
    const amy = await world.as('amy');
    const id = stack.sql(
      "select min(id) from duty_schedules where title = 'Regatta desk'");
    await world.check(amy, `${at}/${id}/edit`);
    stack.sql(`update duty_schedules set location = 'Club room', version =
      version + 1 where id = ${id}`);
    await fill(amy, { title: 'Desk' });
    await world.checkPress(amy, save(amy), 409);
    await amy.check('[name=scope][value=following]');
    await world.checkPress(amy, save(amy));
    equal(stack.sql("select count(*) from duty_schedules where title = 'Desk'"), '3');
    await world.check(amy, `${at}/${id}/cancel`);
    await amy.check('[name=scope][value=following]');
    await world.checkPress(amy, press(amy, 'Cancel it'));
    await amy.goto(`${at}/new`);
    await world.checkPress(amy, () =>
      world.post(amy, `${at}/${id}/cancel`, { version: '1', scope: 'this' }), 410);
  }

  async function choose(text) {
    const amy = await world.as('amy');
    await amy.goto(`${at}/import`);
    await amy.setInputFiles('#list', { name: 'shifts.csv',
      mimeType: 'text/csv', buffer: Buffer.from(text) });
    return amy;
  }

  async function file() {
    await world.check(await world.as('amy'), `${at}/import`);
    await world.check(await world.as('sid'), `${at}/import`, 404);
    const look = (page) => press(page, 'Look at it first');
    let amy = await choose('Dear all,\r\n');
    await world.checkPress(amy, look(amy), 422);
    amy = await choose(['title,start,end,people',
      'By file,2030-07-05 09:00,12:00,',
      `${long.slice(0, 100)},2030-07-05 12:00,15:00,`,
      'Back to front,2030-07-05 18:00,2030-07-05 09:00,',
      'Nobody there,2030-07-06 09:00,12:00,nobody@elsewhere.example', ''].join('\r\n'));
    await world.checkPress(amy, look(amy));
    await world.checkPress(amy, press(amy, 'Import it'));
    equal(stack.sql(`select count(*) from duty_schedules
      where title in ('By file', 'Back to front')`), '1');
  }

  return {
    'GET /staff/:org/shifts/import': file,
    'POST /staff/:org/shifts/import': file,
    'GET /staff/:org/shifts': list,
    'GET /staff/:org/shifts/:id': show,
    'POST /staff/:org/shifts/:id': show,
    'GET /staff/:org/shifts/:id/assign': assign,
    'POST /staff/:org/shifts/:id/assign': assign,
    'GET /staff/:org/shifts/new': make,
    'POST /staff/:org/shifts/new': make,
    'GET /staff/:org/shifts/:id/edit': change,
    'POST /staff/:org/shifts/:id/edit': change,
    'GET /staff/:org/shifts/:id/cancel': change,
    'POST /staff/:org/shifts/:id/cancel': change,
  };
};
