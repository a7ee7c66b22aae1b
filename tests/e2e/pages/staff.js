'use strict';
// The way into staff's pages.

module.exports = (world) => ({
  async 'GET /staff'() {
    const { stack } = world;
    stack.ctl('org', 'add', 'yawl', world.long.slice(0, 60), '--timezone',
      'Europe/Berlin');
    stack.ctl('admin', 'add', '--org', 'yawl', 'amy@sail.example', 'Amy');
    await world.check(await world.as('amy'), '/staff');
  },
  async 'GET /staff/:org'() {
    for (const name of ['amy', 'sid', 'dan']) {
      await world.check(await world.as(name), '/staff/sail');
    }
    await world.check(await world.as('amy'), '/staff/yawl');
    await world.check(await world.as('ada'), '/staff/sail', 404);
    await world.check(world.guest, '/staff/sail/nothing/yet', 404);
  },
});
