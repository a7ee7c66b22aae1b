"""PostgreSQL stopped at once, its disk full, a sweep frozen past its lease, a
clock that jumps: while messages are delivered, and none is lost.

FULL=1: 20 stops during 5,000 messages, else 3 during 400.
"""

import collections
import errno
import os
import random
import signal
import subprocess
import sys
import time

# A database that would survive a crash.
os.environ["FAST"] = ""

# pylint: disable=wrong-import-position
from crowd import FULL, Stack, equal, finish, make_crowd, run, wait_for  # noqa: E402,E501
from relay import Relay  # noqa: E402

STOPS, MESSAGES = (20, 5000) if FULL else (3, 400)
# The most messages under way at once, of one sweep.
CONNECTIONS = 8
SPARE = 48 << 20  # bytes of disk that the database has left


def begin_anew():
    """No event of an earlier test is asked about."""
    stack.rules()
    stack.sql("delete from events; delete from notification_log; "
              "delete from delivery_channels")


def plan(count):
    stack.sql("select advance_events(); "
              f"select schedule_post_event_prompts({count + 1})",
              "rollcall_sweep")


def arrivals(relay):
    """The messages by address, which are alike where there are several."""
    came = collections.defaultdict(list)
    for to, content in relay.kept:
        came[to].append(content)
    for to, contents in came.items():
        equal(len(set(contents)), 1, to)
    return came


def all_came(relay, count, copies, what):
    came = arrivals(relay)
    print(f"# {what}: {count} messages, {len(relay.kept)} arrived, "
          f"{count - len(came)} lost, {len(relay.kept) - len(came)} copies",
          flush=True)
    equal(len(came), count, "came")
    if len(relay.kept) - len(came) > copies:
        raise AssertionError(f"more than {copies} copies")
    equal(stack.number("select count(*) from notification_log where "
                       "state = 'sent'"), count, "recorded")


def is_back():
    try:
        return stack.sql("select 1")
    except AssertionError:
        return None


def postmaster():
    with open(stack.path("var", "postgresql", "postmaster.pid"),
              encoding="ascii") as file:
        return int(file.readline())


def stop_at_once():
    """As pg_ctl stop -m immediate; then it is started again."""
    server = postmaster()
    os.kill(server, signal.SIGQUIT)
    wait_for(lambda: not os.path.exists(f"/proc/{server}"), "its end")
    stack.script("cluster", "start")
    wait_for(is_back, "the database")


def outlasts_stops():
    relay = Relay(wait=0.004)
    make_crowd(stack, "stops", MESSAGES, admin=False)
    plan(MESSAGES)
    for number in range(STOPS):
        sweep = stack.begin("sweep", SMTP_URL=relay.url)
        share = MESSAGES * (number + random.random()) / STOPS
        while len(relay.kept) < share and sweep.poll() is None:
            time.sleep(0.001)
        equal(sweep.poll(), None, "the sweep ended by itself")
        stop_at_once()
        out, err = sweep.communicate(timeout=60)
        stack.spoken += [out, err]
        equal(sweep.returncode, 75, err)
        stack.later("6 minutes")
    finish(stack, relay.url)
    relay.stop()
    all_came(relay, MESSAGES, STOPS * CONNECTIONS, f"{STOPS} stops")


def thaws_too_late():
    """Frozen past its lease: others have sent its messages by then."""
    count = 60
    begin_anew()
    make_crowd(stack, "frozen", count, admin=False)
    plan(count)
    relay = Relay(wait=0.05)
    frozen = stack.begin("sweep", SMTP_URL=relay.url)
    wait_for(lambda: len(relay.kept) > 10, "some messages")
    frozen.send_signal(signal.SIGSTOP)
    time.sleep(0.2)
    stack.later("6 minutes")
    stack.sweep(SMTP_URL=relay.url)
    equal(len(arrivals(relay)), count, "all came without it")
    logged = stack.sql("select count(*), max(id) from notification_log")
    frozen.send_signal(signal.SIGCONT)
    out, err = frozen.communicate(timeout=60)
    stack.spoken += [out, err]
    equal(frozen.returncode, 0, err)
    relay.stop()
    equal(stack.sql("select count(*), max(id) from notification_log"), logged,
          "what it believes to have sent changes nothing")
    all_came(relay, count, CONNECTIONS, "frozen")


def outlasts_a_clock_that_jumps():
    """Two hours back, and on again, in the middle of it; a jump forward ends
    the leases of what is under way, which another may send then."""
    count = 40
    begin_anew()
    make_crowd(stack, "clock", count, admin=False)
    plan(count)
    relay = Relay(wait=0.05)
    for jump in ("- interval '2 hours'", "+ interval '2 hours'",
                 "+ interval '2 hours'", "- interval '2 hours'"):
        sweep = stack.begin("sweep", SMTP_URL=relay.url)
        came = len(relay.kept)
        wait_for(lambda at=came: len(relay.kept) > at + 2
                 or sweep.poll() is not None, "some messages")
        stack.sql(f"update test_clock set at = at {jump}")
        out, err = sweep.communicate(timeout=60)
        stack.spoken += [out, err]
        equal(sweep.returncode, 0, err)
    finish(stack, relay.url)
    relay.stop()
    all_came(relay, count, 2 * CONNECTIONS, "clock")


def fill_disk(folder):
    """Takes what is left but a little; the file to remove."""
    name = os.path.join(folder, "filler")
    stats = os.statvfs(folder)
    left = stats.f_bavail * stats.f_frsize
    with open(name, "wb") as file:
        try:
            file.write(bytes(max(0, left - 65536)))
        except OSError as error:
            # The database took some of it meanwhile: it is as full as that.
            if error.errno != errno.ENOSPC:
                raise
    return name


def outlasts_a_full_disk():
    """The database on a small disk of its own, which another program fills."""
    count = 200
    begin_anew()
    make_crowd(stack, "disk", count, admin=False)
    plan(count)
    relay = Relay(wait=0.01)
    data = stack.path("var", "postgresql")
    stack.script("cluster", "stop")
    used = int(subprocess.run(["du", "-sb", data], check=True, text=True,
                              capture_output=True).stdout.split()[0])
    os.rename(data, data + ".old")
    os.mkdir(data, 0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o",
                    f"size={used + SPARE},mode=0700", "none", data],
                   check=True)
    try:
        subprocess.run(["cp", "-a", data + ".old/.", data], check=True)
        subprocess.run(["chown", "--reference", data + ".old", data],
                       check=True)
        stack.script("cluster", "start")
        sweep = stack.begin("sweep", SMTP_URL=relay.url)
        wait_for(lambda: len(relay.kept) > 20, "some messages")
        filler = fill_disk(data)
        out, err = sweep.communicate(timeout=120)
        stack.spoken += [out, err]
        before = len(relay.kept)
        done = stack.program("sweep", SMTP_URL=relay.url)
        print(f"# full: it ended with {sweep.returncode}, the next with "
              f"{done.returncode}, {len(relay.kept) - before} sent", flush=True)
        os.remove(filler)
        if not is_back():
            stack.script("cluster", "start")
            wait_for(is_back, "the database")
        finish(stack, relay.url)
        all_came(relay, count, 2 * CONNECTIONS, "disk full")
    finally:
        relay.stop()
        subprocess.run(["umount", "-l", data], check=True)


def may_mount():
    """Whether this process may: root in a container often may not."""
    if os.geteuid():
        return False
    probe = stack.path("probe")
    os.mkdir(probe)
    done = subprocess.run(["mount", "-t", "tmpfs", "none", probe],
                          capture_output=True, check=False)
    if done.returncode == 0:
        subprocess.run(["umount", probe], check=True)
    os.rmdir(probe)
    return done.returncode == 0


stack = Stack()
TESTS = [
    (f"R-F1 the database stopped at once, {STOPS} times: none lost, copies "
     "alike and at most one a connection", outlasts_stops),
    ("R-F1 frozen past its lease, a sweep changes nothing any more",
     thaws_too_late),
    ("R-F1 the clock two hours back and on: none lost, copies alike",
     outlasts_a_clock_that_jumps),
]
FULL_DISK = ("R-F1 the database's disk full: none lost", outlasts_a_full_disk)
if may_mount():
    TESTS.append(FULL_DISK)
else:
    TESTS.append((FULL_DISK[0] + " # SKIP needs the right to mount",
                  lambda: None))
STATUS = run(TESTS)
stack.stop()
sys.exit(STATUS)
