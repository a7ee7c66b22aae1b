'use strict';
// R-B3 at a door without a network: two real browsers, each behind a wire of
// its own that is cut, check in the same 200 people and come back.

const { at, away, back, club, cutAll, device, door, find, kept, online, open,
  pages, press, row, waiting, wind } = require('./away');
const { Stack, equal, ok, run, signIn, until } = require('./lib');

const PEOPLE = 200;
const { devices } = at;
let stack;
let event;

const guest = (n) => `Guest ${String(n).padStart(3, '0')}`;

// Ten people a search, as somebody with a full corridor would.
async function checkInAll(page, from, to) {
  for (let ten = Math.floor(from / 10); ten * 10 < to; ten++) {
    await page.fill('[data-search] [name=q]',
      `guest ${String(ten).padStart(2, '0')}`);
    for (let n = Math.max(from, ten * 10); n < Math.min(to, ten * 10 + 10);
      n++) {
      const one = row(page, guest(n));
      await one.waitFor();
      await press(one, 'check_in');
      await one.locator('[data-said].present').waitFor();
    }
  }
}

const rows = (query) => stack.sql(query);
const standing = () => rows(`select string_agg(concat_ws(' ', status, at, n),
  ', ' order by status, at) from (select attendance_status as status, to_char(
  attendance_marked_at at time zone 'UTC', 'HH24:MI') as at, count(*) as n from
  event_participants where event_id = ${event} group by 1, 2) s`);

async function begin() {
  stack = await Stack.start();
  club(stack, PEOPLE);
  ({ event } = at);
  await device('sid');
  await device('sue');
}

async function bothGoAway() {
  for (const name of ['sid', 'sue']) {
    const page = await open(name);
    equal((await kept(page, 'people')).length, PEOPLE, `${name}'s list`);
    await away(name);
  }
}

// Sid's clock is at 13:04, Sue's at 13:14, which is late.
async function bothCheckIn() {
  const { sid, sue } = devices;
  await wind(sid.page, 9);
  await wind(sue.page, 19);
  await Promise.all([(async () => {
    await checkInAll(sid.page, 0, 100);
    await sid.page.reload();
    await sid.page.waitForSelector('[data-when=away]:visible');
    equal(await waiting(sid.page), 100, 'after the reload');
    await checkInAll(sid.page, 100, PEOPLE);
  })(), (async () => {
    await checkInAll(sue.page, 0, 50);
    const session = await sue.page.context().newCDPSession(sue.page);
    await session.send('ServiceWorker.enable');
    await session.send('ServiceWorker.stopAllWorkers');
    await sue.page.reload();
    await sue.page.waitForSelector('[data-when=away]:visible');
    equal(await waiting(sue.page), 50, 'after the worker was stopped');
    await checkInAll(sue.page, 50, PEOPLE);
  })()]);
  equal([await waiting(sid.page), await waiting(sue.page)], [PEOPLE, PEOPLE]);
  await until(async () => (await sid.page.textContent('[data-kept]'))
    .includes(`Spring regatta: ${PEOPLE} waiting to be sent`), 'it says so');
  equal(standing(), `unknown ${PEOPLE}`, 'meanwhile at the server');
}

async function sueComesBack() {
  stack.clock('2030-06-14 13:20+00');
  await back('sue');
  await until(async () => await waiting(devices.sue.page) === 0, 'all is sent');
  equal(standing(), `late 13:14 ${PEOPLE}`);
  equal(rows('select count(*) from door_attempts'), String(PEOPLE));
}

async function sidComesBack() {
  stack.clock('2030-06-14 13:25+00');
  await back('sid');
  await until(async () => await waiting(devices.sid.page) === 0, 'all is sent');
  equal(standing(), `present 13:04 ${PEOPLE}`, 'the earlier time');
  equal(rows(`select count(*) || ' ' || count(distinct participant_id) || ' ' ||
    count(distinct device) from door_attempts`), `${2 * PEOPLE} ${PEOPLE} 2`);
  equal(rows(`select string_agg(concat_ws(' ', action, reason_code, n), ', '
    order by action) from (select action, reason_code, count(*) as n from
    event_attendance_audit group by 1, 2) a`),
  `check_in ${PEOPLE}, correction offline_sync ${PEOPLE}`);
  equal(rows('select count(*) from verify_audit(null)'), '0', 'the chain');
  ok(await devices.sid.page.locator('[data-network]').isHidden(), 'all is well');
}

async function lostReply() {
  const { page, wire } = devices.sid;
  const before = Number(rows('select count(*) from door_attempts'));
  const one = await find(page, 'Guest 000');
  wire.deaf = true;
  await press(one, 'undo');
  await page.waitForSelector('[data-when=away]:visible');
  equal(Number(rows('select count(*) from door_attempts')), before + 1,
    'the server has it');
  equal(await waiting(page), 1, 'the device does not know');
  wire.deaf = false;
  await online(page);
  await until(async () => await waiting(page) === 0, 'sent again');
  equal(Number(rows('select count(*) from door_attempts')), before + 1,
    'counted once');
  // Sue saw them too.
  await one.locator('[data-said].late').waitFor();
}

const focused = (page) => page.evaluate(() => {
  const at = document.activeElement.closest('[data-participant]');
  return at && at.querySelector('[data-name]').textContent;
});

// A button that takes the place of another must not take its second tap, and
// who works with keys stays with the person.
async function twoTaps() {
  const { page } = devices.sid;
  const tried = () => Number(rows('select count(*) from door_attempts'));
  const one = await find(page, 'Guest 000');
  // Not as the second tap of what changed the row.
  await page.waitForTimeout(1000);
  await press(one, 'undo');
  await one.locator('[data-said].unknown').waitFor();
  await until(async () => await waiting(page) === 0, 'sent');
  const before = tried();
  await page.waitForTimeout(1000);
  await one.locator('button[value=check_in]').dblclick();
  await page.waitForTimeout(1000);
  await until(async () => await waiting(page) === 0, 'sent');
  await row(page, 'Guest 000').locator('[data-said].late').waitFor();
  equal(tried(), before + 1, 'one press');
  await row(page, 'Guest 000').locator('button[value=undo]').focus();
  await page.keyboard.press('Enter');
  await until(async () => tried() === before + 2, 'undone');
  await row(page, 'Guest 000').locator('[data-said].unknown').waitFor();
  await page.waitForTimeout(1000);
  equal(await focused(page), 'Guest 000', 'where the keys are');
}

// Another browser ends it, or a month is over.
const endSession = (name) => stack.sql(`update sessions set ended_at = app_now()
  where user_id = (select id from users where email = '${name}@sail.example')`);

async function signInAs(page, name) {
  await page.context().clearCookies();
  await signIn(stack, page, `${name}@sail.example`);
}

async function sessionEnded() {
  const { page, wire } = devices.sid;
  await away('sid');
  await page.fill('[data-search] [name=q]', 'guest 00');
  await row(page, 'Guest 009').waitFor();
  await press(row(page, 'Guest 000'), 'check_in');
  await row(page, 'Guest 000').locator('[data-said].present').waitFor();
  endSession('sid');
  await wire.mend();
  await online(page);
  await page.waitForSelector('[data-when=out]:visible');
  equal(await waiting(page), 1, 'the queue is kept');
  await press(row(page, 'Guest 009'), 'undo');
  await until(async () => await waiting(page) === 2, 'pressed after it');
  ok((await kept(page, 'attempts')).every((a) => a.sent.contact),
    'when it was is known all the same');
  equal([(await kept(page, 'people')).length, await pages(page)], [0, 0],
    'the list is not');
  await page.click('[data-when=out] a');
  await page.waitForURL(/signin.next=/);
  equal(await waiting(page), 2, 'at the sign-in form');
  const sue = devices.sue.page;
  await signInAs(page, 'dan');
  await open('sid');
  await page.waitForSelector('text=Spring regatta: 2 pressed by somebody else');
  equal(await waiting(page), 2, 'somebody else does not send it');
  equal((await kept(page, 'people')).length, 0, 'R-O1 no list for the door role');
  await signInAs(page, 'sid');
  await open('sid');
  await until(async () => await waiting(page) === 0, 'sent by who pressed it');
  equal(rows(`select u.name || ' ' || d.what from door_attempts d join users u on
    u.id = d.actor_id where d.what = 'check_in' order by d.at desc limit 1`),
  'Sid check_in');
  await until(async () => (await kept(page, 'people')).length === PEOPLE,
    'a list for staff');
  await signInAs(page, 'dan');
  await open('sid');
  await until(async () => (await kept(page, 'people')).length === 0,
    'R-O1 and none for the door role that follows');
  await signInAs(page, 'sid');
  await open('sid');
  await open('sue');
  await find(sue, 'Guest 000');
  await row(sue, 'Guest 000').locator('[data-said].late').waitFor();
}

async function signedOut() {
  const { page } = devices.sue;
  ok((await kept(page, 'people')).length === PEOPLE, 'a list');
  // A page whose list never came.
  await page.evaluate(async (at) => (await caches.open('door-pages'))
    .put(at, new Response('')), door(999));
  await away('sue');
  await press(await find(page, 'Guest 001'), 'undo');
  await until(async () => await waiting(page) === 1, 'pressed');
  await devices.sue.wire.mend();
  // Before the door has sent it: the page of the account is another one.
  await page.goto(`${devices.sue.wire.url}/me`);
  await page.click('form[action="/signout"] button');
  await page.waitForURL('**/?note=signed_out');
  await until(async () => (await kept(page, 'doors')).length === 0, 'wiped');
  equal([(await kept(page, 'people')).length, await pages(page)], [0, 0]);
  equal(await waiting(page), 1, 'what was pressed is kept');
  await devices.sue.wire.cut();
  await page.goto(devices.sue.wire.url + door());
  await page.waitForSelector('text=This door is not on this device');
  await devices.sue.wire.mend();
  await signIn(stack, page, 'sue@sail.example');
  await open('sue');
  await until(async () => await waiting(page) === 0, 'sent');
}

// A day after the end, by the device's clock: Sid's has gone on.
async function dayAfter() {
  const { page } = devices.sid;
  stack.clock('2030-06-14 18:00+00');
  await open('sid');
  await away('sid');
  await page.reload();
  await find(page, 'Guest 002');
  equal((await kept(page, 'people')).length, PEOPLE);
  const { until: last, ahead } = (await kept(page, 'doors'))[0];
  equal(last, Date.parse('2030-06-15T15:00:00Z'));
  await wind(page, (last - ahead - await page.evaluate(() => Date.now())) /
    60000 + 1);
  await page.reload();
  await until(async () => (await kept(page, 'people')).length === 0, 'wiped');
}

// The whole way: the sweep completes the event and finds who did not come.
async function backAfterTheEnd() {
  const { page } = devices.sue;
  stack.clock('2030-06-14 15:50+00');
  stack.event('sail', 'two', { title: 'Harbour talk', start:
    '20300614T160000Z', end: '20300614T170000Z' });
  const talk = stack.sql("select id from events where title = 'Harbour talk'");
  stack.sql(`update events set takes_attendance = true where id = ${talk};
    insert into event_participants (event_id, org_id, user_id) select ${talk},
      p.org_id, p.user_id from event_participants p where p.event_id = ${event}
      order by p.user_id limit 3;
    select count(*) from event_participants p, mark_attendance(p.org_id, null,
      array[row(p.id, 'present', timestamptz '2030-06-14 15:58+00', 'check_in',
      null, null)::attendance_mark], null, null) where p.id = (select max(id)
      from event_participants)`);
  await open('sue', talk);
  await away('sue');
  await wind(page, 12);
  await press(await find(page, 'Guest 000'), 'check_in');
  await row(page, 'Guest 000').locator('[data-said].present').waitFor();
  stack.clock('2030-06-14 17:01+00');
  stack.sweep();
  const said = (who) => stack.sql(`select attendance_status || ' ' || to_char(
    attendance_marked_at at time zone 'UTC', 'HH24:MI') from event_participants p
    join users u on u.id = p.user_id where p.event_id = ${talk} and
    u.name = '${who}'`);
  equal([said('Guest 000'), said('Guest 001')], ['absent 17:01', 'absent 17:01']);
  stack.clock('2030-06-16 16:59+00');
  await back('sue');
  await until(async () => await waiting(page) === 0, 'sent');
  equal([said('Guest 000'), said('Guest 001')], ['present 16:02', 'absent 17:01']);
  equal(rows(`select action || ' ' || reason_code || ' ' || previous_status from
    event_attendance_audit order by seq desc limit 1`),
  'correction offline_sync absent');
}

run({
  begin,
  'R-B3 a door that was opened is on the device, with its list': bothGoAway,
  'R-B3 two devices without a network check in 200 people, through a reload and the end of the worker':
    bothCheckIn,
  'R-B3 the first to come back has its times': sueComesBack,
  'R-B3 the second moves each of 200 to the earlier one, a correction each, and every attempt is kept':
    sidComesBack,
  'R-B3 a reply that is lost loses and doubles nothing': lostReply,
  'R-B3 two taps are one press, and the keys stay where they were': twoTaps,
  'R-B3 whose session has ended signs in again, and what was pressed is sent as theirs':
    sessionEnded,
  'R-B3 signing out takes the list from the device, and nothing that was pressed':
    signedOut,
  'R-B3 back after the end, what was pressed before it replaces the automatic absence':
    backAfterTheEnd,
  'R-B3 a day after the end the list is gone': dayAfter,
}, async () => {
  await cutAll();
  if (stack) await stack.stop();
});
