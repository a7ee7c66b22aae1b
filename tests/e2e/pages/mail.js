'use strict';
// The mails, which are pages too, and the demo's catcher that shows them.

const fs = require('fs');
const path = require('path');
const { checkout, equal, flaws, signIn, visitor } = require('../lib');

// Words that each kind of mail has to itself; a template without an entry
// fails.
const words = {
  mail_absence: ['Nobody at all was checked in at'],
  mail_address: ['Is this your new address?'],
  mail_address_changed: ['Your address was changed'],
  mail_audit: ['is not as it was written'],
  mail_contact: ['May we tell you?'],
  mail_digest: ['Were you at these 2 events?'],
  mail_join: ['Here is your link to join'],
  mail_notice: ['Mail from Rollcall has not been getting out since'],
  mail_place: ['You are registered for', 'You are number 1 on the waiting list',
    'A place came free, and it is yours'],
  mail_prompt: ['No time now?', 'This is our last question'],
  mail_responder: ['is a responder of', 'You are a responder of'],
  mail_shift_change: ['you are assigned to this shift:'],
  mail_shift_news: ['will be 15 minutes late'],
  mail_shift_reminder: ['your shift begins soon'],
  mail_shift_swap: ['takes the shift that you offered',
    'takes this shift in place of Ada'],
  mail_sign_in: ['Here is your link to sign in'],
  mail_talk: ['The responders of Sailing Club wrote to you',
    'wrote to the responders, and nobody has read it'],
  mail_test: ['this mail shows that Rollcall can send mail'],
  mail_watch_clear: ['has been in touch'],
  mail_watch_contact: ['Often there is a simple reason',
    'We have asked twice and told others'],
  mail_watch_responder: ['has not checked in (L4)'],
  mail_watch_self: ['How are you?', 'If that stays so, we tell Zoe',
    'asked your first contact to look after you',
    'told all your contacts and the responders'],
};

module.exports = (world) => {
  const { guest, stack } = world;

  // Has one of each sent.
  async function everyMail() {
    unmarked();
    const { mails } = world.asked('bike', ['dan', 'eve']);
    for (const title of ['Dusk ride', 'Night ride'])
      stack.event('bike', title.slice(0, 4), { title,
        start: '20300614T130000Z', end: '20300614T150000Z' });
    stack.sql(`insert into event_notification_preferences (user_id, org_id,
      frequency) select m.user_id, m.org_id, 'daily' from users u join
      memberships m on m.user_id = u.id where u.email = 'dan@bike.example'
      on conflict (user_id, org_id) do update set frequency = 'daily';
      insert into event_views (event_id, user_id, org_id) select e.id, u.id,
      e.org_id from events e, users u where e.title like '% ride' and
      u.email = 'dan@bike.example'`);
    stack.sweep();
    await guest.goto(mails.eve.answer);
    await guest.click('form[action$="/later"] button');
    stack.clock('2030-06-15 07:01+00');
    stack.sweep();
    await world.as('amy');
    stack.sql("select pause_channel('email', 'connection lost')");
    stack.clock('2030-06-15 07:03+00');
    stack.sweep();
    stack.sql(`update organizations set "join" = 'open' where slug = 'bike';
      select join_ask('bike', 'new@bike.example', sha256('new'), 'New')`);
    stack.sweep();
    stack.sql(`update audit_checks set problem_seq = 7, problem = 'the row was
      changed' where org_id = (select id from organizations where
      slug = 'sail'); select tell_admins(id, 'audit_notice', 'audit-sail', null,
      app_now() + interval '3 days') from organizations where slug = 'sail'`);
    // The newer of two responders is told too.
    for (const name of ['amy', 'sid']) {
      stack.sql(`select set_responder(s.hash, 'sail', u.id, true, 'r') from
        users u, live_sessions s join users a on a.id = s.user_id where
        u.email = '${name}@sail.example' and a.email = 'amy@sail.example'
        limit 1`);
    }
    stack.sweep();
    places();
    shifts();
    watched();
    talks();
    await newAddress();
    stack.ctl('send-test', 'operator@sail.example');
  }

  // Over an hour ago, and nobody was checked in.
  function unmarked() {
    stack.sql(`with e as (insert into events (org_id, title, starts_at, ends_at,
      status, takes_attendance) select id, 'Open day', '2030-06-14 09:00Z',
      '2030-06-14 11:00Z', 'ongoing', true from organizations where
      slug = 'sail' returning id, org_id) insert into event_participants
      (event_id, org_id, user_id) select e.id, e.org_id, u.id from e, users u
      where u.email = 'sid@sail.example'`);
  }

  // Sid is assigned to a shift that begins soon, and says that he is late.
  function shifts() {
    stack.sql(`with s as (insert into duty_schedules (org_id, title, location,
      notes, start_at, end_at) select id, 'Bar', 'Hall', 'Bring gloves',
      app_now() + interval '10 minutes', app_now() + interval '2 hours'
      from organizations where slug = 'sail' returning *)
      select assign_people(s::text::duty_schedules, array[u.id], null)
      from s, users u where u.email = 'sid@sail.example'`);
    stack.sweep();
    stack.sql(`select put_shift_word(s, a, 'late', 15, a.user_id) from
      duty_schedules s join duty_assignments a on a.schedule_id = s.id
      where s.title = 'Bar'`);
    stack.sql(`with s as (insert into duty_schedules (org_id, title, start_at,
      end_at) select id, 'Tea', app_now() + interval '1 day', app_now() +
      interval '25 hours' from organizations where slug = 'sail' returning *),
      a as (insert into duty_assignments (org_id, schedule_id, user_id)
      select s.org_id, s.id, u.id from s, users u where
      u.email = 'ada@sail.example' returning *)
      insert into shift_swaps (org_id, schedule_id, assignment_id, user_id)
      select org_id, schedule_id, id, user_id from a;
      select take_shift(n.hash, s.id, false) from duty_schedules s,
      live_sessions n join users u on u.id = n.user_id where s.title = 'Tea'
      and u.email = 'amy@sail.example' limit 1`);
    stack.sweep();
  }

  // Ada stays silent, until the last level, and has one more contact asked.
  function watched() {
    stack.sql(`with u as (update users set quiet = false where email =
      'ada@sail.example' returning id), m as (insert into monitoring (user_id,
      org_id, consent_version) select u.id, o.id, 'watch-1' from u,
      organizations o where o.slug = 'sail' returning *)
      insert into monitoring_contacts (user_id, org_id, priority, name, email,
      state) select m.user_id, m.org_id, n, name, lower(name) ||
      '@contact.example', state from m, (values (1, 'Zoe', 'consented'), (2,
      'Yan', 'asked')) c(n, name, state);
      select update_user_status(user_id, org_id, null, app_now(), null, null)
      from monitoring;
      select ask_contact(c) from monitoring_contacts c where state = 'asked'`);
    for (let level = 1; level <= 4; level++) {
      stack.sweep();
      stack.sql('update alerts set step_due_at = app_now()');
    }
    stack.sql(`select put_check_in(user_id, 'check_in', 'Checked in', false)
      from monitoring where stopped_at is null`);
    stack.sweep();
  }

  // Bob writes to the responders, and Amy, who is one, to Bob.
  function talks() {
    for (const author of ['bob', 'amy']) {
      stack.sql(`select put_talk(m.org_id, m.user_id, a.id, 'Hello') from
        memberships m join users u on u.id = m.user_id, users a where
        u.email = 'bob@sail.example' and a.email = '${author}@sail.example'`);
    }
    stack.sweep();
  }

  // The one place goes to eve, and then to dan.
  function places() {
    stack.event('bike', 'Long', { title: 'Long ride',
      start: '20300714T130000Z', end: '20300714T150000Z' });
    for (const statement of [
      "update events set capacity = 1 where title = 'Long ride'",
      ...['eve', 'dan'].map((name) => `select enroll_people(e, array[u.id], 'r')
        from events e, users u where e.title = 'Long ride' and
        u.email = '${name}@bike.example'`),
    ])
      stack.sql(statement);
    stack.sweep();
    stack.sql(`update event_participants p set status = 'cancelled' from users u
      where u.id = p.user_id and u.email = 'eve@bike.example'`);
    stack.sweep();
  }

  async function newAddress() {
    const page = await visitor(stack);
    await signIn(stack, page, 'eve@bike.example');
    await page.goto('/me/address');
    await page.fill('#email', 'eve@new.example');
    await Promise.all([page.waitForNavigation(),
      page.click('main button.go')]);
    stack.sweep();
    await page.goto(stack.mails('eve@new.example').pop().address);
    await Promise.all([page.waitForNavigation(),
      page.click('main button.go')]);
    stack.sweep();
    await page.context().close();
  }

  async function catcher() {
    await world.check(guest, '/mail/');
    await world.check(guest, '/mail/1');
    await world.check(guest, '/mail/999', 404);
  }

  // A mail's layout is a table, as mail programs need it: no landmarks.
  async function asPages() {
    const templates = fs.readdirSync(path.join(checkout, 'templates'))
      .map((name) => (name.match(/^(mail_\w+)\.html\.mustache$/) || [])[1])
      .filter((name) => name && name !== 'mail_layout').sort();
    equal(Object.keys(words), templates);
    await everyMail();
    const page = await visitor(stack);
    const unseen = new Set(Object.values(words).flat());
    for (let number = stack.mails().length; number > 0; number--) {
      const html = (await stack.request(`/mail/${number}/html`)).body;
      const found = [...unseen].find((some) => html.includes(some));
      if (!found)
        continue;
      unseen.delete(found);
      await page.setContent(html);
      equal(await flaws(page, ['landmark-one-main', 'region']), [], found);
    }
    equal([...unseen], []);
    await page.context().close();
  }

  return { 'the mails': asPages, 'the mail catcher': catcher };
};
