// What a device keeps for a door without a network: the list of an event, the
// contact with the server that it goes on from, and what was pressed and has
// not arrived. The list goes at sign-out and a day after the event; what was
// pressed stays until it has arrived, or whoever pressed it has discarded it.
// Draws nothing and sends nothing.
const doorStore = (() => {
  'use strict';
  const pages = 'door-pages';
  let opened;
  // Of each door the last that was heard: what is pressed after the list has
  // gone is under that contact too.
  const last = new Map();

  const result = (rq) => new Promise((done, failed) => {
    rq.onsuccess = () => done(rq.result);
    rq.onerror = () => failed(rq.error);
  });

  function make(db) {
    db.createObjectStore('device', { autoIncrement: true });
    db.createObjectStore('doors', { keyPath: 'door' });
    db.createObjectStore('people', { keyPath: ['door', 'id'] })
      .createIndex('door', 'door');
    db.createObjectStore('attempts', { keyPath: 'place', autoIncrement: true })
      .createIndex('door', 'door');
  }

  function open() {
    if (!opened) {
      const rq = indexedDB.open('rollcall-door', 1);
      rq.onupgradeneeded = () => make(rq.result);
      opened = result(rq);
    }
    return opened;
  }

  // One transaction: work gets its stores, and is done when all is on disk.
  async function within(names, work) {
    const db = await open();
    const at = db.transaction(names, 'readwrite', { durability: 'strict' });
    const finished = new Promise((done, failed) => {
      at.oncomplete = () => done();
      at.onabort = () => failed(at.error);
    });
    const value = await work(...names.map((name) => at.objectStore(name)));
    await finished;
    return value;
  }

  async function all(name, door) {
    const db = await open();
    return result(db.transaction(name).objectStore(name).index('door')
      .getAll(door));
  }

  const ofDoor = (door) => IDBKeyRange.bound([door], [door, []]);

  const empty = (doors) => within(['doors', 'people'], (kept, people) => {
    for (const door of doors) {
      kept.delete(door);
      people.delete(ofDoor(door));
    }
  });

  // Until when a kept page may be, by this device's clock, stands in its head.
  const untilHead = 'Door-Until';

  async function forget(doors) {
    await empty(doors);
    const cache = await caches.open(pages);
    for (const door of doors) await cache.delete(door);
  }

  async function expirePages(now) {
    const cache = await caches.open(pages);
    for (const key of await cache.keys()) {
      const page = await cache.match(key);
      if (Number(page.headers.get(untilHead)) <= now) await cache.delete(key);
    }
  }

  const change = (places, make) => within(['attempts'], async (attempts) => {
    for (const place of places) {
      const kept = await result(attempts.get(place));
      if (kept) attempts.put(make(kept));
    }
  });

  return {
    pages,

    device: () => within(['device'], async (store) => {
      const known = await result(store.get(1));
      if (known) return known;
      const made = crypto.randomUUID();
      await result(store.add(made));
      return made;
    }),

    async door(door) {
      const db = await open();
      return result(db.transaction('doors').objectStore('doors').get(door));
    },

    people: (door) => all('people', door),
    // In the order in which they were pressed.
    attempts: (door) => all('attempts', door),
    async queue() {
      const db = await open();
      return result(db.transaction('attempts').objectStore('attempts').getAll());
    },

    // Whoever is signed in here, and the token that says that a page of ours
    // sends it: the server takes it with that session only.
    know: (user, csrf) => within(['device'],
      (store) => store.put({ user, csrf }, 'who')),
    async who() {
      const db = await open();
      return result(db.transaction('device').objectStore('device').get('who'));
    },

    // Under the contact held now, at the server's time as far as we know it.
    // {door, title, user, name, sent}: sent is what the server gets, name is
    // whom it is about.
    press: (attempt) => within(['doors', 'attempts'],
      async (doors, attempts) => {
        const { door } = attempt;
        const held = await result(doors.get(door)) || last.get(door) ||
          { ahead: 0 };
        await result(attempts.add({ ...attempt, sent: { ...attempt.sent,
          contact: held.contact, at: Date.now() + held.ahead } }));
      }),

    // What the server said to this user.
    heard: (door, user, answer) => within(['doors', 'people'],
      (doors, people) => {
        last.set(door, { door, user, contact: answer.contact,
          until: answer.until, ahead: answer.now - Date.now() });
        doors.put(last.get(door));
        if (answer.whole) people.delete(ofDoor(door));
        for (const person of answer.people) {
          if (person.is_in) people.put({ ...person, door });
          else people.delete([door, person.id]);
        }
      }),

    // The server has these, or somebody has discarded them.
    drop: (places) => within(['attempts'], (attempts) => {
      for (const place of places) attempts.delete(place);
    }),
    // Not sent again by themselves: why is a status, or what the server said.
    aside: (places, why) => change(places, (kept) => ({ ...kept, why })),
    again: (places) => change(places, ({ why: _, ...kept }) => kept),

    // Somebody whom the server showed.
    saw: (door, seen) => within(['people'], (people) => {
      for (const person of seen) people.put({ ...person, door });
    }),

    forget,

    // Nobody is signed in: all lists go, and all pages.
    async forgetAll() {
      await within(['device', 'doors', 'people'], (device, ...both) => {
        device.delete('who');
        for (const store of both) store.clear();
      });
      await caches.delete(pages);
    },

    // Another user's list is not this one's; the page is, having just come.
    async claim(door, user) {
      const held = await this.door(door);
      if (held && held.user !== user) await empty([door]);
    },

    // A door's page says for how long it may be kept.
    async keepPage(door, answer) {
      const text = await answer.text();
      const [, left] = /data-left="(\d+)"/.exec(text) || [];
      if (!left) return;
      const headers = new Headers(answer.headers);
      headers.set(untilHead, Date.now() + Number(left));
      await (await caches.open(pages)).put(door,
        new Response(text, { headers }));
    },

    // The lists and pages whose day is over.
    async expire(now) {
      const db = await open();
      const doors = await result(db.transaction('doors').objectStore('doors')
        .getAll());
      await empty(doors.filter((kept) => kept.until <= now + kept.ahead)
        .map((kept) => kept.door));
      await expirePages(now);
    },
  };
})();
