'use strict';
// What the links in a mail open: the question, its answers, and the stop.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  const { guest, long, stack } = world;
  let mails;
  let event;

  async function question() {
    ({ event, mails } = world.asked('row', ['eve', 'bob']));
    await world.check(guest, mails.eve.answer);
    await world.checkPress(guest, () =>
      world.submit(guest, { status: 'maybe' }), 422);
    await world.check(guest, mails.eve.answer.slice(0, -1), 404);
    await world.check(guest, '/r/x', 404);
  }

  // From the question to the question that says when it comes again.
  async function later() {
    await world.check(guest, mails.eve.answer);
    await world.checkPress(guest, () =>
      guest.click('form[action$="/later"] button'));
    ok((await guest.textContent('main')).includes('We will ask you again on'),
      'the page does not say when');
    await world.check(guest, `${mails.eve.answer}/later`);
  }

  async function answers() {
    await guest.goto(mails.eve.answer);
    await world.checkPress(guest, () =>
      guest.click('button[value=not_attended]'));
    await world.check(guest, `${mails.eve.answer}?change=1`);
    await world.checkPress(guest, () => guest.click('button[value=attended]'));
  }

  async function attended(status) {
    stack.sql(`update attendance a set status = '${status}' from users u where
      u.id = a.user_id and u.email = 'eve@row.example'`);
  }

  // From the saved answer to saved feedback.
  async function feedback() {
    const { answer } = mails.eve;
    await world.check(guest, answer);
    await world.checkPress(guest, () => world.submit(guest, { rating: '6',
      feedback: 'x'.repeat(2001) }), 422);
    await guest.check('input[name=rating][value="4"]');
    await guest.fill('textarea[name=feedback]', `${long} ${long}\nFine.`);
    await world.checkPress(guest, () => guest.click('main button[type=submit]'));
    await world.check(guest, `${answer}/feedback`);
    await world.check(guest, answer);
    await guest.goto(answer);
    await attended('not_attended');
    await world.checkPress(guest, () =>
      world.post(guest, `${answer}/feedback`), 409);
    await guest.goto(answer);
    await world.checkPress(guest, () => world.post(guest, `${answer}/later`),
      409);
    await attended('attended');
  }

  // Bob asks for the morning: its mail says that it is the last, and its page
  // has no other hour to offer.
  async function secondPrompt() {
    ok(mails.bob.raw.replace(/=\r\n/g, '').includes('ask again at 9'),
      'the first mail offers no morning');
    await guest.goto(mails.bob.answer);
    await world.checkPress(guest, () =>
      guest.click('form[action$="/later"] button'));
    stack.clock('2030-06-15 07:01+00');
    stack.sweep();
    const last = stack.mails('bob@row.example').pop();
    ok(last.raw.includes('One last time'), 'the last mail does not say so');
    await world.check(guest, last.answer);
    equal(await guest.locator('form[action$="/later"]').count(), 0);
    stack.clock('2030-06-14 16:01+00');
  }

  async function longNames() {
    const { answer } = mails.eve;
    stack.sql(`update events set title = '${long}' where id = ${event}`);
    await world.check(guest, answer);
    await world.check(guest, `${answer}?change=1`);
    await world.check(guest, `${answer}/feedback`);
  }

  // Too early, closed, cancelled.
  async function othertimes() {
    const { answer } = mails.eve;
    stack.clock('2030-06-14 14:00+00');
    await world.check(guest, answer);
    stack.clock('2030-07-14 12:00+00');
    await world.check(guest, answer, 410);
    stack.clock('2030-06-14 16:01+00');
    stack.sql(`update events set status = 'cancelled' where id = ${event}`);
    await world.check(guest, answer, 410);
  }

  async function stop() {
    await world.check(guest, mails.eve.stop);
    await world.checkPress(guest, () => guest.click('main button[type=submit]'));
  }

  return {
    'GET /r/:token': question,
    'GET /r/:token/later': later,
    'POST /r/:token/later': later,
    'POST /r/:token': answers,
    'GET /r/:token/feedback': feedback,
    'POST /r/:token/feedback': feedback,
    'the second question is the last': secondPrompt,
    'a question about a long name': longNames,
    'a question at the wrong time': othertimes,
    'GET /u/:token': stop,
    'POST /u/:token': stop,
  };
};
