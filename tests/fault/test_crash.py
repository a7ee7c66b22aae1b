"""The database crashes while a whole event answers: what was told is there.

Answers wait for their place in one chain of the audit, but not for each other's
way to the disk; each person is told only after their own.  FULL=1: 20 crashes,
else 3.
"""

import collections
import http.client
import itertools
import os
import signal
import sys
import threading
import time
import urllib.parse

# A database that would survive a crash.
os.environ["FAST"] = ""

# pylint: disable=wrong-import-position
from crowd import FULL, Stack, equal, make_crowd, run, wait_for  # noqa: E402

CRASHES = 20 if FULL else 3
PEOPLE, PRESSERS = 24, 8
ANSWERS = ("attended", "partial", "not_attended")


class Presser(threading.Thread):
    """Changes the answers of its people until it is told that one failed."""

    def __init__(self, links):
        super().__init__()
        self.links = links
        self.told = collections.defaultdict(list)  # answers by link
        self.status = None  # of the press that failed

    def press(self, link, answer):
        site = urllib.parse.urlsplit(stack.url)
        line = http.client.HTTPConnection(site.hostname, site.port, timeout=60)
        line.request("POST", link, f"status={answer}", {
            "Origin": stack.url,
            "Content-Type": "application/x-www-form-urlencoded"})
        status = line.getresponse().status
        line.close()
        return status

    def run(self):
        for answer in itertools.cycle(ANSWERS):
            for link in self.links:
                self.status = self.press(link, answer)
                if self.status != 303:
                    return
                self.told[link].append(answer)


def crash():
    """As when the machine stops: what is not on disk by then is gone."""
    os.kill(wal_writer(), signal.SIGKILL)


def wal_writer():
    return stack.number("select pid from pg_stat_activity "
                        "where backend_type = 'walwriter'")


def stop_writing():
    """From now on only who waits for the disk writes to it."""
    os.kill(wal_writer(), signal.SIGSTOP)


def is_back():
    try:
        return stack.sql("select 1")
    except AssertionError:
        return None


def audited():
    """What the audit says of each person's answers, in order."""
    found = collections.defaultdict(list)
    for line in stack.sql(
            "select u.email, new_status from event_attendance_audit a "
            "join users u on u.id = a.user_id where action = 'self_report' "
            "order by seq").splitlines():
        found[line.split("|")[0]].append(line.split("|")[1])
    return found


def compare(before, after, told):
    """Every change told is the audit's next; one more was under way."""
    told = told[1:] if told[:1] == before[-1:] else told
    new = after[len(before):]
    equal(new[:len(told)], told, "the answers that were told")
    if len(new) > len(told) + 1:
        raise AssertionError(f"{new} of {told}")


def crash_once(links):
    """How many answers were told before it."""
    before = audited()
    every = sorted(links)
    pressers = [Presser(every[n::PRESSERS]) for n in range(PRESSERS)]
    stop_writing()
    for presser in pressers:
        presser.start()
    time.sleep(1)
    crash()
    for presser in pressers:
        presser.join()
    wait_for(is_back, "the database")
    after = audited()
    for presser in pressers:
        equal(presser.status, 503, "the press that failed")
        for link in presser.links:
            to = links[link]
            compare(before[to], after[to], presser.told[link])
    return sum(len(told) for p in pressers for told in p.told.values())


def loses_nothing_that_was_told():
    make_crowd(stack, "crash", PEOPLE, admin=False)
    stack.sweep()
    links = {mail.link("r"): mail.to for mail in stack.mails()}
    equal(len(links), PEOPLE)
    told = [crash_once(links) for _ in range(CRASHES)]
    equal(stack.sql("select * from verify_audit(null)"), "", "the chain")
    print(f"# answers told before each crash: {told}", flush=True)
    if min(told) < PRESSERS:
        raise AssertionError("too few to tell")


stack = Stack()
STATUS = run([
    (f"R-A7 {CRASHES} crashes of the database: no answer is lost that was "
     "told", loses_nothing_that_was_told),
])
stack.stop()
sys.exit(STATUS)
