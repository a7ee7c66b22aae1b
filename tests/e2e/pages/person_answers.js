'use strict';
// A person's history, as the team sees it: few answers and many, some of
// elsewhere, and what the door says.

const { equal } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;

  async function pages() {
    const { event } = world.asked('polo', ['ada']);
    stack.ctl('admin', 'add', '--org', 'polo', 'amy@polo.example', 'Amy');
    const amy = await world.as('amy', 'polo');
    const ada = stack.sql(
      "select id from users where email = 'ada@polo.example'");
    const url = `/staff/polo/people/${ada}`;
    await world.check(amy, url);
    await world.check(amy, `${url}/answers`);
    stack.sql(`with e as (insert into events (org_id, title, starts_at, status)
      select case when n % 5 = 0 then s.org_id else e.org_id end, case n when 1
      then '${long}' else 'Match ' || n end, app_now() - n * interval '1 day',
      'completed' from events e, events s, generate_series(1, 60) n
      where e.id = ${event} and s.id = ${world.event} returning *)
      insert into attendance (user_id, event_id, org_id, status, responded_at,
      feedback_rating, feedback_submitted_at, show_to_other_orgs) select ${ada},
      e.id, e.org_id, (array['attended', 'partial', 'not_attended'])
      [e.id % 3 + 1], app_now(), 4, app_now(), true from e;
      update events set takes_attendance = true where id > ${event};
      insert into event_participants (event_id, org_id, user_id,
      attendance_status, attendance_marked_at) select id, org_id, ${ada},
      (array['present', 'late', 'absent', 'excused'])[id % 4 + 1], app_now()
      from events where id > ${event}`);
    await world.check(amy, url);
    await world.checkPress(amy, () => amy.click('a[href$="/answers"]'));
    await world.checkPress(amy, () => amy.click('a[rel=next]'));
    await world.check(amy, '/staff/polo/people/999999/answers', 404);
  }

  async function file() {
    const sid = await world.as('sid');
    const cookies = (await sid.context().cookies()).map((c) =>
      `${c.name}=${c.value}`).join('; ');
    const ada = stack.sql(
      "select id from users where email = 'ada@sail.example'");
    const path = `/staff/sail/people/${ada}/answers.csv`;
    world.seen.push(['GET', path]);
    const rs = await stack.request(path, { headers: { Cookie: cookies } });
    equal(rs.status, 200, path);
    equal(rs.headers['content-type'], 'text/csv; charset=utf-8', path);
  }

  return {
    'GET /staff/:org/people/:id/answers': pages,
    'GET /staff/:org/people/:id/answers.csv': file,
  };
};
