'use strict';
// What the browser tests share: a stack of their own, a real Chromium, the
// caught mail, checks that every page must pass, and TAP.  Knows no page.

const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const readline = require('readline');
const { spawn, spawnSync } = require('child_process');
const { chromium } = require('playwright-core');
const { HtmlValidate } = require('html-validate');

const checkout = path.resolve(__dirname, '../..');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const host = '/proc/self/cwd/var/run';
const variant = process.env.V || 'release';

const digest = `select md5(string_agg(t.name || coalesce(query_to_xml(
  format('select r::text from %s r order by 1', t.name), true, true, '')::text,
  ''), '' order by t.name)) from (select c.oid::regclass::text as name
  from pg_class c where c.relkind in ('r', 'p') and
  c.relnamespace = 'public'::regnamespace and c.relname <> 'test_clock') t`;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function equal(got, wanted, what) {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) {
    throw new Error(`${what || 'got'}: ${JSON.stringify(got)}, wanted ` +
      JSON.stringify(wanted));
  }
}

function ok(truth, what) {
  if (!truth) throw new Error(what);
}

// Asks until the answer is true, or it has taken too long.
async function until(question, what, seconds = 20) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`not in ${seconds} s: ${what}`);
    await sleep(50);
  }
}

class Mail {
  constructor(file) {
    this.raw = fs.readFileSync(file, 'latin1');
    this.to = JSON.parse(
      fs.readFileSync(file.replace(/eml$/, 'json'), 'utf8')).to[0];
    // Quoted-printable or not, a link has no byte that is encoded but '='.
    const text = this.raw.replace(/=\r\n/g, '').replace(/=3D/g, '=');
    const found = (folder) =>
      (text.match(new RegExp(`https?://[^/\\s]+(/${folder}/[\\w-]{64})`)) ||
        [])[1];
    this.answer = found('r');
    this.stop = found('u');
    this.signIn = found('signin');
    this.address = found('address');
  }
}

class Stack {
  static async start() {
    const stack = new Stack();
    stack.process = spawn('bash', ['tests/stack.sh', 'all'],
      { cwd: checkout, stdio: ['pipe', 'pipe', 'inherit'] });
    for await (const line of readline.createInterface(
      { input: stack.process.stdout })) {
      if (line === 'ready') break;
      const at = line.indexOf('=');
      stack[line.slice(0, at)] = line.slice(at + 1);
    }
    ok(stack.directory && stack.url, 'tests/stack.sh made no stack');
    return stack;
  }

  stop() {
    return new Promise((done) => {
      this.process.once('exit', done);
      this.process.stdin.end();
    });
  }

  run(command, args, env) {
    const all = process.getuid() === 0
      ? ['setpriv', '--reuid=rollcall', '--regid=rollcall', '--clear-groups',
        command, ...args]
      : [command, ...args];
    return spawnSync(all[0], all.slice(1), { cwd: this.directory,
      encoding: 'utf8', env: { ...process.env,
        ROLLCALL_CONFIG: 'var/rollcall.conf', ...env } });
  }

  ctl(...args) {
    const done = this.run(`build/${variant}/rollcallctl`, args);
    equal(done.status, 0, `rollcallctl ${args} ${done.stdout}${done.stderr}`);
  }

  sweep() {
    const done = this.run(`build/${variant}/sweep`, []);
    equal(done.status, 0, `sweep ${done.stdout}${done.stderr}`);
    return JSON.parse(done.stdout.trim().split('\n').pop());
  }

  // etc/demo/NAME.sh of the stack, as root where the tests are.
  script(name, ...args) {
    const done = spawnSync('bash', [`etc/demo/${name}.sh`, ...args],
      { cwd: this.directory, encoding: 'utf8',
        env: { ...process.env, FAST: '1' } });
    equal(done.status, 0, `${name} ${args} ${done.stderr}`);
  }

  sql(statement) {
    const done = spawnSync('psql', ['-qXAt', '-v', 'ON_ERROR_STOP=1', '-h',
      host, '-U', 'postgres', '-d', 'rollcall', '-c', statement],
    { cwd: this.directory, encoding: 'utf8' });
    equal(done.status, 0, `${statement} ${done.stderr}`);
    return done.stdout.replace(/\n$/, '');
  }

  digest() {
    return this.sql(digest);
  }

  clock(moment) {
    this.sql(`update test_clock set at = '${moment}'`);
  }

  write(name, text) {
    const file = path.join(this.directory, 'var', name);
    fs.writeFileSync(file, text, { mode: 0o644 });
    return `var/${name}`;
  }

  mails(to) {
    const folder = path.join(this.directory, 'var/mail');
    return fs.readdirSync(folder).filter((name) => /^\d+\.eml$/.test(name))
      .sort().map((name) => new Mail(path.join(folder, name)))
      .filter((mail) => !to || mail.to === to);
  }

  // An organisation with its people ({name: zone}) and one event.
  club(slug, people, event) {
    this.ctl('org', 'add', slug, event.org || `The ${slug} club`, '--timezone',
      'Europe/Berlin');
    const rows = Object.entries(people).map(([name, zone]) =>
      `${name}@${slug}.example,${name[0].toUpperCase()}${name.slice(1)},${zone}`);
    this.ctl('people', 'import', '--org', slug,
      this.write(`${slug}.csv`, ['email,name,timezone', ...rows, ''].join('\n')));
    this.event(slug, 'one', event);
    return this.sql(`select e.id from events e join organizations o on o.id =
      e.org_id where slug = '${slug}' and uid = 'one'`);
  }

  event(slug, uid, { title, start, end }) {
    this.ctl('import-events', '--org', slug, this.write(`${uid}.ics`, [
      'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', 'BEGIN:VEVENT',
      `UID:${uid}`, 'DTSTAMP:20300101T000000Z', `DTSTART:${start}`,
      `DTEND:${end}`, `SUMMARY:${title}`, 'LOCATION:Boathouse',
      'DESCRIPTION:Bring a towel.', 'END:VEVENT', 'END:VCALENDAR', '',
    ].join('\r\n')));
  }

  // One request as it is on the wire, without a browser.
  request(url, options = {}, body) {
    return new Promise((done, failed) => {
      const rq = http.request(this.url + url, options, (rs) => {
        const parts = [];
        rs.on('data', (part) => parts.push(part));
        rs.on('end', () => done({ status: rs.statusCode, headers: rs.headers,
          size: Buffer.concat(parts).length,
          body: Buffer.concat(parts).toString('utf8') }));
      });
      rq.on('error', failed);
      rq.end(body);
    });
  }
}

let browser;

async function launch() {
  browser = browser || await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu',
      '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--no-first-run',
      '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  });
  return browser;
}

// A browser of somebody: no cookies yet.  A page's own errors fail the test.
async function visitor(stack, options = {}) {
  const context = await (await launch()).newContext(
    { baseURL: stack.url, ...options });
  await context.addInitScript(shifts);
  const page = await context.newPage();
  page.troubles = [];
  page.on('pageerror', (error) => page.troubles.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) {
      page.troubles.push(message.text());
    }
  });
  // What going on to the next page cuts short has not failed.
  page.on('requestfailed', (rq) => {
    const why = rq.failure() ? rq.failure().errorText : '';
    if (why !== 'net::ERR_ABORTED') page.troubles.push(`${rq.url()} ${why}`);
  });
  page.setDefaultTimeout(15000);
  return page;
}

// Asks for a link, takes it from the mail and presses the button.
async function signIn(stack, page, email) {
  const before = stack.mails(email).length;
  await page.goto('/signin');
  await page.fill('input[name=email]', email);
  await page.click('button[type=submit]');
  stack.sweep();
  const mails = stack.mails(email);
  equal(mails.length, before + 1, 'sign-in mails');
  await page.goto(mails[before].signIn);
  await page.click('main button[type=submit]');
  await page.waitForURL('**/events');
}

const validator = new HtmlValidate({
  extends: ['html-validate:recommended'],
  // It does not know of rel=expect yet.
  elements: ['html5', { link: { inherit: 'link', attributes: {
    blocking: { enum: ['render'], allowed: () => null } } } }],
  rules: {
    // Ours is written by hand, without a formatter's habits.
    'no-trailing-whitespace': 'off',
    'long-title': 'off',
  },
});

// What is wrong with a page's source by the HTML standard.
async function invalid(source) {
  const report = await validator.validateString(source);
  return report.results.flatMap((result) => result.messages.map((m) =>
    `${m.line}:${m.column} ${m.ruleId}: ${m.message}`));
}

// In the second and fourth only colours can differ from those before them.
const colour = ['color-contrast', 'link-in-text-block'];
const looks = [['light', 320], ['dark', 320, colour], ['dark', 1280],
  ['light', 1280, colour]];

// How far a page's parts moved under the reader since it began.
const shifts = () => {
  window.shift = 0;
  window.shifting = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shift += entry.value;
  });
  window.shifting.observe({ type: 'layout-shift', buffered: true });
};

async function shifted(page) {
  return page.evaluate(async () => {
    await new Promise((done) => {
      requestAnimationFrame(() => requestAnimationFrame(done));
    });
    for (const entry of window.shifting.takeRecords()) {
      window.shift += entry.value;
    }
    return window.shift;
  });
}

// What axe and a ruler find wrong with the page as it stands, in every look.
// The next begins in the look in which this one ends, so that every other page
// is loaded on a phone.
async function flaws(page, except = []) {
  const found = [];
  await page.evaluate(axe);
  for (const [scheme, width, rules] of looks) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 800 });
    const seen = await page.evaluate(async (only) => ({
      violations: (await window.axe.run(document, { resultTypes:
        ['violations'], ...(only ? { runOnly: only } : {}) })).violations
        .map((v) => ({ id: v.id,
          at: v.nodes.map((n) => n.html).join(' | ') })),
      wide: document.scrollingElement.scrollWidth - window.innerWidth,
    }), rules);
    found.push(...seen.violations.filter((v) => !except.includes(v.id))
      .map((v) => `${scheme} ${width}: ${v.id}: ${v.at}`));
    if (seen.wide > 0) found.push(`${scheme} ${width}: ${seen.wide} px too wide`);
  }
  looks.reverse();
  return found;
}

// The page's source and looks are clean.
async function clean(page, source) {
  equal(await shifted(page), 0, 'layout shift');
  // While the browser is at it, we are not idle.
  const [seen, read] = await Promise.all([flaws(page), invalid(source)]);
  equal(read, [], 'html-validate');
  equal(seen, [], 'axe');
  equal(page.troubles, [], 'the page itself');
}

// Runs {name: function} in order, prints TAP, leaves nothing running.
async function run(tests, leave) {
  const names = Object.keys(tests);
  let failed = 0;
  console.log(`1..${names.length}`);
  for (let i = 0; i < names.length; i++) {
    try {
      await tests[names[i]]();
      console.log(`ok ${i + 1} - ${names[i]}`);
    } catch (error) {
      failed++;
      console.log(`not ok ${i + 1} - ${names[i]}`);
      console.log(String(error.stack).replace(/^/gm, '# '));
    }
  }
  if (leave) await leave();
  if (browser) await browser.close();
  process.exitCode = failed ? 1 : 0;
}

module.exports = { Stack, checkout, clean, equal, flaws, invalid, launch, ok, os,
  run, shifted, signIn, sleep, until, visitor };
