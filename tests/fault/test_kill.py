"""SIGKILL, again and again, while the sweep delivers: nothing is lost.

FULL=1: 200 times during 10,000 messages, else 20 during 600.  The same is
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

KILLS, MESSAGES, SPAN = (200, 10000, 80) if FULL else (20, 600, 40)
# A short run looks for a loss among fewer.
FEWER = 1 if FULL else 4
# 8 connections, each message for about 8 ms on the way.
CONNECTIONS, WAIT = 8, 0.004

MARK_BEFORE_SEND = """
    create or replace function keep_message(
      p_id bigint, p_lease bigint, p_message bytea
    ) returns boolean language plpgsql security definer
      set search_path = pg_catalog, public, pg_temp
    as $$ begin return record_sent(p_id, p_lease, 250, 0); end $$"""


class Figures:
    """What the killing did."""

    def __init__(self):
        self.kills = self.in_flight = self.most = 0


def wait_for_arrivals(sweep, relay, wanted):
    deadline = time.monotonic() + 30
    while len(relay.kept) < wanted and sweep.poll() is None:
        if time.monotonic() > deadline:
            raise AssertionError(f"only {len(relay.kept)} of {wanted} came")
        time.sleep(0.001)


def kill_once(relay, figures):
    """One sweep, killed after a few messages; how many were under way."""
    attempts = ("select count(*) from scheduled_notifications where "
                "lease_until > app_now() and first_attempt_at is not null")
    sweep = stack.begin("sweep", SMTP_URL=relay.url)
    # setpriv and env become the sweep: the id is its own.
    wait_for_arrivals(sweep, relay,
                      len(relay.kept) + random.randrange(1, SPAN))
    time.sleep(random.random() * 3 * WAIT)
    if sweep.poll() is None:
        sweep.send_signal(signal.SIGKILL)
    stack.spoken += sweep.communicate()
    if sweep.returncode != -signal.SIGKILL:
        return
    figures.kills += 1
    under_way = stack.number(attempts)
    figures.in_flight += under_way
    figures.most = max(figures.most, under_way)
    # The leases of the dead end.
    stack.sql("update scheduled_notifications set lease_until = app_now() "
              "where lease_until is not null")


def kill_through(slug, kills, messages):
    """Delivers to a crowd through kills; figures, what came to whom, ..."""
    relay = Relay(wait=WAIT)
    make_crowd(stack, slug, messages, admin=False)
    figures = Figures()
    try:
        for _ in range(4 * kills):
            if figures.kills == kills or not messages - len(
                    {to for to, _ in relay.kept}):
                break
            kill_once(relay, figures)
        finish(stack, relay.url)
    finally:
        relay.stop()
    came = collections.defaultdict(list)
    for to, content in relay.kept:
        came[to].append(content)
    lost = messages - len(came)
    copies = len(relay.kept) - len(came)
    print(f"# {slug}: {figures.kills} kills, {messages} messages, "
          f"{len(relay.kept)} arrived, {lost} lost, {copies} copies, "
          f"{figures.in_flight} under way when killed (at most "
          f"{figures.most} at once)", flush=True)
    return figures, came, lost, copies


def loses_nothing():
    figures, came, lost, copies = kill_through("kill", KILLS, MESSAGES)
    equal(lost, 0, "lost")
    if figures.kills < KILLS:
        raise AssertionError(f"only {figures.kills} kills")
    if figures.most > CONNECTIONS:
        raise AssertionError(f"{figures.most} under way at once")
    if copies > figures.in_flight:
        raise AssertionError(f"{copies} copies of {figures.in_flight}")
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
    _, _, lost, _ = kill_through("mark", KILLS // FEWER, MESSAGES // FEWER)
    if not lost:
        raise AssertionError("it lost nothing: the kills prove nothing")


stack = Stack()
STATUS = run([
    (f"R-F1 {KILLS} kills, {MESSAGES} messages: none lost, copies alike",
     loses_nothing),
    ("R-F1 the same kills lose some where a message is marked before it is "
     "sent", can_fail),
])
stack.stop()
sys.exit(STATUS)
