'use strict';
// An open organisation's page, and joining it there.

const { equal, ok, visitor } = require('../lib');

module.exports = (world) => {
  const { guest, stack } = world;

  function open(slug, how) {
    stack.sql(`update organizations set "join" = '${how}' where
      slug = '${slug}'`);
  }

  async function ask() {
    stack.club('swim', { kim: '' }, { org: 'Swimming Club',
      title: 'Across the lake', start: '20300620T130000Z',
      end: '20300620T150000Z' });
    await world.check(guest, '/o/swim', 404);
    open('swim', 'open');
    await world.check(guest, '/o/swim');
    await world.checkPress(guest, () =>
      world.submit(guest, { name: '', email: 'no' }), 422);
    await guest.fill('#name', 'Zoe New');
    await guest.fill('#email', 'zoe@new.example');
    await world.checkPress(guest, () => guest.click('main button'));
  }

  async function joinByMail() {
    stack.sweep();
    const { signIn } = stack.mails('zoe@new.example').pop();
    const page = await visitor(stack);
    await world.check(page, signIn);
    open('swim', 'invite');
    await world.check(page, signIn, 410);
    open('swim', 'open');
    equal(stack.sql("select count(*) from users where name like 'Zoe New%'"), '0');
    await page.goto(signIn);
    await world.checkPress(page, () => page.click('main button'));
    ok((await page.textContent('main')).includes('You are a member'));
    await page.context().close();
  }

  async function join() {
    const bob = await world.as('bob');
    await world.check(bob, '/o/swim');
    await world.checkPress(bob, () =>
      bob.click('form[action$="/join"] button'));
    open('swim', 'invite');
    await world.check(bob, '/o/swim');
    stack.ctl('org', 'add', 'empty', 'Empty Club', '--timezone', 'Europe/Paris');
    open('empty', 'open');
    await world.check(guest, '/o/empty');
  }

  return {
    'GET /o/:slug': ask,
    'POST /o/:slug': ask,
    'joining by mail': joinByMail,
    'POST /o/:slug/join': join,
  };
};
