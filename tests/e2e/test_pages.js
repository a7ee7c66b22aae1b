'use strict';
// Every page of every route, in each of its states: valid HTML, nothing for
// axe to find, light and dark, 320 and 1280 px wide, without sideways scroll,
// nothing that moves while it loads, and at most 15 KB on the wire.
//
// The states stand in tests/e2e/pages/, a module a noun, which is found by
// being there.  It exports (world) => ({ 'GET /x/:id': async function, ... }):
// an entry for each route of that noun in the tables of cgi/{answer,member,
// staff}.c.  A route without an entry fails, an entry without a route too.
// A key that does not begin with GET or POST is a test like the others, for
// what is no route.  Entries run in their order, modules by name; a function
// that stands for several routes runs once.
//
// An entry brings the page into each state and calls
//   world.check(page, '/x/1', status)          opens it and holds it to all that
//   world.checkPress(page, () => press, status)  the page behind a press
// and must so have passed by each of its routes: 'POST /x/:id' by a press on
// that path, also when it leads on elsewhere.  See tests/e2e/world.js: who
// looks (world.guest, await world.as('ada')), world.stack (sql, ctl, clock,
// sweep, mails), world.submit and world.post for what no honest page sends.
// The clock stands at noon of 14 June 2030 UTC when a module begins; the stack
// is one for all, so data that others may see is better in a club of one's own.
//
// ONLY_PAGES=event,me runs those modules, without asking for the others.
// PICTURES=folder keeps pictures of each state there, for somebody to look at.

const fs = require('fs');
const path = require('path');
const { checkout, equal, ok, run } = require('./lib');
const { World } = require('./world');

const folder = path.join(__dirname, 'pages');
const only = process.env.ONLY_PAGES;

// What the programs' tables of contents say.
const routes = ['answer', 'member', 'staff'].flatMap((program) =>
  [...fs.readFileSync(path.join(checkout, `cgi/${program}.c`), 'utf8')
    .matchAll(/\{METHOD_(\w+),\s*"([^"]+)"/g)].map((m) => `${m[1]} ${m[2]}`));

const isRoute = (key) => /^(GET|POST) /.test(key);

// A more special route comes before :name in its table: so does it here.
function routeOf(method, url) {
  return routes.find((route) => {
    const [of, pattern] = route.split(' ');
    const shape = pattern.replace(/:\w+/g, '[^/]+');
    return of === method && new RegExp(`^${shape}$`).test(url);
  });
}

// [{ module, names, run }], a row a function.
function rowsOf(module, world) {
  const rows = [];
  for (const [name, look] of Object.entries(
    require(path.join(folder, module))(world))) {
    const row = rows.find((other) => other.look === look);
    if (row) row.names.push(name);
    else rows.push({ module, names: [name], look });
  }
  return rows;
}

async function look(world, row) {
  world.seen = [];
  await row.look();
  const passed = world.seen.map(([method, url]) => routeOf(method, url));
  equal(row.names.filter((name) => isRoute(name) && !passed.includes(name)), [],
    'routes whose pages were not looked at');
}

async function main() {
  const world = await World.start();
  const modules = fs.readdirSync(folder).filter((name) => name.endsWith('.js'))
    .sort().filter((name) => !only ||
      only.split(',').includes(path.basename(name, '.js')));
  const rows = modules.flatMap((module) => rowsOf(module, world));
  const keys = rows.flatMap((row) => row.names).filter(isRoute);
  const tests = {
    'R-DESIGN every route has its pages, and every page its route': () => {
      ok(routes.length > 10, 'the route tables were not found');
      equal(only ? [] : routes.filter((route) => !keys.includes(route)), [],
        'routes without entry');
      equal(keys.filter((key) => !routes.includes(key)), [],
        'entries without route');
      equal(keys.filter((key, i) => keys.indexOf(key) !== i), [],
        'entries that stand twice');
    },
  };
  let before;
  for (const row of rows) {
    const begins = row.module !== before;
    before = row.module;
    tests[`R-DESIGN clean in all states: ${row.names.join(', ')}`] =
      async () => {
        if (begins) world.begin();
        await look(world, row);
      };
  }
  await run(tests, async () => {
    console.log(`# ${world.states} states; the heaviest page: ` +
      `${world.most.url}, ${world.most.bytes} bytes with all that comes with it`);
    await world.stack.stop();
  });
}

main();
