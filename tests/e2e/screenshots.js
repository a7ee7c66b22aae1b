'use strict';
// Takes the pictures of docs/ from the real pages, on a phone: an event's
// question, the answer, and the list of events.  `make screenshots` runs it.
// Its clock stands and its data is its own, so that pictures change only with
// the pages (and with the fonts of who takes them).

const fs = require('fs');
const path = require('path');
const { Stack, checkout, equal, launch, signIn, visitor } = require('./lib');

const folder = path.join(checkout, 'docs');
const phone = { viewport: { width: 390, height: 760 }, deviceScaleFactor: 1,
  hasTouch: true, isMobile: true, colorScheme: 'light' };
const maya = 'maya@riverside.example';

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

async function take(page, name) {
  // What was pressed or followed last shall not look so.
  await page.evaluate(() => document.activeElement.blur());
  const file = path.join(folder, `${name}-phone.png`);
  await page.screenshot({ path: file, animations: 'disabled' });
  console.log(`docs/${name}-phone.png  ${fs.statSync(file).size} bytes`);
}

async function takeAll(stack) {
  const event = fill(stack);
  const page = await visitor(stack, phone);
  await signIn(stack, page, maya);
  await page.goto(`/events/${event}`);
  await page.click('form[action$="/register"] button');
  await page.waitForSelector('text=You are registered');
  stack.clock('2027-06-12 14:01+00');
  equal(stack.sweep().sent, 1, 'sent');
  const asked = stack.mails(maya).find((mail) => mail.answer);
  await page.goto(asked.answer);
  await take(page, 'prompt');
  await page.click('button[value=attended]');
  await page.waitForSelector('text=your answer is saved');
  await take(page, 'saved');
  await page.goto('/events');
  await take(page, 'events');
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
