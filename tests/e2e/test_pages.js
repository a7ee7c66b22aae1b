'use strict';
// Every page of every route, in each of its states: valid HTML, nothing for
// axe to find, light and dark, on a phone and on a desk; and its headers.

const fs = require('fs');
const path = require('path');
const { Stack, checkout, clean, equal, flaws, ok, run, signIn, visitor } =
  require('./lib');

let stack;
let event;
let ada; // signed in
let guest; // not
const links = {};

// What the programs' tables of contents say: [method, pattern].
const routes = ['answer', 'member', 'staff'].flatMap((program) =>
  [...fs.readFileSync(path.join(checkout, `cgi/${program}.c`), 'utf8')
    .matchAll(/\{METHOD_(\w+),\s*"([^"]+)"/g)].map((m) => `${m[1]} ${m[2]}`));

const long = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerk'.repeat(3);

async function begin() {
  stack = await Stack.start();
  stack.clock('2030-06-14 12:00+00');
  event = stack.club('sail', { ada: '', bob: '', eve: '' }, { org:
    'Sailing Club', title: 'Spring regatta', start: '20300614T130000Z',
  end: '20300614T150000Z' });
  guest = await visitor(stack);
  ada = await visitor(stack);
  await signIn(stack, ada, 'ada@sail.example');
}

// Opens it and holds the response against everything a page must be.
async function check(page, url, status = 200) {
  page.troubles.length = 0;
  const rs = await page.goto(url);
  equal(rs.status(), status, url);
  await clean(page, await rs.text());
}

// The same for what a press leads to; the source is read by a second look at
// the network, since a page cannot show it.
async function checkPress(page, press, status) {
  page.troubles.length = 0;
  const [rs] = await Promise.all([
    page.waitForResponse((r) => r.request().isNavigationRequest() &&
      r.status() < 300 || r.status() >= 400),
    press(),
  ]);
  equal(rs.status(), status, rs.url());
  await page.waitForLoadState();
  await clean(page, await rs.text());
}

// Sends the page's form as no honest browser would.
const submit = (page, values) => page.evaluate((given) => {
  const form = document.querySelector('main form');
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
}, values);

async function start() {
  await check(guest, '/');
  await check(guest, '/?note=signed_out');
}

async function signInPages() {
  await check(guest, '/signin');
  await checkPress(guest, () => submit(guest, { email: 'not an address' }), 422);
  equal(await guest.inputValue('input[name=email]'), 'not an address');
  await guest.goto('/signin');
  await checkPress(guest, () => submit(guest, { email: 'bob@sail.example' }),
    200);
  stack.sweep();
  links.signIn = stack.mails('bob@sail.example')[0].signIn;
}

async function signInLinkPages() {
  await check(guest, links.signIn);
  stack.clock('2030-06-14 12:16+00');
  await check(guest, links.signIn, 410);
  stack.clock('2030-06-14 12:00+00');
  await guest.goto(links.signIn);
  await guest.click('main button[type=submit]');
  await guest.waitForURL('**/events');
  await guest.context().clearCookies();
  await check(guest, links.signIn, 410);
}

async function eventPages() {
  await check(ada, '/events');
  await check(ada, `/events/${event}`);
  await checkPress(ada, () => ada.click('form[action$="/register"] button'),
    200);
  await check(ada, `/events/${event}`);
  await checkPress(ada, () => ada.click('form[action$="/withdraw"] button'),
    200);
  // Where a name has no place to break, the page breaks it.
  stack.sql(`insert into events (org_id, title, description, location, url,
    starts_at, status) select org_id, '${long}', '${long} ${long}', '${long}',
    'https://example.org/${long}', starts_at, s from events, unnest(array[
    'published', 'cancelled', 'ongoing', 'completed']) s where id = ${event}`);
  stack.sql(`update events set starts_at = app_now() - interval '2 days', ends_at
    = null where status = 'completed'`);
  await check(ada, '/events');
  for (const id of stack.sql(`select id from events where title like 'Donau%'`)
    .split('\n')) {
    await check(ada, `/events/${id}`);
  }
}

async function historyPages() {
  await check(ada, '/history');
  stack.sql(`with e as (insert into events (org_id, title, location, starts_at,
    status) select org_id, case n when 1 then '${long}' else 'Past ' || n end,
    'Boathouse', app_now() - n * interval '1 day', 'completed' from events,
    generate_series(1, 60) n where id = ${event} returning *) insert into
    attendance (user_id, event_id, org_id, status, responded_at,
    feedback_rating, feedback_submitted_at) select u.id, e.id, e.org_id, (array[
    'attended', 'partial', 'not_attended'])[e.id % 3 + 1], app_now(), 4,
    app_now() from e, users u where u.email = 'ada@sail.example'`);
  await check(ada, '/history');
  await checkPress(ada, () => ada.click('a[rel=next]'), 200);
}

async function ownPages() {
  await check(ada, '/me');
  const other = await visitor(stack, { userAgent: long });
  await signIn(stack, other, 'ada@sail.example');
  await check(ada, '/me');
  await checkPress(ada, () => ada.click('form[action^="/me/sessions"] button'),
    200);
  await other.context().close();
}

// Presses a button that the page does not have.
const post = (page, path) => page.evaluate((to) => {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = to;
  document.body.append(form);
  form.submit();
}, path);

// From the question to the question that says when it comes again.
async function laterPages() {
  await check(guest, links.answer);
  await checkPress(guest, () => guest.click('form[action$="/later"] button'),
    200);
  ok((await guest.textContent('main')).includes('We will ask you again on'),
    'the page does not say when');
  await check(guest, `${links.answer}/later`);
}

// From the saved answer to saved feedback.
async function feedbackPages() {
  await check(guest, links.answer);
  await checkPress(guest, () => submit(guest, { rating: '6', feedback:
    'x'.repeat(2001) }), 422);
  await guest.check('input[name=rating][value="4"]');
  await guest.fill('textarea[name=feedback]', `${long} ${long}\nFine.`);
  await checkPress(guest, () => guest.click('main button[type=submit]'), 200);
  await check(guest, `${links.answer}/feedback`);
  await check(guest, links.answer);
  await guest.goto(links.answer);
  stack.sql(`update attendance set status = 'not_attended' where event_id =
    ${event} and feedback_rating = 4`);
  await checkPress(guest, () => post(guest, `${links.answer}/feedback`), 409);
  await guest.goto(links.answer);
  await checkPress(guest, () => post(guest, `${links.answer}/later`), 409);
  stack.sql(`update attendance set status = 'attended' where event_id =
    ${event} and feedback_rating = 4`);
}

// Bob asks for the morning: its mail says that it is the last, and its page
// has no other hour to offer.
async function secondPrompt() {
  const [first] = stack.mails('bob@sail.example').filter((mail) => mail.answer);
  ok(first.raw.replace(/=\r\n/g, '').includes('ask again at 9'),
    'the first mail offers no morning');
  await guest.goto(first.answer);
  await checkPress(guest, () => guest.click('form[action$="/later"] button'),
    200);
  stack.clock('2030-06-15 07:01+00');
  stack.sweep();
  const last = stack.mails('bob@sail.example').pop();
  ok(last.raw.includes('One last time'), 'the last mail does not say so');
  await check(guest, last.answer);
  equal(await guest.locator('form[action$="/later"]').count(), 0);
  stack.clock('2030-06-14 16:01+00');
}

async function promptPages() {
  stack.sql(`insert into event_views (event_id, user_id, org_id) select e.id,
    u.id, e.org_id from events e, users u where e.id = ${event}
    on conflict do nothing`);
  stack.clock('2030-06-14 16:01+00');
  stack.sweep();
  const mail = stack.mails('eve@sail.example')[0];
  links.answer = mail.answer;
  links.stop = mail.stop;
  await check(guest, links.answer);
  await checkPress(guest, () => submit(guest, { status: 'maybe' }), 422);
  await laterPages();
  await checkPress(guest, () => guest.click('button[value=not_attended]'), 200);
  await check(guest, `${links.answer}?change=1`);
  await checkPress(guest, () => guest.click('button[value=attended]'), 200);
  await feedbackPages();
  await secondPrompt();
  stack.sql(`update events set title = '${long}' where id = ${event}`);
  await check(guest, links.answer);
  await check(guest, `${links.answer}?change=1`);
  await check(guest, `${links.answer}/feedback`);
  stack.clock('2030-06-14 14:00+00');
  await check(guest, links.answer);
  await guest.goto(links.answer);
  stack.clock('2030-07-14 12:00+00');
  await check(guest, links.answer, 410);
  stack.clock('2030-06-14 16:01+00');
  stack.sql(`update events set status = 'cancelled' where id = ${event}`);
  await check(guest, links.answer, 410);
  await check(guest, links.answer.slice(0, -1), 404);
}

async function stopPages() {
  await check(guest, links.stop);
  await checkPress(guest, () => guest.click('main button[type=submit]'), 200);
}

// Routes that answer a press with a redirect: what they say when they cannot.
async function refusals() {
  await check(ada, '/signout', 405);
  await check(guest, '/no/such/page', 404);
  await check(guest, '/staff/nothing/yet', 404);
  await check(guest, '/r/x', 404);
  await check(ada, '/events/0', 404);
  await ada.goto('/me');
  await checkPress(ada, () => ada.evaluate(() => {
    const form = document.querySelector('form[action="/signout"]');
    form.elements.csrf.value = 'x';
    form.submit();
  }), 403);
  await ada.goto('/me');
  await checkPress(ada, () => ada.evaluate(() => {
    const form = document.querySelector('form[action="/signout"]');
    form.action = '/me/sessions/999999/end';
    form.submit();
  }), 404);
  for (const press of ['register', 'withdraw']) {
    await ada.goto('/me');
    await checkPress(ada, () => ada.evaluate((to) => {
      const form = document.querySelector('form[action="/signout"]');
      form.action = to;
      form.submit();
    }, `/events/${event}/${press}`), 410);
  }
  await guest.goto('/signin');
  await checkPress(guest, () => submit(guest, { email: 'x'.repeat(70000) }),
    413);
}

async function postFromElsewhere() {
  const evil = await visitor(stack);
  await evil.setContent(`<form method="post" action="${stack.url}/signin">
    <input name="email" value="ada@sail.example"><button>Win</button></form>`);
  const before = stack.digest();
  await checkPress(evil, () => evil.click('button'), 403);
  equal(stack.digest(), before);
  await evil.context().close();
}

async function mailCatcher() {
  await check(guest, '/mail/');
  await check(guest, '/mail/1');
  await check(guest, '/mail/999', 404);
}

// Words that each kind of mail has to itself; a template without an entry
// fails.
const mailWords = {
  mail_notice: ['Mail from Rollcall has not been getting out since'],
  mail_prompt: ['No time now?', 'This is our last question'],
  mail_sign_in: ['Here is your link to sign in'],
  mail_test: ['this mail shows that Rollcall can send mail'],
};

// A mail's layout is a table, as mail programs need it: no landmarks.
async function mailsAsPages() {
  const templates = fs.readdirSync(path.join(checkout, 'templates'))
    .map((name) => (name.match(/^(mail_\w+)\.html\.mustache$/) || [])[1])
    .filter((name) => name && name !== 'mail_layout').sort();
  equal(Object.keys(mailWords), templates);
  stack.ctl('admin', 'add', '--org', 'sail', 'ada@sail.example', 'Ada');
  stack.sql("select pause_channel('email', 'connection lost')");
  stack.clock('2030-06-14 16:03+00');
  stack.sweep();
  stack.ctl('send-test', 'operator@sail.example');
  const page = await visitor(stack);
  const unseen = new Set(Object.values(mailWords).flat());
  for (let number = stack.mails().length; number > 0; number--) {
    const html = (await stack.request(`/mail/${number}/html`)).body;
    const words = [...unseen].find((some) => html.includes(some));
    if (!words)
      continue;
    unseen.delete(words);
    await page.setContent(html);
    equal(await flaws(page, ['landmark-one-main', 'region']), [], words);
  }
  equal([...unseen], []);
  await page.context().close();
}

// By the wire, for each kind of answer there is.
async function headers() {
  const own = { Origin: stack.url,
    'Content-Type': 'application/x-www-form-urlencoded' };
  const kinds = [
    ['/', {}, 200], ['/events', {}, 303], ['/none', {}, 404],
    ['/staff/', {}, 404], ['/signout', {}, 405], ['/healthz', {}, 200],
    ['/readyz', {}, 200], [links.answer, {}, 410], [links.stop, {}, 200],
    ['/signin', { method: 'POST', headers: own }, 422, 'email='],
    ['/signin', { method: 'POST' }, 403, 'email=x'],
    ['/signin', { method: 'POST', headers: own }, 413, 'x'.repeat(70000)],
    ['/static/style.css', {}, 200], ['/static/none', {}, 404],
    ['/', { method: 'HEAD' }, 200],
    ['/signin', { method: 'POST', headers: { Origin: stack.url,
      'Content-Type': 'text/plain' } }, 415, 'email=x'],
  ];
  for (const [url, options, status, body] of kinds) {
    const rs = await stack.request(url, options, body);
    const what = `${options.method || 'GET'} ${url} ${rs.status}`;
    equal(rs.status, status, what);
    const csp = rs.headers['content-security-policy'] || '';
    ok(csp.includes("default-src 'none'") && !csp.includes('unsafe') &&
      csp.includes("frame-ancestors 'none'"), `${what}: policy ${csp}`);
    equal(rs.headers['x-content-type-options'], 'nosniff', what);
    equal(rs.headers['referrer-policy'], 'same-origin', what);
    ok(/^[0-9a-f]{32}$/.test(rs.headers['x-request-id']), `${what}: id`);
    ok(!/\d/.test(rs.headers.server), `${what}: ${rs.headers.server}`);
    ok(!rs.headers['x-powered-by'], what);
    if (!url.startsWith('/static/') && status !== 413) {
      equal(rs.headers['cache-control'], 'no-store', what);
    }
    if (status === 404 && url !== '/static/none') {
      ok(rs.body.includes(rs.headers['x-request-id']), `${what}: its number`);
    }
  }
}

// One entry a route; what one entry shows may stand for several.
const entries = {
  'GET /': start,
  'GET /signin': signInPages,
  'POST /signin': signInPages,
  'GET /signin/:token': signInLinkPages,
  'POST /signin/:token': signInLinkPages,
  'GET /events': eventPages,
  'GET /events/:id': eventPages,
  'POST /events/:id/register': eventPages,
  'POST /events/:id/withdraw': eventPages,
  'GET /history': historyPages,
  'GET /me': ownPages,
  'POST /me/sessions/:id/end': ownPages,
  'GET /r/:token': promptPages,
  'POST /r/:token': promptPages,
  'GET /r/:token/later': promptPages,
  'POST /r/:token/later': promptPages,
  'GET /r/:token/feedback': promptPages,
  'POST /r/:token/feedback': promptPages,
  'GET /u/:token': stopPages,
  'POST /u/:token': stopPages,
  'POST /signout': refusals,
};

function everyRouteIsHere() {
  ok(routes.length > 10, 'the route tables were not found');
  equal(routes.filter((route) => !entries[route]), [], 'routes without entry');
}

run({
  'R-DESIGN every route has its entry here': everyRouteIsHere,
  'R-DESIGN a stack to look at': begin,
  'R-DESIGN the start page is clean': start,
  'R-O3 the sign-in pages are clean': signInPages,
  'R-O3 the pages of a sign-in link are clean': signInLinkPages,
  'R-O5 the event pages are clean': eventPages,
  'R-A11 the history pages are clean': historyPages,
  'R-O3 the account pages are clean': ownPages,
  'R-A5 R-A8 R-A9 the prompt pages are clean': promptPages,
  'R-G2 the stop pages are clean': stopPages,
  'R-DESIGN the pages of refusals are clean': refusals,
  'R-DESIGN a post from elsewhere gets a clean page, and changes nothing':
    postFromElsewhere,
  'R-DESIGN the mail catcher is clean': mailCatcher,
  'R-F4 the mails are pages too': mailsAsPages,
  'R-DESIGN every kind of answer has its headers': headers,
}, () => stack && stack.stop());
