'use strict';
// Takes the pictures of docs/ from the real pages: on a phone an event's
// question, the answer, the list of events, the history and the door; on a desk
// what the team sees of an event, of a calendar handed in, and when an event is
// over.  `make screenshots` runs it.
// Its clock stands and its data is its own, so that pictures change only with
// the pages (and with the fonts of who takes them).

const fs = require('fs');
const path = require('path');
const { Stack, checkout, equal, launch, signIn, visitor } = require('./lib');

const folder = path.join(checkout, 'docs');
const phone = { viewport: { width: 390, height: 760 }, deviceScaleFactor: 1,
  hasTouch: true, isMobile: true, colorScheme: 'light' };
const desk = { viewport: { width: 1000, height: 1080 }, colorScheme: 'light' };
const maya = 'maya@riverside.example';
const ines = 'ines@riverside.example';

const coming = [
  ['clean-up', 'Riverbank clean-up', '20270613T090000Z', '20270613T110000Z'],
  ['games', 'Board games night', '20270615T180000Z', '20270615T210000Z'],
  ['aid', 'First aid in an evening', '20270617T173000Z', '20270617T200000Z'],
];

function fill(stack) {
  stack.clock('2027-06-12 08:00+00');
  const event = stack.club('riverside', { maya: 'Europe/London' }, { org:
    'Riverside Community Centre', title: 'Repair café',
  start: '20270612T110000Z', end: '20270612T130000Z' });
  for (const [uid, title, start, end] of coming) {
    stack.event('riverside', uid, { title, start, end });
  }
  return event;
}

// NAME-phone or NAME-desk.
async function take(page, name) {
  // What was pressed or followed last shall not look so.
  await page.evaluate(() => document.activeElement.blur());
  await page.mouse.move(0, 0);
  const file = path.join(folder, `${name}.png`);
  await page.screenshot({ path: file, animations: 'disabled' });
  console.log(`docs/${name}.png  ${fs.statSync(file).size} bytes`);
}

// Before the event: who is there, and who comes.
async function register(page, event) {
  await page.goto(`/events/${event}`);
  await page.click('form[action$="/register"] button');
  await page.waitForSelector('text=You are registered');
}

// What she answered of earlier ones.
const past = `with e as (insert into events (org_id, title, location, starts_at,
  status) select o.id, p.title, p.place, p.at::timestamptz, 'completed'
  from organizations o, (values
    ('Choir for everybody', 'Hall', '2027-06-08 17:00Z'),
    ('Plant swap', 'Garden', '2027-06-05 13:00Z')) p (title, place, at)
  where slug = 'riverside' returning *)
  insert into attendance (user_id, event_id, org_id, status, responded_at,
    feedback_rating, feedback_submitted_at, event_starts_at)
  select u.id, e.id, e.org_id, case e.title when 'Plant swap' then 'partial'
    else 'attended' end, app_now(), 5, app_now(), e.starts_at
  from e, users u where u.email = '${maya}'`;

async function takePhone(stack, event) {
  const page = await visitor(stack, phone);
  await signIn(stack, page, maya);
  await register(page, event);
  stack.clock('2027-06-12 14:01+00');
  equal(stack.sweep().sent, 1, 'sent');
  stack.sql(past);
  await page.goto('/history');
  await take(page, 'history-phone');
  const asked = stack.mails(maya).find((mail) => mail.answer);
  await page.goto(asked.answer);
  await take(page, 'prompt-phone');
  await page.click('button[value=attended]');
  await page.waitForSelector('text=your answer is saved');
  await take(page, 'saved-phone');
  await page.goto('/events');
  await take(page, 'events-phone');
}

const calendar = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//docs//EN',
  ...[['yoga', 'Yoga in the garden', '20270621T070000Z',
    'RRULE:FREQ=WEEKLY;COUNT=6'],
  ['games', 'Board games night', '20270616T180000Z', 'LOCATION:Café'],
  ['talk', 'Talk on bees', '20270622T173000Z', 'LOCATION:Library'],
  ['walk', 'Moonlight walk', '20271301T180000Z', 'LOCATION:Gate'],
  ].flatMap(([uid, title, start, more]) => ['BEGIN:VEVENT', `UID:${uid}`,
    'SEQUENCE:1', 'DTSTAMP:20270601T000000Z', `DTSTART:${start}`,
    `SUMMARY:${title}`, more, 'END:VEVENT']), 'END:VCALENDAR', ''].join('\r\n');

async function takeDesk(stack, coming) {
  const page = await visitor(stack, desk);
  stack.ctl('admin', 'add', '--org', 'riverside', ines, 'Ines');
  await signIn(stack, page, ines);
  await page.goto(`/staff/riverside/events/${coming}`);
  await take(page, 'team-event-desk');
  await page.goto('/staff/riverside/import');
  await page.setInputFiles('input[type=file]', { name: 'summer.ics',
    mimeType: 'text/calendar', buffer: Buffer.from(calendar) });
  await page.click('main form button');
  await page.waitForSelector('text=Nothing is changed yet');
  await take(page, 'team-import-desk');
}

const crew = ['Alma Berg', 'Boris Kraus', 'Carla Dietz', 'Dev Patel',
  'Elif Aydin', 'Farid Nasser', 'Grace Owusu', 'Hana Sato', 'Ivo Novak',
  'Jun Park', 'Kofi Mensah', 'Lena Vogt'];

async function takeDoor(stack) {
  const event = stack.sql("select id from events where uid = 'clean-up'");
  stack.clock('2027-06-13 09:08+00');
  stack.sql(`update events set takes_attendance = true where id = ${event};
    with u as (insert into users (email, name) select lower(replace(n, ' ',
    '.')) || '@riverside.example', n from unnest(array['${crew.join("','")}'])
    n returning id), m as (insert into memberships (user_id, org_id) select
    u.id, e.org_id from u, events e where e.id = ${event})
    insert into event_participants (event_id, org_id, user_id)
    select e.id, e.org_id, u.id from u, events e where e.id = ${event}`);
  stack.sweep();
  const page = await visitor(stack, phone);
  await signIn(stack, page, ines);
  const door = `/staff/riverside/events/${event}/door`;
  const press = async (names) => {
    for (const name of names) {
      await page.goto(`${door}?q=${encodeURIComponent(name)}`);
      await page.click('button[value=check_in]:visible');
      await page.waitForSelector('.status:is(.present, .late)');
    }
  };
  await press(['Alma', 'Dev', 'Farid', 'Grace', 'Ivo', 'Jun', 'Kofi']);
  stack.clock('2027-06-13 09:12+00');
  await press(['Carla']);
  await page.setViewportSize({ width: 390, height: 1080 });
  await page.goto(door);
  await page.waitForSelector('text=Elif');
  await take(page, 'door-phone');
  return event;
}

async function takeReport(stack, event) {
  stack.clock('2027-06-13 13:30+00');
  stack.sweep();
  stack.sql(`select record_attendance(p.user_id, p.event_id, case
      when p.attendance_status <> 'absent' or p.user_id % 3 = 0 then 'attended'
      else 'not_attended' end, 'docs')
    from event_participants p where p.event_id = ${event}
      and p.user_id % 4 <> 1;
    update attendance set feedback_rating = 3 + user_id % 3,
      feedback_submitted_at = app_now()
    where event_id = ${event} and status = 'attended'`);
  const page = await visitor(stack, desk);
  await signIn(stack, page, ines);
  await page.goto(`/staff/riverside/events/${event}/report`);
  await take(page, 'report-desk');
}

async function takeAll(stack) {
  const event = fill(stack);
  const coming = stack.sql("select id from events where uid = 'aid'");
  stack.sql(`update events set capacity = 12, takes_attendance = true
    where id = ${coming}`);
  stack.sql(`insert into event_participants (event_id, user_id, org_id, status)
    select e.id, u.id, e.org_id, 'registered' from events e, users u
    where e.id = ${coming} and u.email = '${maya}'`);
  await takePhone(stack, event);
  await takeDesk(stack, coming);
  await takeReport(stack, await takeDoor(stack));
}

async function main() {
  const stack = await Stack.start();
  try {
    fs.mkdirSync(folder, { recursive: true });
    await takeAll(stack);
  } finally {
    await stack.stop();
    await (await launch()).close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
