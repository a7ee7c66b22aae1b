'use strict';
// The door of an event, on a phone in a hurry; and the code of a registration,
// from the ticket's page to the door's.

const { execFileSync } = require('child_process');
const { equal, flaws, ok } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;

  // One that is on now, with so many who are registered; its id.
  function on(title, names) {
    const id = stack.sql(`insert into events (org_id, title, starts_at,
      ends_at, status) select org_id, '${title}', '2030-06-14 11:55Z',
      '2030-06-14 15:00Z', 'ongoing' from events where id = ${world.event}
      returning id`);
    for (const name of names) {
      stack.sql(`with u as (insert into users (email, name) values
        (md5(random()::text) || '@example.org', '${name}') returning id),
        m as (insert into memberships (user_id, org_id) select u.id, e.org_id
        from u, events e where e.id = ${id})
        insert into event_participants (event_id, org_id, user_id)
        select e.id, e.org_id, u.id from u, events e where e.id = ${id}`);
    }
    return id;
  }

  const text = (page) => page.textContent('main');
  const row = (page, name) =>
    page.locator('[data-people] li').filter({ hasText: name });

  // As without script: with it no press leaves the page.
  const pressed = (page, what) => world.checkPress(page,
    () => world.submit(page, { what }, '[data-people] form'));

  async function door() {
    const sid = await world.as('sid');
    const names = Array.from({ length: 53 }, (_, i) => `Visitor ${100 + i}`);
    const event = on('Harbour day', [...names, 'Walburga', long]);
    const at = `/staff/sail/events/${event}/door`;
    await world.check(sid, at);
    await world.check(sid, `${at}?q=${encodeURIComponent(long.slice(0, 9))}`);
    await world.check(sid, `${at}?q=nobody+here`);
    await sid.goto(at);
    await world.checkPress(sid, () => sid.click('a[rel=next]'));

    // Found while typing, one press, undone.
    await sid.goto(at);
    await sid.fill('#q', 'walb');
    await sid.waitForFunction(() =>
      document.querySelectorAll('[data-people] li').length === 1);
    await sid.fill('#q', 'visitor 107');
    await row(sid, 'Walburga').waitFor({ state: 'detached' });
    await sid.fill('#q', 'walbur');
    await row(sid, 'Walburga').waitFor();
    equal(await sid.textContent('[data-nobody]'), '1 found.', 'announced');
    equal(await sid.locator('a[rel=next]').count(), 0, 'more of others');
    await pressed(sid, 'check_in');
    ok((await text(sid)).includes('Walburga is here.'), 'checked in');
    ok(/1 here/.test(await sid.textContent('[data-counts]')), 'counted');
    await world.check(sid, `${at}?q=walburga`);
    await sid.goto(`${at}?q=walburga`);
    await pressed(sid, 'undo');
    ok((await text(sid)).includes('Undone.'), 'undone');

    await sid.goto(`${at}?q=visitor+107`);
    await pressed(sid, 'excuse');
    stack.sql(`update events set starts_at = '2030-06-14 11:30Z'
      where id = ${event}`);
    await sid.goto(`${at}?q=visitor+106`);
    await pressed(sid, 'check_in');
    ok((await text(sid)).includes('is here, late.'), 'late');
    await world.check(sid, `${at}?q=visitor+10`);
    // Who is a member and did not register is let in at once.
    await sid.goto(`${at}?q=bob`);
    await pressed(sid, 'walk_in');

    // Early, over, called off.
    stack.sql(`update events set starts_at = '2030-06-14 14:00Z'
      where id = ${event}`);
    await world.check(sid, at);
    stack.sql(`update events set status = 'completed' where id = ${event}`);
    await world.check(sid, at);
    stack.sql(`update events set status = 'cancelled' where id = ${event}`);
    await world.check(sid, at);
  }

  async function role() {
    const dan = await world.as('dan');
    const event = on('Pontoon', ['Walfrieda']);
    const at = `/staff/sail/events/${event}/door`;
    await world.check(dan, '/staff/sail');
    await world.check(dan, at);
    equal(await dan.locator('[data-people] li').count(), 0, 'a list');
    await world.check(dan, `${at}?q=wa`);
    equal(await dan.locator('[data-people] li').count(), 0, 'by two letters');
    await world.check(dan, `${at}?q=wal`);
    await dan.goto(`${at}?q=walfrieda`);
    await pressed(dan, 'check_in');
    equal(await dan.locator('button[value=excuse]').count(), 0, 'excuses');
  }

  async function group() {
    const sid = await world.as('sid');
    const names = Array.from({ length: 103 }, (_, i) => `Crew ${100 + i}`);
    const event = on('Big crew', names);
    const at = `/staff/sail/events/${event}/door/group`;
    await world.check(sid, at);
    await world.check(sid, `${at}?q=nobody+here`);
    await sid.goto(at);
    await world.checkPress(sid, () => sid.click('a[rel=next]'));
    await sid.goto(at);
    await world.checkPress(sid, () => sid.click('text=Tick everyone'));
    await world.checkPress(sid, () => sid.click('button[value=check_in]'));
    ok((await text(sid)).includes('Done for 100.'), 'a hundred at once');
    await sid.goto(at);
    await world.checkPress(sid, () => sid.click('button[value=excuse]'));
    ok((await text(sid)).includes('You chose nobody'), 'nobody');
    await sid.goto(`${at}?tick=all`);
    await world.checkPress(sid, () => sid.click('button[value=excuse]'));
    await world.check(sid, at);
  }

  async function somebody() {
    const sid = await world.as('sid');
    const event = on('Open deck', []);
    const at = `/staff/sail/events/${event}/door/new`;
    await world.check(sid, at);
    await sid.goto(at);
    await world.checkPress(sid, () => world.submit(sid,
      { name: '', email: 'nobody' }), 422);
    await world.checkPress(sid, () => world.submit(sid,
      { name: 'Wanda Wave', email: 'wanda@wave.example' }));
    ok((await text(sid)).includes('Wanda Wave is here'), 'let in');
    stack.sql(`update events set status = 'completed', starts_at = starts_at -
      interval '1 day', ends_at = ends_at - interval '1 day'
      where id = ${event}`);
    await sid.goto(at);
    await world.checkPress(sid, () => world.submit(sid,
      { name: 'Late Larry', email: 'larry@wave.example' }), 422);
  }

  // What a reader sees on the page: zbar is not ours.
  async function scanned(page) {
    const file = `${stack.directory}/var/ticket.png`;
    await page.locator('svg.qr').screenshot({ path: file });
    return execFileSync('zbarimg', ['--quiet', '--raw', file]).toString().trim();
  }

  async function ticket() {
    const ada = await world.as('ada');
    const sid = await world.as('sid');
    const event = on('Regatta', []);
    stack.sql(`insert into event_participants (event_id, org_id, user_id)
      select e.id, e.org_id, u.id from events e, users u where e.id = ${event}
      and u.email = 'ada@sail.example'`);
    const at = `/events/${event}/ticket`;
    await world.check(ada, `/events/${event}`);
    await world.check(ada, at);
    await ada.goto(at);
    const first = await scanned(ada);
    equal(first, await ada.getAttribute('a[href*="/c/"]', 'href'),
      'what the code says');
    await ada.emulateMedia({ colorScheme: 'dark' });
    equal(await scanned(ada), first, 'what it says in the dark');
    await ada.emulateMedia({ colorScheme: 'light' });

    // Anybody's phone opens it; who has the door gets there.
    const code = new URL(first).pathname;
    await world.check(world.guest, code);
    await sid.goto(code);
    ok(sid.url().includes(`/staff/sail/events/${event}/door`), 'at the door');
    await pressed(sid, 'check_in');
    await sid.goto(code);
    ok((await row(sid, 'Ada').textContent()).includes('by '), 'by whom');
    await ada.goto(code);
    ok(ada.url().endsWith(at), 'the holder has the ticket');

    await world.checkPress(ada, () => ada.click('text=Make a new code'));
    ok(await scanned(ada) !== first, 'another code');
    await ada.goto(code);
    ok((await text(ada)).includes('was replaced'), 'the old one');
    await world.check(sid,
      `/staff/sail/events/${event}/door?q=${encodeURIComponent(first)}`);
    ok((await text(sid)).includes('there is a newer one'), 'is worth nothing');
    stack.clock('2030-06-22 12:00+00');
    await world.check(sid, code, 410);
    stack.clock('2030-06-14 12:00+00');
    stack.sql(`update event_participants set status = 'waitlisted'
      where event_id = ${event}`);
    await world.check(ada, at);
    ok((await text(ada)).includes('number 1 on the waiting list'), 'waits');
    equal(await ada.locator('svg.qr').count(), 0, 'no code for who waits');
    stack.sql(`update events set status = 'cancelled' where id = ${event}`);
    await world.check(ada, at);
  }

  async function sync() {
    const sid = await world.as('sid');
    const at = `/staff/sail/events/${on('Open day', ['Wanda'])}/door`;
    const turn = (name) =>
      sid.evaluate((of) => dispatchEvent(new Event(of)), name);
    const [rs] = await Promise.all([
      sid.waitForResponse((r) => r.url().endsWith(`${at}/sync`)),
      world.check(sid, at),
    ]);
    equal(rs.status(), 200);
    world.seen.push(['POST', `${at}/sync`]);
    await sid.click('button[value=check_in]');
    await row(sid, 'by Sid').waitFor();
    // Longer than two taps.
    await sid.waitForTimeout(600);

    await sid.context().setOffline(true);
    await turn('offline');
    await sid.fill('#q', 'wan');
    await sid.click('button[value=undo]:visible');
    await sid.waitForSelector('text=Taken back, not sent yet');
    await sid.waitForSelector('text=Open day: 1 waiting to be sent');
    await sid.click('text=Let in somebody new');
    equal(await flaws(sid), [], 'without a network');
    await sid.context().setOffline(false);
    await turn('online');
    await row(sid, 'Not marked').waitFor();
    ok(await sid.isHidden('[data-network]'), 'all is sent');
  }

  return {
    'GET /staff/:org/events/:id/door': door,
    'POST /staff/:org/events/:id/door/sync': sync,
    'POST /staff/:org/events/:id/door': door,
    'R-O1 the door finds by three letters and has no lists': role,
    'GET /staff/:org/events/:id/door/group': group,
    'GET /staff/:org/events/:id/door/new': somebody,
    'POST /staff/:org/events/:id/door/new': somebody,
    'GET /c/:token': ticket,
    'GET /events/:id/ticket': ticket,
    'POST /events/:id/ticket': ticket,
  };
};
