"""SIGKILL, again and again, while four sweeps deliver: nothing is lost.

FULL=1: 1,000 times during 50,000 messages, else 24 during 900.  The same is
then done to a database that marks a message as sent before it is sent, so
that this test is seen to be able to fail.
"""

import collections
import random
import signal
import sys
import time

from crowd import FULL, Stack, equal, finish, make_crowd, run
from relay import Relay

KILLS, MESSAGES, SPAN = (1000, 50000, 80) if FULL else (24, 900, 40)
# What is looked for is found among fewer too.
FEWER = 10 if FULL else 3
SWEEPS = 4
# 8 connections a sweep, each message for about 8 ms on the way.
CONNECTIONS, WAIT = 8, 0.004

MARK_BEFORE_SEND = """
    create or replace function keep_messages(
      p_ids bigint[], p_leases bigint[], p_messages bytea[]
    ) returns setof bigint language plpgsql security definer
      set search_path = pg_catalog, public, pg_temp
    as $$ begin
      return query select record_sent(
        p_ids, p_leases, array_fill(250, array[cardinality(p_ids)]),
        array_fill(0, array[cardinality(p_ids)]));
    end $$"""


def wait_for_arrivals(sweeps, relay, wanted):
    """Until so many came, or a sweep found nothing more to do."""
    deadline = time.monotonic() + 30
    while len(relay.kept) < wanted and not any(
            sweep.poll() is not None for sweep in sweeps):
        if time.monotonic() > deadline:
            raise AssertionError(f"only {len(relay.kept)} of {wanted} came")
        time.sleep(0.001)


def kill_until_dry(relay, kills):
    """Four sweeps, one after the other killed and replaced; how many were
    killed until one found nothing it may take."""
    def begin():
        # setpriv and env become the sweep: the id is its own.
        return stack.begin("sweep", SMTP_URL=relay.url)

    sweeps = [begin() for _ in range(SWEEPS)]
    killed = 0
    while killed < kills:
        wait_for_arrivals(sweeps, relay,
                          len(relay.kept) + random.randrange(1, SPAN))
        time.sleep(random.random() * 3 * WAIT)
        chosen = random.randrange(SWEEPS)
        if any(sweep.poll() is not None for sweep in sweeps):
            break
        sweeps[chosen].send_signal(signal.SIGKILL)
        stack.spoken += sweeps[chosen].communicate()
        killed += sweeps[chosen].returncode == -signal.SIGKILL
        sweeps[chosen] = begin()
    for sweep in sweeps:
        stack.spoken += sweep.communicate(timeout=120)
    return killed


def kill_through(slug, kills, messages):
    """Delivers to a crowd through kills; what came to whom, ..."""
    relay = Relay(wait=WAIT)
    make_crowd(stack, slug, messages, admin=False)
    stack.sql("select advance_events(); "
              f"select schedule_post_event_prompts({messages + 1})",
              "rollcall_sweep")
    killed = 0
    try:
        while killed < kills and messages > len({to for to, _ in relay.kept}):
            killed += kill_until_dry(relay, kills - killed)
            # None lives: the leases of the dead end.
            stack.later("6 minutes")
        finish(stack, relay.url)
    finally:
        relay.stop()
    came = collections.defaultdict(list)
    for to, content in relay.kept:
        came[to].append(content)
    lost = messages - len(came)
    copies = len(relay.kept) - len(came)
    print(f"# {slug}: {SWEEPS} sweeps, {killed} kills, {messages} messages, "
          f"{len(relay.kept)} arrived, {lost} lost, {copies} copies",
          flush=True)
    return killed, came, lost, copies


def loses_nothing():
    killed, came, lost, copies = kill_through("kill", KILLS, MESSAGES)
    equal(lost, 0, "lost")
    equal(killed, KILLS, "kills")
    if copies > killed * CONNECTIONS:
        raise AssertionError(f"{copies} copies by {killed} kills")
    if not copies:
        raise AssertionError("no kill came between sending and recording")
    for to, contents in came.items():
        equal(len(set(contents)), 1, to)
    equal(stack.number("select count(*) from notification_log where "
                       "state = 'sent'"), MESSAGES)
    equal(stack.number("select count(*) from scheduled_notifications "
                       "where message is not null"), 0)


def can_fail():
    stack.sql(MARK_BEFORE_SEND)
    # Of a few kills, all may come while nothing is on its way.
    for turn in range(1, 11):
        _, _, lost, _ = kill_through(f"mark-{turn}", KILLS // FEWER,
                                     MESSAGES // FEWER)
        if lost:
            return
    raise AssertionError("it lost nothing: the kills prove nothing")


stack = Stack()
STATUS = run([
    (f"R-F1 {SWEEPS} sweeps, {KILLS} kills, {MESSAGES} messages: none lost, "
     "copies alike and at most one a kill and connection", loses_nothing),
    ("R-F1 the same kills lose some where a message is marked before it is "
     "sent", can_fail),
])
stack.stop()
sys.exit(STATUS)
