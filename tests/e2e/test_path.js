'use strict';
// The whole way through nginx, SMTP and a real browser: from a calendar file
// to the answer's row in the audit.

const fs = require('fs');
const path = require('path');
const { Stack, equal, ok, run, signIn, until, visitor } = require('./lib');

let stack;
let event;
const address = { ada: 'ada@sail.example', bob: 'bob@sail.example',
  eve: 'eve@sail.example', kim: 'kim@sail.example' };

const status = (who) => stack.sql(`select a.status from attendance a join users
  u on u.id = a.user_id where u.email = '${who}' and a.event_id = ${event}`);

async function begin() {
  stack = await Stack.start();
  stack.clock('2030-06-14 12:00+00');
  event = stack.club('sail', { ada: '', bob: 'America/New_York', eve: '',
    kim: '' }, { org: 'Sailing Club', title: 'Spring regatta',
    start: '20300614T130000Z', end: '20300614T150000Z' });
}

// Signs in by mail, opens the event from the list.
async function look(page, email) {
  await signIn(stack, page, email);
  await page.click('text=Spring regatta');
  await page.waitForURL(`**/events/${event}`);
}

async function registerAndView() {
  const ada = await visitor(stack);
  await look(ada, address.ada);
  await ada.click('form[action$="/register"] button');
  await ada.waitForSelector('text=You are registered');
  await ada.context().close();
  const bob = await visitor(stack);
  await look(bob, address.bob);
  await bob.waitForSelector('text=09:00');
  await bob.context().close();
  equal(stack.sql(`select (select string_agg(email, ' ' order by email) from
    event_views join users on id = user_id), (select string_agg(email, ' ') from
    event_participants join users u on u.id = user_id)`),
  `${address.ada} ${address.bob}|${address.ada}`);
}

function ask() {
  stack.clock('2030-06-14 16:01+00');
  const summary = stack.sweep();
  equal(summary.sent, 2, 'sent');
  equal(stack.mails().filter((mail) => mail.answer).map((mail) => mail.to)
    .sort(), [address.ada, address.bob]);
}

const prompt = (email) => stack.mails(email).find((mail) => mail.answer);

async function lookingChangesNothing() {
  const before = stack.digest();
  const page = await visitor(stack);
  for (let i = 0; i < 3; i++) {
    await page.goto(prompt(address.ada).answer);
    await page.waitForSelector('text=Were you at Spring regatta?');
    await page.mouse.move(100, 300);
    await page.evaluate(() => window.scrollTo(0, 1e6));
  }
  await page.context().close();
  for (let i = 0; i < 100; i++) {
    await stack.request(prompt(address.ada).answer,
      { method: i % 2 ? 'HEAD' : 'GET' });
  }
  equal(stack.digest(), before);
}

async function answerFromTheMailPage() {
  const page = await visitor(stack);
  await page.goto('/mail/');
  await page.click('li:has-text("ada@sail.example") >> a:has-text("Were you")');
  await page.click(`main a[href$="${prompt(address.ada).answer}"]`);
  await page.waitForSelector('h1:has-text("Were you at Spring regatta?")');
  await page.click('button[value=attended]');
  await page.waitForSelector('text=your answer is saved');
  equal(status(address.ada), 'attended');
  await page.click('main a[href*="change"]');
  await page.click('button[value=partial]');
  await page.waitForSelector('text=You were there for part of it');
  equal(status(address.ada), 'partial');
  await page.context().close();
  equal(stack.sql(`select string_agg(concat_ws('>', coalesce(previous_status,
    '-'), new_status), ' ' order by seq) from event_attendance_audit a join
    users u on u.id = a.user_id and u.id = a.actor_id where u.email =
    '${address.ada}' and action = 'self_report'`),
  '->attended attended>partial');
  stack.ctl('audit', 'verify');
}

async function showInHistory() {
  const page = await visitor(stack);
  await signIn(stack, page, address.ada);
  await page.click('nav >> text=History');
  await page.waitForSelector('tr:has-text("Spring regatta")');
  await page.waitForSelector('td:has-text("You were there for part of it")');
  await page.context().close();
}

async function withoutScript() {
  stack.clock('2030-06-20 12:00+00');
  stack.event('sail', 'two', { title: 'Summer regatta',
    start: '20300620T130000Z', end: '20300620T150000Z' });
  const page = await visitor(stack, { javaScriptEnabled: false });
  await signIn(stack, page, address.eve);
  await page.click('text=Summer regatta');
  await page.click('form[action$="/register"] button');
  await page.waitForSelector('text=You are registered');
  await page.click('form[action$="/withdraw"] button');
  await page.waitForSelector('text=no longer registered');
  stack.clock('2030-06-20 16:01+00');
  stack.sweep();
  await page.goto(prompt(address.eve).answer);
  await page.click('button[value=not_attended]');
  await page.waitForSelector('text=your answer is saved');
  await page.goto(prompt(address.eve).stop);
  await page.click('main button[type=submit]');
  await page.waitForSelector('text=no more questions');
  await page.goto('/me');
  await page.click('form[action="/signout"] button');
  await page.goto('/me');
  await page.waitForURL('**/signin**');
  await page.context().close();
  equal(stack.sql(`select frequency from event_notification_preferences p join
    users u on u.id = p.user_id where email = '${address.eve}'`), 'none');
}

async function twoSignIns() {
  const desk = await visitor(stack);
  const phone = await visitor(stack);
  await signIn(stack, desk, address.kim);
  await signIn(stack, phone, address.kim);
  await desk.goto('/me');
  await desk.waitForSelector('text=this one');
  equal(await desk.locator('form[action^="/me/sessions/"]').count(), 1);
  await desk.click('form[action^="/me/sessions/"] button');
  await desk.waitForURL('**/me*');
  equal(await desk.locator('form[action^="/me/sessions/"]').count(), 0);
  await phone.goto('/events');
  await phone.waitForURL('**/signin**');
  await desk.goto('/events');
  ok(desk.url().endsWith('/events'), 'the desk was signed out too');
  // Signed in twice in one browser: the last one counts, both can be ended.
  await signIn(stack, phone, address.kim);
  await phone.context().close();
  await desk.context().close();
}

async function backToWhereOneWas() {
  const page = await visitor(stack);
  await page.goto(`/events/${event}`);
  await page.waitForURL('**/signin?next=**');
  await page.fill('input[name=email]', address.bob);
  await page.click('main button[type=submit]');
  stack.sweep();
  await page.goto(stack.mails(address.bob).pop().signIn);
  await page.click('main button[type=submit]');
  await page.waitForURL(`**/events/${event}`);
  await page.context().close();
}

// Everything that any program has written down about all this.
function logs() {
  const words = [...Object.values(address), 'Spring regatta',
    ...stack.mails().flatMap((mail) => [mail.answer, mail.stop, mail.signIn])
      .filter(Boolean).map((link) => link.split('/').pop())];
  ok(words.length > 15, 'few words to look for');
  const folder = path.join(stack.directory, 'var/log');
  for (const name of fs.readdirSync(folder)) {
    const text = fs.readFileSync(path.join(folder, name), 'utf8');
    for (const word of words) ok(!text.includes(word), `${word} in ${name}`);
    ok(!/Sanitizer|runtime error|"level":"bug"/.test(text), `a bug in ${name}`);
  }
  equal((fs.statSync(path.join(folder, 'nginx-error.log')).mode & 0o77), 0,
    'mode of the error log');
}

run({
  'R-O4 import people and an event': begin,
  'R-A2 sign in by mail, view, register': registerAndView,
  'R-A4 an hour after the end both are asked by mail': ask,
  'R-A8 loading the mailed link with scripts changes no row':
    lookingChangesNothing,
  'R-A7 from the mail to the answer, changed once, and its audit':
    answerFromTheMailPage,
  'R-A11 the history shows it': showInHistory,
  'R-A7 all of it without JavaScript': withoutScript,
  'R-O3 two sign-ins: listed, one ends the other': twoSignIns,
  'R-O3 who is not signed in comes back after it': backToWhereOneWas,
  'R-G3 no log holds an address, token or title': logs,
}, () => stack && until(() => stack.stop().then(() => true), 'the end', 60));
