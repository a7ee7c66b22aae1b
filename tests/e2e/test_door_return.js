'use strict';
// R-B3 what becomes of what was pressed at a door without a network, whichever
// page is opened next and whatever the server says to it.

const fs = require('fs');
const path = require('path');
const { at, away, back, club, cutAll, device, door, find, kept, online, open,
  pages, press, row, waiting } = require('./away');
const { Stack, equal, flaws, ok, run, until } = require('./lib');

const { devices } = at;
let stack;

const notice = (page) => page.locator('[data-kept]');
const said = (page, text) => notice(page).getByText(text).first().waitFor();
const sent = (page) =>
  until(async () => await waiting(page) === 0, 'all is sent');
const door_of = (page, url) => page.goto(devices.sid.wire.url + url);

// How the door has somebody.
const is = (who, event = at.event) => stack.sql(`select attendance_status from
  event_participants p join users u on u.id = p.user_id where p.event_id =
  ${event} and u.name = '${who}'`);

const role = (name, to) => stack.sql(`update memberships set role = '${to}'
  where user_id = (select id from users where email = '${name}@sail.example')`);

async function begin() {
  stack = await Stack.start();
  club(stack, 9);
  await device('sid');
  await device('sue');
}

async function pressAway(name, ...guests) {
  const page = await open(name);
  await away(name);
  for (const who of guests) {
    await press(await find(page, who), 'check_in');
    await row(page, who).locator('[data-said].present').waitFor();
  }
  equal(await waiting(page), guests.length, 'kept');
  return page;
}

// No door is opened: the list of events, with the worker; then without it.
async function anyPageSends() {
  const page = await pressAway('sid', 'Guest 000');
  await devices.sid.wire.mend();
  await door_of(page, '/staff/sail');
  await sent(page);
  equal(is('Guest 000'), 'present');
  await pressAway('sid', 'Guest 001');
  await page.evaluate(async () => {
    for (const one of await navigator.serviceWorker.getRegistrations()) {
      await one.unregister();
    }
  });
  await devices.sid.wire.mend();
  await page.route('**/door/sync', (route) => route.abort());
  await door_of(page, '/staff/sail/events');
  await said(page, 'Spring regatta: 1 waiting to be sent');
  equal(await flaws(page), [], 'with presses that wait');
  await page.unrouteAll();
  await online(page);
  await sent(page);
  await notice(page).waitFor({ state: 'hidden' });
  equal(is('Guest 001'), 'present');
  equal(page.troubles.filter((t) => !/ERR_/.test(t)), [], 'the page itself');
}

async function browserWakesTheWorker() {
  const page = await pressAway('sid', 'Guest 002');
  const { wire } = devices.sid;
  const session = await page.context().newCDPSession(page);
  const versions = [];
  session.on('ServiceWorker.workerVersionUpdated',
    (told) => versions.push(...told.versions));
  await session.send('ServiceWorker.enable');
  await until(() => versions.some((v) => v.status === 'activated'), 'a worker');
  const { registrationId } = versions.find((v) => v.status === 'activated');
  await page.goto('about:blank');
  await wire.mend();
  await session.send('ServiceWorker.dispatchSyncEvent', { origin: wire.url,
    registrationId, tag: 'door', lastChance: true });
  await until(() => is('Guest 002') === 'present', 'sent without a page');
  await open('sid');
  await sent(page);
}

// nginx reaches no program, then the program no database.
async function serverAway() {
  const page = await open('sid');
  const socket = path.join(stack.directory, 'var/run/staff.sock');
  fs.renameSync(socket, `${socket}.away`);
  await press(await find(page, 'Guest 003'), 'check_in');
  await page.waitForSelector('[data-when=busy]:visible');
  ok(await page.isHidden('[data-when=away]'), 'the network is there');
  await find(page, 'Guest 004');
  equal(await waiting(page), 1);
  await said(page, 'Spring regatta: 1 waiting to be sent');
  equal(await flaws(page), [], 'while the server is away');
  fs.renameSync(`${socket}.away`, socket);
  await sent(page);
  await page.waitForSelector('[data-network]', { state: 'hidden' });
  equal(is('Guest 003'), 'present');

  const times = [];
  page.on('response', (rs) => {
    if (rs.url().endsWith('/sync')) times.push([rs.status(), Date.now()]);
  });
  stack.script('cluster', 'stop');
  await press(await find(page, 'Guest 004'), 'check_in');
  await page.waitForSelector('[data-when=busy]:visible');
  await until(() => times.filter(([status]) => status === 503).length > 1,
    'tried again by itself', 30);
  const [[, first], [, second]] = times.filter(([status]) => status === 503);
  ok(second - first >= 4900, `not before Retry-After: ${second - first} ms`);
  stack.script('cluster', 'start');
  await online(page);
  await sent(page);
  equal(is('Guest 004'), 'present');
}

// Of what it was sent, the server cannot read one, and one is too long.
async function badPress() {
  const page = await pressAway('sid', 'Guest 005', 'Guest 006', 'Guest 007');
  await page.evaluate(() => new Promise((done) => {
    const rq = indexedDB.open('rollcall-door');
    rq.onsuccess = () => {
      const store = rq.result.transaction('attempts', 'readwrite')
        .objectStore('attempts');
      const all = store.getAll();
      all.onsuccess = () => {
        const [one, two] = all.result;
        store.put({ ...one, sent: { ...one.sent, what: 'dance' } });
        store.put({ ...two, sent: { ...two.sent, note: 'x'.repeat(70000) } });
        store.transaction.oncomplete = () => { rq.result.close(); done(); };
      };
    };
  }));
  await back('sid');
  await until(() => is('Guest 007') === 'present', 'the others go on');
  await said(page, 'could not be taken');
  await said(page, 'Guest 005');
  await said(page, 'Guest 006');
  equal([is('Guest 005'), is('Guest 006')], ['unknown', 'unknown']);
  equal(await page.isHidden('[data-network]'), true, 'the door goes on');
  equal(await flaws(page), [], 'with presses set aside');
  const [file] = await Promise.all([page.waitForEvent('download'),
    page.click('text=Save as a file')]);
  const text = fs.readFileSync(await file.path(), 'utf8');
  ok(/"Spring regatta","Guest 005","","dance"/.test(text), text.slice(0, 300));
  equal(await waiting(page), 2, 'saving discards nothing');
  page.once('dialog', (dialog) => dialog.dismiss());
  await page.click('button:has-text("Discard")');
  equal(await waiting(page), 2, 'nor does a no');
  page.once('dialog', (dialog) => dialog.accept());
  await page.click('button:has-text("Discard")');
  await sent(page);
}

// Sid's role is taken away, and given back.
async function roleTaken() {
  const page = await pressAway('sid', 'Guest 008');
  role('sid', 'member');
  await devices.sid.wire.mend();
  await online(page);
  await page.waitForSelector('[data-when=no]:visible');
  await said(page, 'no longer open to you');
  equal([await waiting(page), (await kept(page, 'people')).length,
    await pages(page)], [1, 0, 0], 'the press is kept, the list is not');
  const asked = () => Number(stack.sql(
    "select count(*) from access_log where action = 'refused'"));
  const before = asked();
  const rs = await door_of(page, door());
  equal(rs.status(), 404);
  await page.waitForSelector('text=This door is not open to you');
  await said(page, 'Guest 008');
  equal(asked(), before + 1, 'asked for the page, and sends nothing');
  equal(await flaws(page), [], 'at a door of others');
  role('sid', 'staff');
  await page.click('text=Try again');
  await sent(page);
  equal(is('Guest 008'), 'present');
}

const lets = (name, who, email) => async () => {
  const { page } = devices[name];
  await page.click('text=Let in somebody new');
  await page.fill('#new-name', who);
  await page.fill('#new-email', email);
  await page.keyboard.press('Enter');
  await row(page, who).or(page.locator('[data-people] li')
    .filter({ hasText: who })).getByText('not sent yet').waitFor();
};

// On both devices, and what is no address is told of.
async function somebodyNew() {
  await open('sid');
  await open('sue');
  await away('sid');
  await away('sue');
  await lets('sid', 'Wanda Wave', 'wanda@wave.example')();
  await lets('sue', 'W. Wave', 'Wanda@Wave.example')();
  await lets('sue', 'Wim', 'wim..w@wave.example')();
  const { page } = devices.sue;
  await page.fill('[data-search] [name=q]', 'wim');
  await page.waitForSelector('text=1 found on this device');
  await back('sid');
  await sent(devices.sid.page);
  await back('sue');
  await said(page, 'To let in somebody new we need');
  await said(page, 'Wim');
  equal(await waiting(page), 1, 'what was typed is not lost');
  page.once('dialog', (dialog) => dialog.accept());
  await page.click('button:has-text("Discard")');
  await sent(page);
  equal(stack.sql(`select string_agg(u.name || ' ' || p.attendance_status, ', ')
    from event_participants p join users u on u.id = p.user_id where p.event_id
    = ${at.event} and lower(u.email) like '%wave%'`), 'Wanda Wave present');
  equal(stack.sql(`select count(*) from door_attempts where what = 'walk_in'`),
    '3', 'every attempt');
  // And of who has an account here, and did not register.
  await press(await find(page, 'Ada').catch(async () => page.locator(
    '[data-people] li').filter({ hasText: 'Ada' })), 'walk_in');
  await until(() => is('Ada') === 'present', 'a member let in');
}

// As a scanner types: the address of the code, and Enter.
async function scanned() {
  const page = await open('sid');
  await away('sid');
  const [one] = (await kept(page, 'people'))
    .filter((p) => p.name === 'Guest 006');
  const code = Buffer.alloc(48);
  code.writeBigUInt64BE(BigInt(one.id), 4);
  code.writeUInt32BE(one.generation, 12);
  await page.focus('[data-search] [name=q]');
  await page.keyboard.type(`http://x/c/${code.toString('base64url')}`);
  await page.keyboard.press('Enter');
  await row(page, 'Guest 006').waitFor();
  equal(await page.locator('[data-people] li').count(), 1, 'only them');
  equal(await page.textContent('[data-nobody]'), '1 found on this device.');
  await back('sid');
}

async function says() {
  const { page } = devices.sid;
  const session = await page.context().newCDPSession(page);
  const reads = await page.evaluate(() => 'BarcodeDetector' in window);
  console.log(`# this Chromium reads codes: ${reads}`);
  await open('sid');
  equal(await page.isVisible('[data-scan]'), reads, 'the camera is offered');
  const lasts = () => page.evaluate(() => navigator.storage.persisted());
  await page.waitForTimeout(500);
  equal(await page.isVisible('[data-when=loose]'), !await lasts(),
    'says whether what is kept may go');
  await session.send('Browser.grantPermissions', { permissions:
    ['durableStorage'], origin: devices.sid.wire.url });
  await page.reload();
  await until(lasts, 'kept for good');
  await until(() => page.isHidden('[data-when=loose]'), 'and says so');
  await page.addInitScript(() => {
    Object.defineProperty(window, 'indexedDB', { value: undefined });
  });
  await page.reload();
  await page.waitForSelector('text=This browser cannot keep what you press');
  await press(await find(page, 'Guest 006'), 'check_in');
  await page.waitForSelector('text=Guest 006 is here');
}

// Chromium on Linux has a camera for tests, but nothing that reads codes: a
// reader that finds what the test says stands in for that.
async function camera() {
  const { page } = devices.sue;
  await page.addInitScript(() => {
    window.codes = [];
    window.BarcodeDetector = class {
      detect(video) {
        window.track = video.srcObject.getTracks()[0];
        return Promise.resolve(window.codes);
      }
    };
  });
  await open('sue');
  const looks = () => page.waitForFunction(() =>
    window.track && window.track.readyState === 'live');
  const stops = async () => {
    await page.waitForFunction(() => window.track.readyState === 'ended');
    ok(await page.isHidden('[data-camera]'), 'no picture');
  };
  await page.click('[data-scan]');
  await looks();
  ok(await page.isVisible('[data-camera]'), 'a picture');
  await page.click('[data-scan]');
  await stops();
  await page.click('[data-scan]');
  await looks();
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true,
      configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
    delete document.hidden;
  });
  await stops();
  await page.click('[data-scan]');
  await looks();
  await page.evaluate(() => { window.codes = [{ rawValue: 'Guest 004' }]; });
  await page.waitForURL('**/door?q=Guest+004');
  await row(page, 'Guest 004').waitFor();
}

run({
  begin,
  'R-B3 whichever page of staff\'s is opened sends what waits': anyPageSends,
  'R-B3 the browser wakes the worker, which sends it without a page':
    browserWakesTheWorker,
  'R-B3 a server that cannot answer is waited for, as long as it says':
    serverAway,
  'R-B3 one press that is refused stops no other, and is told of': badPress,
  'R-B3 whose role was taken away keeps what they pressed, and no list':
    roleTaken,
  'R-B3 somebody new is let in without a network, once': somebodyNew,
  'R-B3 a scanner finds whose code it is without a network': scanned,
  'R-B3 the camera looks until it has a code, or nobody sees the page': camera,
  'R-B3 a page says what its browser cannot keep': says,
}, async () => {
  await cutAll();
  if (stack) await stack.stop();
});
