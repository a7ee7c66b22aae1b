'use strict';
// Where the door and people's answers disagree, as staff decide about it.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;
  const list = '/staff/jib/mismatches';

  function disagree() {
    const { event } = world.asked('jib', ['uma', 'vic', 'wes', 'xia']);
    stack.ctl('admin', 'add', '--org', 'jib', 'amy@jib.example', 'Amy');
    stack.sql(`
      update events set takes_attendance = true where id = ${event};
      with p as (
        insert into event_participants (event_id, org_id, user_id)
        select e.id, e.org_id, u.id from events e, users u
        where e.id = ${event} and u.email ~ '^(uma|vic|wes|xia)@jib'
        returning *
      )
      select count(*) from p;
      select count(*) from (select p.org_id, array_agg(row(p.id,
        case when u.email ~ '^(uma|xia)' then 'present' when u.email ~ '^vic'
        then 'excused' else 'absent' end,
        app_now(), 'check_in', null, null)::attendance_mark) as marks
        from event_participants p join users u on u.id = p.user_id
        where p.event_id = ${event} group by p.org_id) g,
        mark_attendance(g.org_id, null, g.marks, null, 'test');
      select record_attendance(u.id, ${event}, case when u.email ~
        '^(uma|xia)' then 'not_attended' else 'attended' end, 'test')
      from users u where u.email ~ '^(uma|vic|xia)@jib';
      update users set name = '${long}' where email = 'xia@jib.example'`);
    stack.sweep();
  }

  async function all() {
    const sid = await world.as('sid');
    await world.check(sid, '/staff/sail/mismatches');
    await world.check(sid, '/staff/sail/mismatches?show=decided');
    disagree();
    const amy = await world.as('amy', 'jib');
    await world.check(amy, '/staff/jib');
    ok((await amy.textContent('main')).includes(
      'They say otherwise than the door: 3'), 'the team is told');
    await world.check(amy, list);
    await world.checkPress(amy, () => amy.click('button[value=answer]'));
    ok((await amy.textContent('main')).includes('Both are kept'), 'decided');
    await world.check(amy, list);
    await world.checkPress(amy, () => world.submit(amy, { door: 'late',
      decision: 'door' }), 409);
    await world.check(amy, list);
    await world.checkPress(amy, () => amy.click('button[value=door]'));
    await world.check(amy, `${list}?show=decided`);
    equal(await amy.locator('.items > li').count(), 2, 'both are kept');
  }

  async function file() {
    const sid = await world.as('sid');
    const cookies = (await sid.context().cookies()).map((c) =>
      `${c.name}=${c.value}`).join('; ');
    const path = '/staff/sail/mismatches.csv';
    world.seen.push(['GET', path]);
    const rs = await stack.request(path, { headers: { Cookie: cookies } });
    equal(rs.status, 200, path);
    equal(rs.headers['content-type'], 'text/csv; charset=utf-8', path);
  }

  return {
    'GET /staff/:org/mismatches': all,
    'POST /staff/:org/mismatches/:id': all,
    'GET /staff/:org/mismatches.csv': file,
  };
};
