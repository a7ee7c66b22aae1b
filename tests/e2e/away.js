'use strict';
// People at a door without a network: each has a browser of their own, behind
// a wire of its own that is cut.  The test fills in `at`.

const net = require('net');
const { equal, signIn, until, visitor } = require('./lib');

const at = { stack: null, event: 0, devices: {} };

// A way to the server that can be cut: nothing answers, as in a cellar.
class Wire {
  static async lay(port) {
    const wire = new Wire();
    wire.port = port;
    wire.ends = new Set();
    await wire.mend();
    wire.url = `http://127.0.0.1:${wire.at}`;
    return wire;
  }

  mend() {
    this.server = net.createServer((near) => {
      const far = net.connect(this.port, '127.0.0.1');
      for (const [end, other] of [[near, far], [far, near]]) {
        this.ends.add(end);
        end.on('error', () => other.destroy());
        end.on('close', () => { this.ends.delete(end); other.destroy(); });
      }
      near.pipe(far);
      far.on('data', (part) => {
        if (this.deaf) near.destroy();
        else near.write(part);
      });
    });
    return new Promise((done) => {
      this.server.listen(this.at || 0, '127.0.0.1', () => {
        this.at = this.server.address().port;
        done();
      });
    });
  }

  cut() {
    const closed = new Promise((done) => { this.server.close(done); });
    for (const end of this.ends) end.destroy();
    return closed;
  }
}

// Of the browser: what the device keeps.
const kept = (page, store) => page.evaluate(async (name) => {
  const made = await indexedDB.databases();
  return made.length === 0 ? [] : new Promise((done) => {
    const rq = indexedDB.open('rollcall-door');
    rq.onsuccess = () => {
      const all = rq.result.transaction(name).objectStore(name).getAll();
      all.onsuccess = () => { rq.result.close(); done(all.result); };
    };
  });
}, store);
const waiting = async (page) => (await kept(page, 'attempts')).length;
const pages = (page) => page.evaluate(async () =>
  (await (await caches.open('door-pages')).keys()).length);

const door = (of = at.event) => `/staff/sail/events/${of}/door`;

// The device's clock goes on by so many minutes, and stands there.
const wind = (page, minutes) => page.evaluate((by) => {
  localStorage.stands = Date.now() + by;
}, minutes * 60000);

async function device(name) {
  const wire = await Wire.lay(at.stack.port);
  const page = await visitor(at.stack);
  await page.context().addInitScript(() => {
    const { now } = Date;
    Date.now = () => Number(localStorage.stands) || now();
  });
  await signIn(at.stack, page, `${name}@sail.example`);
  at.devices[name] = { page, wire };
}

// The door's page as the worker has it too, with its list.
async function open(name, of = at.event) {
  const { page, wire } = at.devices[name];
  equal((await page.goto(wire.url + door(of))).status(), 200);
  await until(async () => await pages(page) > 0 &&
    (await kept(page, 'doors')).some((d) => d.door.endsWith(`/${of}/door`)),
  'the door is on the device');
  await page.evaluate(async () => { await navigator.serviceWorker.ready; });
  return page;
}

async function away(name) {
  const { page, wire } = at.devices[name];
  await wire.cut();
  await page.evaluate(() => dispatchEvent(new Event('offline')));
  await page.waitForSelector('[data-when=away]:visible');
}

async function back(name) {
  const { page, wire } = at.devices[name];
  await wire.mend();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await page.waitForSelector('[data-when=away]', { state: 'hidden' });
}

const row = (page, who) => page.locator('[data-people] [data-participant]')
  .filter({ has: page.getByText(who, { exact: true }) });

async function find(page, who) {
  await page.fill('[data-search] [name=q]', who);
  await row(page, who).waitFor();
  return row(page, who);
}

const press = (one, what) =>
  one.locator(`[data-attempt] button[value=${what}]`).click();

// A club whose event begins in five minutes, and its team.
function club(stack, more) {
  at.stack = stack;
  stack.clock('2030-06-14 12:55+00');
  at.event = stack.club('sail', { ada: '' }, { org: 'Sailing Club',
    title: 'Spring regatta', start: '20300614T130000Z',
    end: '20300614T150000Z' });
  stack.ctl('people', 'import', '--org', 'sail', stack.write('team.csv',
    'email,name,timezone,role\nsid@sail.example,Sid,,staff\n' +
    'sue@sail.example,Sue,,staff\ndan@sail.example,Dan,,door\n'));
  stack.sql(`update events set takes_attendance = true where id = ${at.event}`);
  guests(at.event, more);
}

// So many who are registered: Guest 000 and on.
function guests(event, count) {
  at.stack.sql(`with u as (insert into users (email, name) select
      'guest' || n || '@sail.example', 'Guest ' || lpad(n::text, 3, '0')
      from generate_series(0, ${count - 1}) n returning id),
    m as (insert into memberships (user_id, org_id) select u.id, o.id from u,
      organizations o where o.slug = 'sail')
    insert into event_participants (event_id, org_id, user_id) select e.id,
      e.org_id, u.id from u, events e where e.id = ${event}`);
}

const online = (page) =>
  page.evaluate(() => dispatchEvent(new Event('online')));

async function cutAll() {
  for (const { wire } of Object.values(at.devices)) await wire.cut();
}

module.exports = { at, away, back, club, cutAll, device, door, find, kept,
  online, open, pages, press, row, waiting, wind };
