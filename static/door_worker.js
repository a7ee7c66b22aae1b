'use strict';
// Brings the door's page, and what belongs to it, from this device when the
// network does not, and has sent what was pressed whichever page of staff's is
// opened. Keeps no other page, and changes none.
importScripts('/static/door_store.js', '/static/door_send.js');

const files = 'door-files';
const away = '/static/door_away.html';
const gone = '/static/door_gone.html';
const door = /^\/staff\/[a-z0-9-]+\/events\/[0-9]+\/door$/;

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(files).then((cache) => cache.addAll([away,
    gone, '/static/door_waiting.html', '/static/style.css',
    '/static/favicon.svg', ...['store', 'send', 'waiting', 'offline', 'camera']
      .map((name) => `/static/door_${name}.js`), '/static/door.js'])));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

// A door must open soon, on a poor network too.
async function ask(request) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), 5000);
  // What has begun to come may take longer.
  const answer = await fetch(request, { signal: late.signal })
    .finally(() => clearTimeout(timer));
  if (answer.status >= 500) throw new Error(answer.statusText);
  return answer;
}

// What waits is sent, and what is too old is gone, whatever page it is.
async function begin() {
  await doorStore.expire(Date.now());
  if (doorSend.pause() === 0 && await doorSend.isWaiting()) {
    await doorSend.sync();
  }
}

self.addEventListener('sync', (event) => {
  event.waitUntil(doorSend.sync().then(async () => {
    // The browser calls again.
    if (await doorSend.isWaiting()) throw new Error('waiting');
  }));
});

// A door that is shut to whoever asks leaves nothing of its own behind but
// what they pressed.
async function refused(answer, path) {
  await doorStore.forget([path]);
  const queue = await doorStore.attempts(path);
  if (answer.status !== 404 || queue.length === 0) return answer;
  const told = await (await caches.open(files)).match(gone);
  return told ? new Response(told.body, { status: 404,
    headers: told.headers }) : answer;
}

async function page(request, url) {
  let answer;
  try {
    answer = await ask(request);
  } catch {
    await doorStore.expire(Date.now());
    return await (await caches.open(doorStore.pages)).match(url.pathname) ||
      (await caches.open(files)).match(away);
  }
  if ([403, 404, 410].includes(answer.status)) {
    return refused(answer, url.pathname);
  }
  if (answer.status === 200 && !answer.redirected && !url.search) {
    await doorStore.keepPage(url.pathname, answer.clone()).catch(() => {});
  }
  return answer;
}

async function file(request, url) {
  const cache = await caches.open(files);
  try {
    const answer = await ask(request);
    if (answer.status === 200 && !answer.redirected) {
      await cache.put(url.pathname, answer.clone());
    }
    return answer;
  } catch (error) {
    const kept = await cache.match(url.pathname);
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) {
    return;
  }
  const navigates = event.request.mode === 'navigate';
  if (navigates) event.waitUntil(begin().catch(() => {}));
  if (door.test(url.pathname) && (navigates || !url.search)) {
    event.respondWith(page(event.request, url));
  } else if (url.pathname.startsWith('/static/')) {
    event.respondWith(file(event.request, url));
  }
});
