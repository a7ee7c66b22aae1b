'use strict';
// Lighthouse's verdict, as on a slow phone, on the pages that people see most:
// the question, the history, an event.  Nothing but loopback is asked.

const fs = require('fs');
const path = require('path');
const readline = require('readline');
const { spawn } = require('child_process');
const { equal, ok, os, run } = require('./lib');
const { World } = require('./world');

const LEAST = 95;
const categories = ['performance', 'accessibility', 'best-practices'];
// Others' work on this machine can make a page look slower, never faster: the
// best of some runs is the nearest to the truth.
const TRIES = 4;

let world;
let chromium;
let profile;

// A Chromium of its own, which Lighthouse talks to by a port.
async function launch() {
  profile = fs.mkdtempSync(path.join(os.tmpdir(), 'rollcall-lighthouse.'));
  chromium = spawn('/usr/bin/chromium', ['--headless', '--no-sandbox',
    '--disable-gpu', '--disable-background-networking', '--disable-sync',
    '--disable-component-update', '--no-first-run', '--disable-extensions',
    '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
  { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  for await (const line of readline.createInterface(
    { input: chromium.stderr })) {
    const found = line.match(/DevTools listening on ws:\/\/127.0.0.1:(\d+)/);
    if (found) return Number(found[1]);
  }
  throw new Error('Chromium did not start');
}

let port;

async function begin() {
  world = await World.start();
  port = await launch();
}

async function cookieOf(page) {
  const cookies = await page.context().cookies();
  return cookies.map((cookie) => `${cookie.name}=${cookie.value}`).join('; ');
}

// Undefined when the browser lost its own record of the page, as it does now
// and then on a busy machine.
async function verdict(url, cookie) {
  const lighthouse = (await import('lighthouse')).default;
  const { lhr } = await lighthouse(world.stack.url + url, { port,
    onlyCategories: categories, logLevel: 'error', output: 'json',
    disableFullPageScreenshot: true, disableStorageReset: true,
    extraHeaders: cookie ? { Cookie: cookie } : undefined });
  if (lhr.runtimeError) {
    console.log(`# ${url}: ${lhr.runtimeError.code}`);
    return undefined;
  }
  equal(new URL(lhr.finalDisplayedUrl).pathname, url, 'the page looked at');
  const scores = Object.fromEntries(categories.map((name) =>
    [name, Math.round(lhr.categories[name].score * 100)]));
  const lost = categories.flatMap((name) => lhr.categories[name].auditRefs
    .filter((ref) => ref.weight > 0 && lhr.audits[ref.id].score < 0.9 &&
      lhr.audits[ref.id].score !== null)
    .map((ref) => `${ref.id} ${lhr.audits[ref.id].displayValue || ''}`));
  return { scores, lost };
}

async function hold(name, url, cookie) {
  let best;
  for (let i = 0; i < TRIES; i++) {
    const seen = await verdict(url, cookie);
    if (!seen) continue;
    if (!best || seen.scores.performance > best.scores.performance) best = seen;
    if (categories.every((category) => best.scores[category] >= LEAST)) break;
  }
  ok(best, `${name}: Lighthouse saw nothing`);
  console.log(`# ${name}: ${categories.map((category) =>
    `${category} ${best.scores[category]}`).join(', ')}`);
  ok(categories.every((category) => best.scores[category] >= LEAST),
    `${name}: ${JSON.stringify(best)}`);
}

async function event() {
  await hold('event', `/events/${world.event}`,
    await cookieOf(await world.as('ada')));
}

async function history() {
  const { stack } = world;
  stack.sql(`with e as (insert into events (org_id, title, location, starts_at,
    status) select org_id, 'Past ' || n, 'Boathouse', app_now() - n * interval
    '1 day', 'completed' from events, generate_series(1, 60) n where id =
    ${world.event} returning *) insert into attendance (user_id, event_id,
    org_id, status, responded_at, event_starts_at) select u.id, e.id, e.org_id,
    'attended', app_now(), e.starts_at from e, users u where u.email = 'ada@sail.example'`);
  await hold('history', '/history', await cookieOf(await world.as('ada')));
}

async function prompt() {
  const { mails } = world.asked('row', ['eve']);
  await hold('prompt', mails.eve.answer);
}

async function end() {
  if (chromium) {
    const gone = new Promise((done) => chromium.once('exit', done));
    process.kill(-chromium.pid, 'SIGTERM');
    await gone;
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
  }
  if (world) await world.stack.stop();
}

run({
  'R-DESIGN pages to judge': begin,
  'R-DESIGN Lighthouse on an event': event,
  'R-DESIGN Lighthouse on the history': history,
  'R-DESIGN Lighthouse on the question': prompt,
}, end);
