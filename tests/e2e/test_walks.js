'use strict';
// The main path, from signing in to a changed preference, walked by someone who
// has only a keyboard, and by someone whose browser runs no script.

const { equal, ok, run, signIn, visitor } = require('./lib');
const { World } = require('./world');

let world;

// --- only a keyboard ---------------------------------------------------------

// What has the focus: what it is called, and what there is to see of that.
const atFocus = () => {
  const e = document.activeElement;
  const style = getComputedStyle(e);
  const box = (e.matches('.check input, .rating input') ? e.closest('label') :
    e).getBoundingClientRect();
  const label = e.labels && e.labels[0];
  return {
    tag: e.tagName,
    name: (e.getAttribute('aria-label') || (label || e).textContent || '')
      .trim().replace(/\s+/g, ' '),
    outlined: style.outlineStyle !== 'none' &&
      parseFloat(style.outlineWidth) >= 2 &&
      style.outlineColor !== 'rgba(0, 0, 0, 0)',
    shown: box.bottom > 0 && box.top < window.innerHeight && box.right > 0 &&
      box.left < window.innerWidth && box.width > 0 && box.height > 0,
  };
};

class Keyboard {
  constructor(page) {
    this.page = page;
    this.stops = 0;
  }

  // Goes on by Tab to what begins with these words; where one is must be seen
  // all the way.
  async to(words) {
    for (let i = 0; i < 80; i++) {
      await this.page.keyboard.press('Tab');
      const at = await this.page.evaluate(atFocus);
      if (at.tag === 'BODY') continue;
      this.stops++;
      const where = `${this.page.url()}: ${at.tag} "${at.name}"`;
      ok(at.outlined, `no focus to be seen on ${where}`);
      ok(at.shown, `out of sight: ${where}`);
      if (at.name.startsWith(words)) return;
    }
    throw new Error(`no way to "${words}" by Tab on ${this.page.url()}`);
  }

  async press(words) {
    await this.to(words);
    await Promise.all([this.page.waitForNavigation(),
      this.page.keyboard.press('Enter')]);
  }

  async type(words, text) {
    await this.to(words);
    await this.page.keyboard.type(text);
  }

  // The how-manieth of a group of choices, counted from 1.
  async choose(first, which) {
    await this.to(first);
    await this.page.keyboard.press('Space');
    for (let i = 1; i < which; i++) await this.page.keyboard.press('ArrowDown');
  }
}

// --- no script ---------------------------------------------------------------

class Mouse {
  constructor(page) {
    this.page = page;
  }

  async press(words) {
    const name = new RegExp(`^${words}`);
    const found = this.page.getByRole('link', { name })
      .or(this.page.getByRole('button', { name })).first();
    await Promise.all([this.page.waitForNavigation(), found.click()]);
  }

  async type(words, text) {
    await this.page.getByLabel(new RegExp(`^\\s*${words}`)).first().fill(text);
  }

  async choose(first, which) {
    await this.page.locator('fieldset:visible').filter({ hasText: first })
      .locator('input[type=radio]').nth(which - 1).check();
  }
}

// --- the path ----------------------------------------------------------------

// Everything that somebody does here who has never been here.
async function walk(hands, slug, name) {
  const { page } = hands;
  const { stack } = world;
  const email = `${name.toLowerCase()}@${slug}.example`;
  const says = (words) => page.waitForSelector(`text=${words}`);

  world.begin();
  const event = stack.club(slug, { [name.toLowerCase()]: '' }, { org:
    `The ${slug} club`, title: 'Harbour day', start: '20300614T130000Z',
  end: '20300614T150000Z' });
  const status = () => stack.sql(`select status, feedback_rating, feedback_text
    from attendance where event_id = ${event}`);

  await page.goto('/');
  await hands.press('Sign in');
  await hands.type('Email', email);
  await hands.press('Send me a link');
  await says('Look into your mail');
  stack.sweep();
  await page.goto(stack.mails(email).pop().signIn);
  await hands.press('Sign in');
  await hands.press('Harbour day');
  await hands.press('Register');
  await says('You are registered');
  stack.clock('2030-06-14 16:01+00');
  stack.sweep();
  await page.goto(stack.mails(email).find((mail) => mail.answer).answer);
  await hands.press('Partly');
  await says('your answer is saved');
  equal(status(), 'partial||');
  await hands.choose('1', 4);
  await hands.type('In your words', 'Windy, and good.');
  await hands.press('Send my feedback');
  await says('Your feedback is saved');
  equal(status(), 'partial|4|Windy, and good.');
  await page.goto('/events');
  await hands.press('History');
  await says('Harbour day');
  await hands.press(name);
  await hands.press('Change what mail you get');
  await hands.press(`Change the mail from The ${slug} club`);
  await hands.choose('After each event', 4);
  await hands.press('Save');
  equal(stack.sql(`select frequency from event_notification_preferences p join
    users u on u.id = p.user_id where email = '${email}'`), 'none');
}

// A shift: by the reminder's link without signing in, then handed on.
async function walkShift(hands, slug, name) {
  const { page } = hands;
  const { stack } = world;
  const email = `${name.toLowerCase()}@${slug}.example`;
  const make = (title, starts) => stack.sql(`with s as (insert into
    duty_schedules (org_id, title, start_at, end_at) select id, '${title}',
    app_now() + interval '${starts}', app_now() + interval '${starts}' +
    interval '1 hour' from organizations where slug = '${slug}' returning *)
    insert into duty_assignments (org_id, schedule_id, user_id) select s.org_id,
    s.id, u.id from s, users u where u.email = '${email}'`);
  const state = () => stack.sql(`select string_agg(concat_ws(' ', s.title,
    a.status, a.late_minutes, l.type), ', ' order by s.title, l.id) from
    duty_assignments a join duty_schedules s on s.id = a.schedule_id
    join users u on u.id = a.user_id left join attendance_logs l on
    l.schedule_id = s.id and l.user_id = u.id where u.email = '${email}'`);

  make('Bar', '10 minutes');
  make('Kitchen', '2 days');
  stack.sweep();
  const mail = stack.mails(email).pop().raw.replace(/=\r\n/g, '');
  await page.goto(mail.match(/\/s\/[\w-]{64}/)[0]);
  await hands.press('15 minutes');
  equal(state(), 'Bar assigned 15, Kitchen assigned');
  await hands.press('Check in');
  await hands.press('Check out');
  equal(state(), 'Bar assigned 15 check_in, Bar assigned 15 check_out, ' +
    'Kitchen assigned');
  await hands.press('All your shifts');
  await hands.press('Kitchen');
  await hands.press('Offer it to others');
  equal(stack.sql(`select count(*) from shift_swaps w join users u on u.id =
    w.user_id where u.email = '${email}'`), '1');
  await hands.press('I can’t come');
  await hands.press('I can’t come');
  ok(state().endsWith('Kitchen declined'), state());
  await hands.press(name);
  await hands.press('Open the page about your calendar');
  await hands.press('Make an address for it');
  await page.waitForSelector('text=The address is a key.');
}

async function byKeyboard() {
  const hands = new Keyboard(await visitor(world.stack));
  await walk(hands, 'row', 'Kim');
  await walkShift(hands, 'row', 'Kim');
  equal(hands.page.troubles, []);
  console.log(`# ${hands.stops} stops`);
  await hands.page.context().close();
}

async function byKeyboardOnAPhone() {
  const hands = new Keyboard(await visitor(world.stack,
    { viewport: { width: 320, height: 480 }, colorScheme: 'dark' }));
  await walk(hands, 'ski', 'Kim');
  await hands.page.context().close();
}

async function withoutScript() {
  const hands = new Mouse(await visitor(world.stack,
    { javaScriptEnabled: false }));
  await walk(hands, 'bike', 'Kim');
  await walkShift(hands, 'bike', 'Kim');
  await hands.page.context().close();
}

// An event made, changed and cancelled.
async function staffsEvent(hands) {
  const { page } = hands;
  const state = () => world.stack.sql(`select title, status from events where
    title like 'Open %'`);

  await hands.press('Team');
  await hands.press('New event');
  await hands.type('Title', 'Open boats');
  await hands.type('First day', '2030-06-20');
  await hands.type('Starts at', '18:00');
  await hands.type('Ends at', '20:00');
  await hands.type('Place', 'Boathouse');
  await hands.press('Save');
  await page.waitForSelector('h1:has-text("Open boats")');
  equal(state(), 'Open boats|published');
  await hands.press('Edit');
  await hands.type('Title', 'Open evening');
  await hands.press('Save');
  equal(state(), 'Open evening|published');
  await hands.press('Cancel');
  await hands.press('Cancel it');
  equal(state(), 'Open evening|cancelled');
}

// A calendar handed in, looked at and imported.
async function staffsCalendar(hands) {
  const { page } = hands;
  const found = () => world.stack.sql(`select count(*) from events where title =
    'From a calendar'`);

  await page.goto('/staff/sail');
  await hands.press('Import a calendar');
  await page.setInputFiles('input[type=file]', { name: 'club.ics',
    mimeType: 'text/calendar', buffer: Buffer.from(['BEGIN:VCALENDAR',
      'VERSION:2.0', 'PRODID:-//test//EN', 'BEGIN:VEVENT', 'UID:walk',
      'DTSTAMP:20300101T000000Z', 'DTSTART:20300621T130000Z',
      'SUMMARY:From a calendar', 'END:VEVENT', 'END:VCALENDAR', ''
    ].join('\r\n')) });
  await hands.press('Look at it first');
  await page.waitForSelector('text=Nothing is changed yet');
  equal(found(), '0');
  await hands.press('Import it');
  equal(found(), '1');
}

async function staffWithoutScript() {
  world.begin();
  const hands = new Mouse(await visitor(world.stack,
    { javaScriptEnabled: false }));
  await signIn(world.stack, hands.page, 'amy@sail.example');
  await staffsEvent(hands);
  await staffsCalendar(hands);
  await hands.page.context().close();
}

// The first stop of every page leads past its header.
async function pastTheHeader() {
  const page = await world.as('ada');
  for (const url of ['/events', '/history', '/me', '/help']) {
    await page.goto(url);
    await page.keyboard.press('Tab');
    equal((await page.evaluate(atFocus)).name, 'Skip to the content', url);
    await page.keyboard.press('Enter');
    equal(await page.evaluate(() => document.activeElement.id), 'main', url);
  }
}

async function begin() {
  world = await World.start();
}

run({
  'R-DESIGN a stack to walk in': begin,
  'R-A7 the whole path by keyboard alone, and one sees where one is': byKeyboard,
  'R-A7 the same on a narrow and dark screen': byKeyboardOnAPhone,
  'R-DESIGN the first stop leads past the header': pastTheHeader,
  'R-A7 the whole path without JavaScript': withoutScript,
  'R-O1 events and calendars by their team without JavaScript':
    staffWithoutScript,
}, () => world && world.stack.stop());
