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
    world.stack.sql(`update sweep_runs set good_at = app_now() -
      interval '6 minutes'`);
    for (const name of ['amy', 'dan']) {
      await world.check(await world.as(name), '/staff/sail');
    }
    await world.check(await world.as('ada'), '/staff/sail', 404);
    await world.check(world.guest, '/staff/sail/nothing/yet', 404);
  },
  // No page: tests/job/test_runs.py has what it says.
  async 'GET /metrics'() {
    world.seen.push(['GET', '/metrics']);
    await world.check(world.guest, '/metrics', 404);
  },
});
