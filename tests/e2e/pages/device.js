'use strict';
// Somebody's devices: none, some, and one less.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  async function pages() {
    const { stack } = world;
    const ada = await world.as('ada');
    await world.check(ada, '/me/devices');
    const told = JSON.parse(await (await ada.goto('/api/devices')).text());
    equal(told.devices.length, 0);
    await ada.goto('/me/devices');
    const added = await ada.evaluate(async (csrf) => {
      const body = new URLSearchParams({ csrf, name: 'Ada’s phone',
        token: 'token-of-a-phone-1' });
      const rs = await fetch('/api/devices', { method: 'POST', body });
      return [rs.status, await rs.json()];
    }, told.csrf);
    equal(added[0], 201);
    // Data and no pages: there is nothing more to hold them to.
    world.seen.push(['GET', '/api/devices'], ['POST', '/api/devices']);
    stack.sql(`insert into device_tokens (user_id, token, token_hash, name,
      last_used_at) select user_id, 'token-of-a-tablet',
      sha256('token-of-a-tablet'), repeat('Longname ', 22), app_now()
      from device_tokens`);
    await world.check(ada, '/me/devices');
    await world.checkPress(ada, () =>
      ada.click('form[action^="/me/devices"] button'));
    ok(await ada.locator('text=Nothing goes to that device').count() > 0);
    equal(stack.sql('select count(*) from device_tokens'), '1');
    await world.checkPress(ada, () =>
      world.post(ada, '/me/devices/999999/remove'), 404);
  }

  return { 'GET /me/devices': pages, 'POST /me/devices/:id/remove': pages,
    'GET /api/devices': pages, 'POST /api/devices': pages };
};
