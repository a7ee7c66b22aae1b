'use strict';
// Who came and what they said, of an event and of an organisation.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;

  // A club with three events of late; the last with people of every kind.
  function club(slug, title, words) {
    stack.clock('2030-06-14 08:00+00');
    const names = ['uma', 'vic', 'wes', 'xia', 'yan', 'zoe'];
    const event = stack.club(slug,
      Object.fromEntries(names.map((name) => [name, ''])),
      { org: `The ${slug} club`, title,
        start: '20300614T090000Z', end: '20300614T110000Z' });
    stack.ctl('admin', 'add', '--org', slug, `amy@${slug}.example`, 'Amy');
    stack.sql(`
      update events set takes_attendance = true where id = ${event};
      insert into events (org_id, title, starts_at, ends_at, status,
        takes_attendance)
      select org_id, 'Before ' || n, starts_at - n * interval '3 days',
        ends_at - n * interval '3 days', 'completed', n < 6
      from events, generate_series(1, 8) n where id = ${event};
      insert into event_participants (event_id, org_id, user_id)
      select e.id, e.org_id, m.user_id from events e
      join memberships m on m.org_id = e.org_id and m.role = 'member'
      where e.org_id = (select org_id from events where id = ${event})`);
    stack.clock('2030-06-14 12:01+00');
    stack.sweep();
    stack.sql(`
      with place as (
        select p.org_id, e.starts_at, p.id, row_number() over (
          partition by p.event_id order by p.id) as n, e.id as event
        from event_participants p join events e on e.id = p.event_id
        where p.org_id = (select org_id from events where id = ${event})
          and e.takes_attendance
      )
      select mark_attendance(min(org_id), null, array_agg(row(id,
        case when n <= 2 + event % 3 then 'present' when n = 5 then 'late'
        else 'absent' end, starts_at + interval '12 minutes', 'check_in', null,
        null)::attendance_mark), null, 'test') from place;
      select record_attendance(u.id, ${event}, case lower(u.name) when 'uma' then
        'not_attended' else 'attended' end, 'test') from users u where u.email
        like '%@${slug}.example' and u.email !~ '^(amy|zoe|vic)';
      update attendance set feedback_rating = 4, feedback_text = '${words}',
      feedback_submitted_at = app_now() where event_id = ${event}`);
    stack.sweep();
    return event;
  }

  async function ofEvent() {
    const sid = await world.as('sid');
    await world.check(sid, `/staff/sail/events/${world.event}/report`);
    const event = club('boom', 'Spring regatta', 'The wind was with us.');
    const amy = await world.as('amy', 'boom');
    const path = `/staff/boom/events/${event}/report`;
    await world.check(amy, path);
    ok(/\d+ % came: \d of the 6/.test(await amy.textContent('main')),
      'the rate with its denominator');
    await amy.emulateMedia({ media: 'print' });
    ok(await amy.isVisible('svg rect.quiet >> nth=0'), 'the chart on paper');
    ok(await amy.isVisible('table >> nth=0'), 'the table on paper');
    ok(!await amy.isVisible('.button >> nth=0'), 'nothing to press on paper');
    await amy.emulateMedia({ media: 'screen' });
  }

  async function ofOrg() {
    const sid = await world.as('sid');
    await world.check(sid, '/staff/sail/report?days=7');
    const amy = await world.as('amy', 'boom');
    for (const days of ['7', '30', '90', 'all']) {
      await world.check(amy, `/staff/boom/report?days=${days}`);
    }
    const dots = await amy.$$eval('svg circle', (all) => all.map((dot) =>
      dot.getBoundingClientRect().left));
    equal(dots, [...dots].sort((a, b) => a - b), 'the line goes on with time');
    await amy.emulateMedia({ media: 'print' });
    ok(await amy.isVisible('svg circle >> nth=0'), 'the line on paper');
    await amy.emulateMedia({ media: 'screen' });
  }

  async function files() {
    const sid = await world.as('sid');
    const cookies = (await sid.context().cookies()).map((c) =>
      `${c.name}=${c.value}`).join('; ');
    const paths = ['report', 'participants'].map((name) =>
      `/staff/sail/events/${world.event}/${name}.csv`).concat(
      ['trend', 'answers', 'events'].map((name) =>
        `/staff/sail/report/${name}.csv`));
    for (const path of paths) {
      world.seen.push(['GET', path]);
      const rs = await stack.request(path, { headers: { Cookie: cookies } });
      equal(rs.status, 200, path);
      equal(rs.headers['content-type'], 'text/csv; charset=utf-8', path);
      ok(/^attachment; filename="[\w.-]+\.csv"$/.test(
        rs.headers['content-disposition']), 'it is saved as a file');
    }
  }

  async function longNames() {
    const event = club('gaff', long.slice(0, 400), long);
    const amy = await world.as('amy', 'gaff');
    stack.sql(`update users set name = '${long}'
      where email like '%@gaff.example' and name <> 'Amy'`);
    await world.check(amy, `/staff/gaff/events/${event}/report`);
    await world.check(amy, '/staff/gaff/report?days=7');
  }

  return {
    'GET /staff/:org/events/:id/report': ofEvent,
    'GET /staff/:org/report': ofOrg,
    'GET /staff/:org/events/:id/report.csv': files,
    'GET /staff/:org/events/:id/participants.csv': files,
    'GET /staff/:org/report/trend.csv': files,
    'GET /staff/:org/report/answers.csv': files,
    'GET /staff/:org/report/events.csv': files,
    'staff: reports with long names': longNames,
  };
};
