'use strict';
// The mails, which are pages too, and the demo's catcher that shows them.

const fs = require('fs');
const path = require('path');
const { checkout, equal, flaws, visitor } = require('../lib');

// Words that each kind of mail has to itself; a template without an entry
// fails.
const words = {
  mail_join: ['Here is your link to join'],
  mail_notice: ['Mail from Rollcall has not been getting out since'],
  mail_prompt: ['No time now?', 'This is our last question'],
  mail_responder: [],
  mail_sign_in: ['Here is your link to sign in'],
  mail_test: ['this mail shows that Rollcall can send mail'],
};

module.exports = (world) => {
  const { guest, stack } = world;

  // Has one of each sent.
  async function everyMail() {
    const { mails } = world.asked('bike', ['eve']);
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
    stack.ctl('send-test', 'operator@sail.example');
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
