'use strict';
// Pages that say no, beside those that have a route.

const { equal, visitor } = require('../lib');

module.exports = (world) => ({
  async 'nothing at that address'() {
    await world.check(world.guest, '/no/such/page', 404);
    await world.check(await world.as('ada'), '/no/such/page', 404);
  },

  async 'a post from elsewhere, which changes nothing'() {
    const { stack } = world;
    const evil = await visitor(stack);
    await evil.setContent(`<form method="post" action="${stack.url}/signin">
      <input name="email" value="ada@sail.example"><button>Win</button></form>`);
    const before = stack.digest();
    await world.checkPress(evil, () => evil.click('button'), 403);
    equal(stack.digest(), before);
    await evil.context().close();
  },
});
