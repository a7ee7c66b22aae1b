'use strict';
// Signing in and out.

const { equal, visitor } = require('../lib');

module.exports = (world) => {
  const { guest, stack } = world;
  const bob = 'bob@sail.example';

  async function form() {
    await world.check(guest, '/signin');
    await world.checkPress(guest, () =>
      world.submit(guest, { email: 'not an address' }), 422);
    equal(await guest.inputValue('input[name=email]'), 'not an address');
    await guest.goto('/signin');
    await world.checkPress(guest, () => world.submit(guest, { email: bob }));
    await guest.goto('/signin');
    await world.checkPress(guest, () =>
      world.submit(guest, { email: 'x'.repeat(70000) }), 413);
  }

  async function link() {
    stack.sweep();
    const { signIn } = stack.mails(bob).pop();
    const page = await visitor(stack);
    await world.check(page, signIn);
    stack.clock('2030-06-14 12:16+00');
    await world.check(page, signIn, 410);
    stack.clock('2030-06-14 12:00+00');
    await page.goto(signIn);
    await world.checkPress(page, () => page.click('main button[type=submit]'));
    await page.context().clearCookies();
    await world.check(page, signIn, 410);
    await page.context().close();
  }

  async function out() {
    const page = await world.as('eve');
    await world.check(page, '/signout', 405);
    await page.goto('/me');
    await world.checkPress(page, () => world.post(page, '/signout',
      { csrf: 'x' }), 403);
    await page.goto('/me');
    await world.checkPress(page, () =>
      page.click('form[action="/signout"] button'));
    delete world.people['eve@sail.example'];
    await page.context().close();
  }

  return {
    'GET /signin': form,
    'POST /signin': form,
    'GET /signin/:token': link,
    'POST /signin/:token': link,
    'POST /signout': out,
  };
};
