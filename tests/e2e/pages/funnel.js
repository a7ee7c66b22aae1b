'use strict';
// What became of an event's questions, as the team reads it.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;

  async function answers() {
    const sid = await world.as('sid');
    const path = `/staff/sail/events/${world.event}/answers`;
    await world.check(sid, path);
    stack.clock('2030-06-14 14:00+00');
    await world.check(sid, path);
  }

  // Six were asked, two of them twice; four answered.
  function asked(slug, title, words) {
    // Before the event: an organisation asks about what ends after it began.
    stack.clock('2030-06-14 08:00+00');
    const event = stack.club(slug, { uma: '', vic: '', wes: '', xia: '',
      yan: '', zoe: '' }, { org: `The ${slug} club`, title,
      start: '20300614T090000Z', end: '20300614T110000Z' });
    stack.ctl('admin', 'add', '--org', slug, `amy@${slug}.example`, 'Amy');
    stack.sql(`insert into event_views (event_id, user_id, org_id) select
      e.id, u.id, e.org_id from events e, users u where e.id = ${event} and
      u.email like '%@${slug}.example' and u.name <> 'Amy'`);
    stack.sql(`update organizations set second_prompt = 'all'
      where slug = '${slug}'`);
    stack.clock('2030-06-14 12:01+00');
    stack.sweep();
    const answer = (names, status, rating) => stack.sql(`select
      record_attendance(u.id, ${event}, '${status}', 'test') from users u
      where u.email = any ('{${names.map((n) => `${n}@${slug}.example`)}}');
      update attendance set feedback_rating = ${rating}, feedback_text =
      '${words}', feedback_submitted_at = app_now() where event_id = ${event}
      and feedback_rating is null and status = '${status}'`);
    answer(['uma', 'vic'], 'attended', 5);
    answer(['wes'], 'partial', 3);
    stack.clock('2030-06-15 09:01+00');
    stack.sweep();
    answer(['xia'], 'not_attended', 1);
    return event;
  }

  async function charts() {
    const event = asked('keel', 'Autumn regatta', 'The wind was with us.');
    const amy = await world.as('amy', 'keel');
    const path = `/staff/keel/events/${event}/answers`;
    await world.check(amy, path);
    ok((await amy.textContent('main')).includes('67 % answered: 4 of the 6'),
      'the rate with its denominator');
    // Every bar begins at the same left edge, and the longest is the first.
    const bars = await amy.$$eval('svg rect.quiet', (all) => all.map((bar) => {
      const { left, width } = bar.getBoundingClientRect();
      return [Math.round(left), Math.round(width)];
    }));
    equal(new Set(bars.map(([left]) => left)).size, 1, 'left edges');
    ok(bars[0][1] > bars[1][1] && bars[1][1] > 0, `lengths ${bars}`);
    const names = await amy.$$eval('svg', (all) => all.map((svg) =>
      svg.querySelector('title').textContent));
    equal(names, ['How far the questions came',
      'Ratings, from 5 down to 1'], 'titles');
    await amy.emulateMedia({ media: 'print' });
    ok(await amy.isVisible('svg rect.quiet >> nth=0'), 'the chart on paper');
    await amy.emulateMedia({ media: 'screen' });
    await world.check(amy, `${path}?before=1&event=1`);
  }

  async function files() {
    const sid = await world.as('sid');
    const cookies = (await sid.context().cookies()).map((c) =>
      `${c.name}=${c.value}`).join('; ');
    for (const name of ['answers', 'ratings', 'feedback']) {
      const path = `/staff/sail/events/${world.event}/${name}.csv`;
      world.seen.push(['GET', path]);
      const rs = await stack.request(path, { headers: { Cookie: cookies } });
      equal(rs.status, 200, path);
      equal(rs.headers['content-type'], 'text/csv; charset=utf-8', path);
      ok(/^attachment; filename="[\w.-]+\.csv"$/.test(
        rs.headers['content-disposition']), 'it is saved as a file');
    }
  }

  async function longNames() {
    const event = asked('spar', long.slice(0, 400), long);
    const amy = await world.as('amy', 'spar');
    stack.sql(`update users set name = '${long}'
      where email = 'uma@spar.example'`);
    await world.check(amy, `/staff/spar/events/${event}/answers`);
  }

  return {
    'GET /staff/:org/events/:id/answers': answers,
    'GET /staff/:org/events/:id/answers.csv': files,
    'GET /staff/:org/events/:id/ratings.csv': files,
    'GET /staff/:org/events/:id/feedback.csv': files,
    'staff: the answers of an event in charts': charts,
    'staff: answers with long names': longNames,
  };
};
