'use strict';
// Brings the door's page, and what belongs to it, from this device when the
// network does not. Keeps no other page, and changes none.
importScripts('/static/door_store.js');

const files = 'door-files';
const away = '/static/door_away.html';
const door = /^\/staff\/[a-z0-9-]+\/events\/[0-9]+\/door$/;

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(files).then((cache) => cache.addAll([away,
    '/static/style.css', '/static/favicon.svg', '/static/door_store.js',
    '/static/door_offline.js', '/static/door.js'])));
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

async function keep(name, key, answer) {
  if (answer.status !== 200 || answer.redirected) return;
  await (await caches.open(name)).put(key, answer);
}

async function page(request, url) {
  try {
    const answer = await ask(request);
    if (!url.search) await keep(doorStore.pages, url.pathname, answer.clone());
    return answer;
  } catch {
    await doorStore.expire(Date.now());
    return await (await caches.open(doorStore.pages)).match(url.pathname) ||
      (await caches.open(files)).match(away);
  }
}

async function file(request, url) {
  const cache = await caches.open(files);
  try {
    const answer = await ask(request);
    await keep(files, url.pathname, answer.clone());
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
  if (door.test(url.pathname) && (navigates || !url.search)) {
    event.respondWith(page(event.request, url));
  } else if (url.pathname.startsWith('/static/')) {
    event.respondWith(file(event.request, url));
  }
});
