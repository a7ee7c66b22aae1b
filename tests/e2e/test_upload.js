'use strict';
// A calendar's way through nginx: who may send megabytes, what becomes of too
// many, and how long the largest takes.

const fs = require('fs');
const path = require('path');
const { Stack, equal, ok, run, signIn, sleep, visitor } = require('./lib');

const MB = 1000 * 1000;
let stack;
let admin;
let token;

// A form as a browser sends it, with this file.
function form(file, csrf = token) {
  const head = `--XyZ\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n${
    csrf}\r\n--XyZ\r\nContent-Disposition: form-data; name="calendar"; ` +
    'filename="club.ics"\r\nContent-Type: text/calendar\r\n\r\n';
  return Buffer.concat([Buffer.from(head), Buffer.from(file),
    Buffer.from('\r\n--XyZ--\r\n')]);
}

function send(body, headers = {}) {
  return stack.request('/staff/sail/import', { method: 'POST', headers: {
    Origin: stack.url, 'Content-Type': 'multipart/form-data; boundary=XyZ',
    'Content-Length': body.length, ...headers } }, body);
}

// Of so many events, with much to say of each, that the file has about so many
// bytes.
function calendar(bytes) {
  const lines = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN'];
  const text = 'What there is to know about it, on one line or another. ';
  let size = 0;
  for (let i = 0; size < bytes - 4000; i++) {
    const event = ['BEGIN:VEVENT', `UID:${i}@upload.example`,
      'DTSTAMP:20300101T000000Z', `DTSTART:203006${10 + i % 20}T180000Z`,
      `DTEND:203006${10 + i % 20}T200000Z`, `SUMMARY:Evening ${i}`,
      'LOCATION:Boathouse', `DESCRIPTION:${text}`, ...Array(60).fill(` ${text}`),
      'END:VEVENT'].join('\r\n');
    lines.push(event);
    size += event.length + 2;
  }
  return lines.concat('END:VCALENDAR', '').join('\r\n');
}

// What the staff's workers have in memory at most, in MB: now and ever.
function memory() {
  const of = (file) => {
    const text = fs.readFileSync(file, 'latin1');
    const kb = (name) => Number((text.match(`${name}:\\s+(\\d+)`) || [])[1]);
    return { now: kb('VmRSS') / 1024, most: kb('VmHWM') / 1024 };
  };
  const workers = fs.readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) &&
        fs.readlinkSync(`/proc/${pid}/cwd`) === stack.directory &&
        /\/staff\0/.test(`${fs.readFileSync(`/proc/${pid}/cmdline`)}`) &&
        !/multiwatch/.test(fs.readFileSync(`/proc/${pid}/comm`));
    } catch {
      return false;
    }
  }).map((pid) => of(`/proc/${pid}/status`));
  return { now: Math.max(...workers.map((w) => w.now)),
    most: Math.max(...workers.map((w) => w.most)) };
}

const spooled = () => {
  const walk = (folder) => fs.readdirSync(folder, { withFileTypes: true })
    .reduce((sum, entry) => {
      const name = path.join(folder, entry.name);
      if (entry.isDirectory()) return sum + walk(name);
      return sum + fs.statSync(name).size;
    }, 0);
  return walk(path.join(stack.directory, 'var/tmp/body'));
};

async function begin() {
  stack = await Stack.start();
  stack.clock('2030-06-14 12:00+00');
  stack.club('sail', { ada: '' }, { title: 'Spring regatta',
    start: '20300614T130000Z', end: '20300614T150000Z' });
  stack.ctl('admin', 'add', '--org', 'sail', 'amy@sail.example', 'Amy');
  const page = await visitor(stack);
  await signIn(stack, page, 'amy@sail.example');
  await page.goto('/staff/sail/import');
  token = await page.inputValue('input[name=csrf]');
  admin = (await page.context().cookies()).map((c) =>
    `${c.name}=${c.value}`).join('; ');
}

async function strangers() {
  const body = form(Buffer.alloc(9 * MB, 'x'));
  for (const headers of [{}, { Cookie: '__Host-rollcall=nonsense' }]) {
    const most = [];
    const watch = setInterval(() => most.push(spooled()), 2);
    const rs = await send(body, headers);
    clearInterval(watch);
    equal(rs.status, 303);
    equal(rs.headers.location, '/signin?next=%2Fstaff%2Fsail%2Fimport');
    ok(Math.max(0, ...most) < 100000, `nginx kept ${Math.max(...most)} bytes`);
  }
  const rs = await stack.request('/staff/sail/import');
  equal(rs.status, 303);
  equal((await stack.request('/upload-gate')).status, 404, 'the gate');
}

async function tooLarge() {
  const before = stack.digest();
  for (const size of [11 * MB, 50 * MB]) {
    const rs = await send(form(Buffer.alloc(size, 'x')), { Cookie: admin });
    equal(rs.status, 413);
    ok(rs.body.includes('up to 10 MB') && rs.body.includes('rollcallctl'),
      rs.body);
    ok(rs.headers['content-security-policy'], 'headers');
  }
  equal(stack.digest(), before);
}

async function nowhereElse() {
  const rs = await stack.request('/signin', { method: 'POST', headers: {
    Origin: stack.url, 'Content-Type': 'multipart/form-data; boundary=XyZ' } },
  form(Buffer.alloc(70000, 'x')));
  equal(rs.status, 413);
}

async function largest() {
  const file = calendar(10 * MB);
  const events = file.match(/BEGIN:VEVENT/g).length;
  const idle = memory();
  let began = Date.now();
  let rs = await send(form(file), { Cookie: admin });
  const looked = Date.now() - began;
  equal(rs.status, 303, rs.body);
  const at = rs.headers.location;
  ok(/^\/staff\/sail\/import\/\d+$/.test(at), at);
  equal(stack.sql('select count(*) from events'), '1');
  began = Date.now();
  rs = await stack.request(at, { method: 'POST', headers: { Cookie: admin,
    Origin: stack.url, 'Content-Type': 'application/x-www-form-urlencoded' } },
  `csrf=${token}`);
  const imported = Date.now() - began;
  equal(rs.status, 303, rs.body);
  equal(rs.headers.location, `${at}?note=imported`);
  equal(stack.sql('select count(*) from events'), String(events + 1));
  await sleep(100);
  const after = memory();
  console.log(`# ${file.length} bytes, ${events} events: looked at in ` +
    `${looked} ms, imported in ${imported} ms; a worker had at most ` +
    `${after.most.toFixed(0)} MB, ${idle.now.toFixed(0)} before and ` +
    `${after.now.toFixed(0)} after`);
  ok(after.now < idle.now + 32, 'the worker keeps the memory');
  ok(after.most < 512, 'the worker took too much memory');
  equal(spooled(), 0, 'nginx keeps the file');
}

run({
  'a stack and an admin': begin,
  'R-O3 megabytes of a stranger are not even kept by nginx': strangers,
  'R-O4 a file of 50 MB gets a page that says what to do': tooLarge,
  'R-O4 no other form takes as much': nowhereElse,
  'R-O4 a calendar of 10 MB goes through, all or nothing': largest,
}, () => stack.stop());
