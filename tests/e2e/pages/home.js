'use strict';
// The page at the top.

module.exports = (world) => ({
  async 'GET /'() {
    await world.check(world.guest, '/');
    await world.check(world.guest, '/?note=signed_out');
  },
});
