'use strict';
// What people set for themselves: name, zone, quiet hours, mail.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  const { guest, stack } = world;
  const save = (page) => page.click('main button.go');

  async function name() {
    const eve = await world.as('eve');
    await world.check(eve, '/me/name');
    await world.checkPress(eve, () => world.submit(eve, { name: ' ' }), 422);
    await eve.fill('#name', `Eve ${world.long}`.slice(0, 200));
    await world.checkPress(eve, () => save(eve));
    await eve.goto('/me/name');
    await eve.fill('#name', 'Eve');
    await world.checkPress(eve, () => save(eve));
  }

  async function zone() {
    const eve = await world.as('eve');
    await world.check(eve, '/me/zone');
    ok(await eve.isVisible('#zone-here button'), 'the own zone is not offered');
    equal(stack.sql(`select coalesce(timezone, 'none') from users where
      email = 'eve@sail.example'`), 'none', 'the zone was taken');
    await world.check(eve, '/me/zone?q=nowhere');
    await world.check(eve, '/me/zone?q=new+york');
    await world.checkPress(eve, () => eve.click('button[value$="New_York"]'));
    await world.check(eve, '/me/zone');
    await world.checkPress(eve, () =>
      world.post(eve, '/me/zone', { zone: 'Moon/Base' }), 422);
    await eve.goto('/me/zone');
    await world.checkPress(eve, () => eve.click('form > div:last-child button'));
  }

  async function quiet() {
    const eve = await world.as('eve');
    await world.check(eve, '/me/quiet');
    await world.checkPress(eve, () =>
      world.submit(eve, { quiet_from: '25:00' }), 422);
    await eve.goto('/me/quiet');
    await eve.uncheck('#quiet');
    await world.checkPress(eve, () => save(eve));
    await world.check(eve, '/me/quiet');
  }

  async function mail() {
    const amy = await world.as('amy');
    await world.check(amy, '/me/mail');
    await world.check(amy, '/me/mail/sail');
    await world.checkPress(amy, () =>
      world.submit(amy, { frequency: 'x' }), 422);
    await amy.goto('/me/mail/sail');
    await amy.check('input[value=none]');
    await amy.uncheck('input[name=shift]');
    await world.checkPress(amy, () => save(amy));
    await amy.goto('/me/mail/sail');
    stack.sql(`update event_notification_preferences p set frequency = 'weekly'
      from users u where u.id = p.user_id and u.email = 'amy@sail.example'`);
    await world.checkPress(amy, () => save(amy), 409);
    await amy.check('input[value=all]');
    await amy.check('input[name=shift]');
    await world.checkPress(amy, () => save(amy));
    await world.check(amy, '/me/mail/nobody', 404);
  }

  async function stopCategory() {
    const before = stack.mails('amy@sail.example').length;
    stack.sql(`update delivery_channels set outage_from = null,
      outage_to = null; select pause_channel('email', 'connection lost')`);
    stack.clock('2030-06-14 12:02+00');
    stack.sweep();
    equal(stack.mails('amy@sail.example').length, before + 1, 'notices');
    const { stop } = stack.mails('amy@sail.example').pop();
    await world.check(guest, stop);
    await world.checkPress(guest, () => guest.click('main button'));
    await world.check(guest, stop);
    stack.sql('update category_preferences set wanted = true');
  }

  return {
    'GET /me/name': name,
    'POST /me/name': name,
    'GET /me/zone': zone,
    'POST /me/zone': zone,
    'GET /me/quiet': quiet,
    'POST /me/quiet': quiet,
    'GET /me/mail': mail,
    'GET /me/mail/:org': mail,
    'POST /me/mail/:org': mail,
    'the stop of a category': stopCategory,
  };
};
