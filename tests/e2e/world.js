'use strict';
// What the modules of tests/e2e/pages/ work with: one stack with an
// organisation in it, people who look, and what every page is held against.
// Knows no page.

const path = require('path');
const { Stack, clean, equal, ok, signIn, visitor } = require('./lib');

// The hour at which every module begins.
const noon = '2030-06-14 12:00+00';
// A page with all that comes with it, as a first visit gets it.
const PAGE_MAX = 15 * 1024;
const long = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerk'.repeat(3);

class World {
  static async start() {
    const world = new World();
    world.long = long;
    world.stack = await Stack.start();
    world.stack.clock(noon);
    // The id of an event this afternoon, 13:00 to 15:00 UTC.
    world.event = world.stack.club('sail', { ada: '', bob: '', eve: '' }, {
      org: 'Sailing Club', title: 'Spring regatta',
      start: '20300614T130000Z', end: '20300614T150000Z' });
    world.stack.ctl('admin', 'add', '--org', 'sail', 'amy@sail.example', 'Amy');
    world.stack.ctl('people', 'import', '--org', 'sail', world.stack.write(
      'team.csv', 'email,name,timezone,role\n' +
        'sid@sail.example,Sid,,staff\ndan@sail.example,Dan,,door\n'));
    world.people = {};
    world.guest = await visitor(world.stack);
    world.around = await world.bytes('/static/style.css') +
      await world.bytes('/static/favicon.svg');
    world.seen = [];
    world.most = { bytes: 0 };
    world.states = 0;
    return world;
  }

  // Puts the clock back for the next module.
  begin() {
    this.stack.clock(noon);
    this.stack.sql('update sweep_runs set good_at = app_now()');
  }

  // The page of somebody signed in: ada, bob and eve are members of the
  // sailing club, amy is its admin, sid staff, dan at the door.
  async as(name, club = 'sail') {
    const email = `${name}@${club}.example`;
    if (!this.people[email]) {
      this.people[email] = await visitor(this.stack);
      await signIn(this.stack, this.people[email], email);
    }
    return this.people[email];
  }

  // What nginx sends of a file, compressed.
  async bytes(url) {
    const rs = await this.stack.request(url,
      { headers: { 'Accept-Encoding': 'gzip' } });
    return rs.size;
  }

  async held(page, rs) {
    this.states++;
    const { responseBodySize, responseHeadersSize } = await rs.request().sizes();
    const bytes = responseBodySize + responseHeadersSize + this.around;
    const url = new URL(rs.url()).pathname;
    if (bytes > this.most.bytes) this.most = { bytes, url };
    ok(bytes <= PAGE_MAX, `${url} has ${bytes} bytes on the wire`);
    for (let rq = rs.request(); rq; rq = rq.redirectedFrom()) {
      this.seen.push([rq.method(), new URL(rq.url()).pathname]);
    }
    try {
      await clean(page, await rs.text());
    } catch (error) {
      error.message = `${url}: ${error.message}`;
      throw error;
    }
    if (process.env.PICTURES) await this.keep(page, url);
  }

  // For somebody to look at: PICTURES is the folder.
  async keep(page, url) {
    const before = page.viewportSize();
    for (const [width, colorScheme] of [[320, 'light'], [1280, 'dark']]) {
      const name = `${this.states}${url.replace(/[^\w]+/g, '-')}-${width}.png`;
      await page.setViewportSize({ width, height: 700 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ fullPage: true, animations: 'disabled',
        path: path.join(process.env.PICTURES, name.slice(-80)) });
    }
    await page.setViewportSize(before);
    await page.emulateMedia({ colorScheme: null });
  }

  // Opens a page and holds it against everything a page must be.
  async check(page, url, status = 200) {
    page.troubles.length = 0;
    const rs = await page.goto(url);
    equal(rs.status(), status, url);
    await this.held(page, rs);
  }

  // The same for the page that a press leads to.
  async checkPress(page, press, status = 200) {
    page.troubles.length = 0;
    const [rs] = await Promise.all([
      page.waitForResponse((r) => r.request().isNavigationRequest() &&
        (r.status() < 300 || r.status() >= 400)),
      press(),
    ]);
    equal(rs.status(), status, rs.url());
    await page.waitForLoadState();
    await this.held(page, rs);
  }

  // Sends the page's first form, or that of the selector, as no honest browser
  // would: with these values, whatever its fields are.
  submit(page, values, selector = 'main form') {
    return page.evaluate(([given, which]) => {
      const form = document.querySelector(which);
      form.noValidate = true;
      for (const [name, value] of Object.entries(given)) {
        const field = form.elements[name];
        if (field && field.tagName === 'INPUT') {
          field.type = 'text';
          field.value = value;
        } else {
          const added = document.createElement('textarea');
          added.name = name;
          added.value = value;
          form.append(added);
        }
      }
      HTMLFormElement.prototype.submit.call(form);
    }, [values, selector]);
  }

  // Presses a button that the page does not have; the page's token goes along.
  post(page, path, values = {}) {
    return page.evaluate(([to, given]) => {
      const form = document.createElement('form');
      const token = document.querySelector('input[name=csrf]');
      const all = token ? { csrf: token.value, ...given } : given;
      form.method = 'post';
      form.action = to;
      for (const [name, value] of Object.entries(all)) {
        const field = document.createElement('input');
        field.name = name;
        field.value = value;
        form.append(field);
      }
      document.body.append(form);
      form.submit();
    }, [path, values]);
  }

  // A club of its own with one event this afternoon, which these people have
  // looked at and are asked about: {name: mail}.  It is 16:01 UTC then.
  asked(slug, names, title = 'Spring regatta') {
    const event = this.stack.club(slug, Object.fromEntries(names.map((name) =>
      [name, ''])), { org: `The ${slug} club`, title,
      start: '20300614T130000Z', end: '20300614T150000Z' });
    this.stack.sql(`insert into event_views (event_id, user_id, org_id) select
      e.id, u.id, e.org_id from events e, users u where e.id = ${event} and
      u.email like '%@${slug}.example'`);
    this.stack.clock('2030-06-14 16:01+00');
    this.stack.sweep();
    const mails = Object.fromEntries(names.map((name) => [name,
      this.stack.mails(`${name}@${slug}.example`).find((m) => m.answer)]));
    return { event, mails };
  }
}

module.exports = { World };
