// Sends what was pressed on this device, of whichever door, and asks one door
// for its news: for every page of staff's, and for the worker. What an answer
// means is decided here only. Draws nothing.
const doorSend = (() => {
  'use strict';
  // As many as a request may carry.
  const batch = 50;
  // A fault of the server's so often in a row is one of what it was sent.
  const faultsMost = 3;
  const soonest = 5000;
  const latest = 60000;
  const channel = new BroadcastChannel('rollcall-door');
  const listeners = [];
  const faults = new Map();
  let failures = 0;
  let notBefore = 0;

  // All pages of this device hear it, this one too.
  function tell(message) {
    for (const listener of listeners) listener(message);
    channel.postMessage(message);
  }

  channel.onmessage = ({ data }) => {
    for (const listener of listeners) listener(data);
  };

  // here; away: no server; busy: one that does not take it now; out: nobody is
  // signed in; no: not for this person; bad: never as it is; fault: its own
  function meaning({ type, status, ok }) {
    if (ok) return 'here';
    if (type === 'opaqueredirect' || status === 401 || status === 403) {
      return 'out';
    }
    if (status === 404) return 'no';
    if ([400, 413, 422].includes(status)) return 'bad';
    return status === 500 ? 'fault' : 'busy';
  }

  // Seconds, or a date.
  function asked(answer) {
    const told = answer && answer.headers.get('Retry-After');
    const until = Number(told) ? Number(told) * 1000
      : Date.parse(told) - Date.now();
    return Math.min(Math.max(until || 0, 0), 3600000);
  }

  // Longer each time, and not all devices at once.
  function wait(answer) {
    const most = Math.min(soonest * 2 ** failures++, latest);
    notBefore = performance.now() +
      Math.max(asked(answer), most * (1 + Math.random()) / 2);
  }

  async function post(door, csrf, held, whole, attempts) {
    return fetch(`${door}/sync`, { method: 'POST', redirect: 'manual',
      signal: AbortSignal.timeout(20000),
      body: new URLSearchParams({ csrf, device: await doorStore.device(),
        whole: whole ? 'yes' : 'no',
        ...(held && held.contact ? { contact: held.contact } : {}),
        attempts: JSON.stringify(attempts.map(({ sent }) => sent)) }) });
  }

  // Of what was not done whoever is at the door hears now; what nobody is there
  // to hear of, or was typed and would be lost, they find here later. What to
  // tell.
  async function settle(task, attempts, results) {
    const known = new Map(results.map((r) => [r.key, r]));
    const arrived = [];
    for (const { place, sent } of attempts) {
      const { is_done: done, result, said } = known.get(sent.key) || {};
      if (done !== false || result === 'already' ||
        (task.open && !sent.email)) {
        arrived.push(place);
      } else {
        await doorStore.aside([place], said);
        known.delete(sent.key);
      }
    }
    await doorStore.drop(arrived);
    return task.open ? [...known.values()].filter((r) => !r.is_done) : [];
  }

  async function take(task, held, attempts, said) {
    // Of whom it was about, what became of it says more than the list; and
    // without a list they are known all the same.
    const people = new Map(said.people.map((p) => [p.id, p]));
    for (const { participant_id: id, ...told } of said.results) {
      if (id) people.set(id, { is_in: true, ...people.get(id), ...told, id });
    }
    said.people = [...people.values()];
    // The list is for the door's page, and none without it.
    if (task.open || held) await doorStore.heard(task.door, task.user, said);
    const news = await settle(task, attempts, said.results);
    failures = 0;
    tell({ door: task.door, state: 'here', said, news, names:
      Object.fromEntries(attempts.map((a) => [a.sent.key, a.name])) });
    return 'here';
  }

  // What is refused is set aside, alone: half by half the others go on.
  async function divide(task, attempts, status) {
    if (attempts.length === 0) return 'busy';
    if (attempts.length === 1) {
      await doorStore.aside([attempts[0].place], status);
      tell({ door: task.door });
      return 'here';
    }
    const half = attempts.length >> 1;
    const state = await give(task, attempts.slice(0, half));
    return state === 'here' ? give(task, attempts.slice(half)) : state;
  }

  async function refused(task, state, answer, attempts) {
    if (state === 'out' || state === 'no') await doorStore.forget([task.door]);
    // Of them all: none is sent there again by itself.
    if (state === 'no') {
      const all = await doorStore.attempts(task.door);
      await doorStore.aside(all.filter((a) => a.user === task.user && !a.why)
        .map((a) => a.place), 404);
    }
    if (state === 'fault') {
      const often = (faults.get(task.door) || 0) + 1;
      faults.set(task.door, often);
      if (often < faultsMost) state = 'busy';
    }
    if (state === 'bad' || state === 'fault') {
      state = await divide(task, attempts, answer.status);
    }
    if (state === 'busy') wait(answer);
    return state;
  }

  async function give(task, attempts) {
    const held = await doorStore.door(task.door);
    let answer;
    let said;
    try {
      answer = await post(task.door, task.csrf, held, task.whole || !held,
        attempts);
      if (answer.ok) said = await answer.json();
    } catch {
      wait();
      return 'away';
    }
    task.whole = false;
    const state = meaning(answer);
    return state === 'here' ? take(task, held, attempts, said)
      : refused(task, state, answer, attempts);
  }

  const waiting = async (door, user) => (await doorStore.attempts(door))
    .filter((a) => a.user === user && !a.why).slice(0, batch);

  // One door: its news too, when its page is open.
  async function round(task) {
    let state = 'here';
    let some = await waiting(task.door, task.user);
    if (some.length === 0 && !task.open) return state;
    do {
      state = await give(task, some);
      some = await waiting(task.door, task.user);
    } while (state === 'here' && some.length > 0);
    if (state === 'here') faults.delete(task.door);
    else tell({ door: task.door, state });
    return state;
  }

  async function others(me, door) {
    const queue = await doorStore.queue();
    const doors = new Set(queue.filter((a) => a.user === me.user && !a.why &&
      a.door !== door).map((a) => a.door));
    for (const other of doors) {
      const state = await round({ ...me, door: other });
      if (state !== 'here' && state !== 'no') return state;
    }
    return 'here';
  }

  // One page of this browser at a time. door: of the page that is open.
  const sync = (door, whole) => navigator.locks.request('rollcall-door',
    async () => {
      await doorStore.expire(Date.now());
      const me = await doorStore.who();
      if (!me) {
        tell({ door, state: 'out' });
        return 'out';
      }
      const state = door ? await round({ ...me, door, whole, open: true })
        : 'here';
      return state === 'here' || state === 'no' ? others(me, door) : state;
    });

  return {
    sync,
    // The device has presses that may be sent.
    async isWaiting() {
      const me = await doorStore.who();
      return (await doorStore.queue()).some((a) => !a.why && me &&
        a.user === me.user);
    },
    // How long to wait until it makes sense to try, in milliseconds.
    pause: () => Math.max(0, notBefore - performance.now()),
    hurry() {
      failures = 0;
      notBefore = 0;
    },
    listen: (listener) => listeners.push(listener),
    // Something was put aside, taken back or pressed here.
    changed: (door) => tell({ door }),
  };
})();
