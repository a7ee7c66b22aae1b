'use strict';
// The headers of each kind of answer there is, as they are on the wire.

const http = require('http');
const { equal, ok, shifted, sleep, visitor } = require('../lib');

module.exports = (world) => {
  const { stack } = world;

  function kinds() {
    const own = { Origin: stack.url,
      'Content-Type': 'application/x-www-form-urlencoded' };
    const { event, mails } = world.asked('ski', ['eve']);
    stack.sql(`update events set status = 'cancelled' where id = ${event}`);
    return [
      ['/', {}, 200], ['/events', {}, 303], ['/none', {}, 404],
      ['/staff/', {}, 404], ['/signout', {}, 405], ['/healthz', {}, 200],
      ['/readyz', {}, 200], [mails.eve.answer, {}, 410],
      [mails.eve.stop, {}, 200],
      ['/signin', { method: 'POST', headers: own }, 422, 'email='],
      ['/signin', { method: 'POST' }, 403, 'email=x'],
      ['/signin', { method: 'POST', headers: own }, 413, 'x'.repeat(70000)],
      ['/static/style.css', {}, 200], ['/static/none', {}, 404],
      ['/', { method: 'HEAD' }, 200],
      ['/signin', { method: 'POST', headers: { Origin: stack.url,
        'Content-Type': 'text/plain' } }, 415, 'email=x'],
    ];
  }

  async function headers() {
    for (const [url, options, status, body] of kinds()) {
      const rs = await stack.request(url, options, body);
      const what = `${options.method || 'GET'} ${url} ${rs.status}`;
      equal(rs.status, status, what);
      const csp = rs.headers['content-security-policy'] || '';
      ok(csp.includes("default-src 'none'") && !csp.includes('unsafe') &&
        csp.includes("frame-ancestors 'none'"), `${what}: policy ${csp}`);
      equal(rs.headers['x-content-type-options'], 'nosniff', what);
      equal(rs.headers['referrer-policy'], 'same-origin', what);
      ok(/^[0-9a-f]{32}$/.test(rs.headers['x-request-id']), `${what}: id`);
      ok(!/\d/.test(rs.headers.server), `${what}: ${rs.headers.server}`);
      ok(!rs.headers['x-powered-by'], what);
      if (!url.startsWith('/static/') && status !== 413) {
        equal(rs.headers['cache-control'], 'no-store', what);
      }
      if (status === 404 && url !== '/static/none') {
        ok(rs.body.includes(rs.headers['x-request-id']), `${what}: its number`);
      }
    }
  }

  // A page that comes one link after the other, as over a bad line.
  async function pieces() {
    const amy = await world.as('amy');
    const source = await (await amy.goto('/staff/sail/events')).text();
    const parts = source.split(/(?=<li><a)/);
    ok(parts.length > 5, 'the links of head and foot');
    const line = http.createServer(async (rq, rs) => {
      if (rq.url !== '/') {
        rs.setHeader('Content-Type', 'text/css');
        rs.end((await stack.request(rq.url)).body);
        return;
      }
      rs.setHeader('Content-Type', 'text/html; charset=utf-8');
      for (const part of parts) {
        rs.write(part);
        await sleep(80);
      }
      rs.end();
    });
    await new Promise((done) => line.listen(0, '127.0.0.1', done));
    for (const width of [320, 1280]) {
      const page = await visitor(stack, { viewport: { width, height: 800 } });
      await page.goto(`http://127.0.0.1:${line.address().port}/`);
      equal(await shifted(page), 0, `moved at ${width}`);
      await page.context().close();
    }
    line.closeAllConnections();
    line.close();
  }

  return {
    'every kind of answer has its headers': headers,
    'nothing moves when a page comes in pieces': pieces,
  };
};
