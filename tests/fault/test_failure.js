'use strict';
// What people see while parts of it are gone, and that it comes back alone.

const fs = require('fs');
const { Stack, clean, equal, ok, run, sleep, until, visitor } =
  require('../e2e/lib');

let stack;
let link;
let page;

async function begin() {
  stack = await Stack.start();
  stack.clock('2030-06-14 12:00+00');
  stack.club('sail', { ada: '' }, { title: 'Spring regatta', start:
    '20300614T130000Z', end: '20300614T150000Z' });
  stack.sql(`insert into event_views (event_id, user_id, org_id) select e.id,
    u.id, e.org_id from events e, users u`);
  stack.clock('2030-06-14 16:01+00');
  stack.sweep();
  link = stack.mails('ada@sail.example')[0].answer;
  page = await visitor(stack);
}

// The processes of this stack that run the program, by their directory.
function workers(program) {
  return fs.readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return fs.readlinkSync(`/proc/${pid}/cwd`) === stack.directory &&
        fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')[0]
          .endsWith(`/${program}`);
    } catch (error) {
      return false; // gone meanwhile
    }
  }).map(Number);
}

// Asks until it is answered well; everything before must be a clean 503.
async function wellAgain(url, seconds = 20) {
  await until(async () => {
    const rs = await stack.request(url);
    if (rs.status === 200) return true;
    equal(rs.status, 503, url);
    ok(rs.headers['retry-after'] > 0, 'no Retry-After');
    ok(rs.body.includes('<h1>'), 'no page');
    ok(/default-src 'none'/.test(rs.headers['content-security-policy']),
      'no policy');
    return false;
  }, `${url} to be well`, seconds);
}

async function workerKilled() {
  const before = workers('answer');
  ok(before.length >= 2, `workers: ${before}`);
  for (const pid of before) {
    process.kill(pid, 'SIGKILL');
    await wellAgain(link);
  }
  await until(() => workers('answer').length === before.length &&
    !workers('answer').some((pid) => before.includes(pid)), 'new workers');
  for (let i = 0; i < 20; i++) equal((await stack.request(link)).status, 200);
}

// However a request meets its worker's end, it is answered, or 503.
async function killedUnderLoad() {
  const seen = new Set();
  let stop = false;
  const load = Array.from({ length: 4 }, async () => {
    while (!stop) seen.add((await stack.request(link)).status);
  });
  for (let i = 0; i < 6; i++) {
    process.kill((await until(() => workers('answer'), 'workers'))[0],
      'SIGKILL');
    await sleep(300);
  }
  stop = true;
  await Promise.all(load);
  equal([...seen].filter((status) => status !== 200 && status !== 503), []);
  ok(seen.has(200), 'nothing was answered');
  await wellAgain(link);
}

async function termLetsTheRequestEnd() {
  for (const pid of workers('answer')) process.kill(pid, 'SIGTERM');
  await wellAgain(link);
}

async function databaseRestarted() {
  for (let i = 0; i < 10; i++) equal((await stack.request(link)).status, 200);
  stack.script('cluster', 'stop');
  stack.script('cluster', 'start');
  // Each worker finds its connection gone, and makes another within the
  // request: looking repeats without harm.
  await wellAgain(link);
  for (let i = 0; i < 20; i++) equal((await stack.request(link)).status, 200);
}

async function databaseAway() {
  stack.script('cluster', 'stop');
  try {
    const rs = await page.goto(link);
    equal(rs.status(), 503);
    await clean(page, await rs.text());
    equal((await stack.request('/readyz')).status, 503, '/readyz');
    equal((await stack.request('/readyz/answer')).status, 503);
    equal((await stack.request('/healthz')).status, 200, '/healthz');
    equal((await stack.request(link, { method: 'POST', headers: {
      Origin: stack.url, 'Content-Type': 'application/x-www-form-urlencoded',
    } }, 'status=attended')).status, 503, 'a post');
    // New workers start without it.
    for (const pid of workers('answer')) process.kill(pid, 'SIGKILL');
    await until(async () => workers('answer').length >= 2 &&
      (await stack.request('/readyz/answer')).status === 503, 'workers');
  } finally {
    stack.script('cluster', 'start');
  }
  await wellAgain(link);
  equal(stack.sql('select count(*) from attendance'), '0');
}

async function databaseAwayAtStart() {
  stack.script('cluster', 'stop');
  for (const program of ['answer', 'member', 'staff']) {
    for (const pid of workers(program)) process.kill(pid, 'SIGKILL');
  }
  try {
    await until(async () => (await stack.request('/')).status < 600 &&
      workers('member').length >= 2, 'workers without a database');
    equal((await stack.request('/healthz')).status, 200);
    equal((await stack.request('/events')).status, 303);
  } finally {
    stack.script('cluster', 'start');
  }
  for (const url of [link, '/readyz', '/readyz/answer', '/readyz/staff']) {
    await wellAgain(url);
  }
}

async function answersAfterAllThis() {
  await page.goto(link);
  await page.click('button[value=attended]');
  await page.waitForSelector('text=saved');
  equal(stack.sql(`select string_agg(status, ' ') from attendance`), 'attended');
  stack.ctl('audit', 'verify');
}

// nginx's own pages, when no program answers: whole, and with a number.
async function nobodyAnswers() {
  const spawned = fs.readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) &&
        fs.readlinkSync(`/proc/${pid}/cwd`) === stack.directory &&
        /multiwatch/.test(fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1')) &&
        /answer/.test(fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
    } catch (error) {
      return false;
    }
  }).map(Number);
  ok(spawned.length > 0, 'no supervisor found');
  spawned.concat(workers('answer')).forEach((pid) =>
    process.kill(pid, 'SIGSTOP'));
  try {
    workers('answer').forEach((pid) => process.kill(pid, 'SIGKILL'));
    spawned.forEach((pid) => process.kill(pid, 'SIGKILL'));
    let seen503 = false;
    await until(async () => {
      const rs = await stack.request(link);
      if (rs.status === 503) {
        seen503 = true;
        ok(rs.headers['retry-after'] > 0 && rs.body.includes('<h1>') &&
          rs.body.includes(rs.headers['x-request-id']), 'not the whole page');
      }
      return rs.status === 200;
    }, 'the supervisor to start it again', 30);
    ok(seen503, 'nothing was ever missing');
  } finally {
    spawned.forEach((pid) => {
      try { process.kill(pid, 'SIGCONT'); } catch (error) { /* gone */ }
    });
  }
}

function leavesNothing() {
  return stack.stop().then(() => {
    const left = fs.readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && fs.readlinkSync(`/proc/${pid}/cwd`)
          .startsWith(stack.directory);
      } catch (error) {
        return false;
      }
    });
    equal(left, [], 'processes');
    ok(!fs.existsSync(stack.directory), 'the directory');
  });
}

run({
  'R-DESIGN a stack to break': begin,
  'R-DESIGN workers killed one by one': workerKilled,
  'R-DESIGN workers killed under load': killedUnderLoad,
  'R-DESIGN workers told to stop': termLetsTheRequestEnd,
  'R-DESIGN the database restarted': databaseRestarted,
  'R-DESIGN the database away: 503 pages, then well without help':
    databaseAway,
  'R-DESIGN the database away at start': databaseAwayAtStart,
  'R-DESIGN no program there: nginx shows the page': nobodyAnswers,
  'R-A7 after all this an answer is saved': answersAfterAllThis,
  'R-DESIGN stopping leaves no process and no file': leavesNothing,
}, () => stack && fs.existsSync(stack.directory) && stack.stop());
