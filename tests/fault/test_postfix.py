"""R-F2: a real mail server, which takes a message at once and finds out later
that the next one does not: what comes back, as it writes it, is dealt with."""

import os
import sys

from crowd import Stack, equal, finish, make_crowd, run, wait_for
from postfix import Postfix
from relay import Relay

BACK = "bounce@rollcall.example"
stack = Stack()


def hands_back():
    """The command of docs/BOUNCES.md, and where it is at home."""
    return ["/usr/bin/env", "-C", stack.directory,
            "ROLLCALL_CONFIG=var/rollcall.conf", f"BOUNCE_ADDRESS={BACK}",
            os.path.join(stack.directory, stack.bin, "rollcallctl"), "bounce"]


def behind(relay):
    return Postfix(relay.port, BACK, hands_back(), "rollcall")


def is_told_who_does_not_exist():
    make_crowd(stack, "back", 3, admin=False)
    relay = Relay(rcpt="550 5.1.1 no such user")
    postfix = behind(relay)
    summary = stack.sweep(SMTP_URL=postfix.url, BOUNCE_ADDRESS=BACK)
    equal(summary["sent"], 3, "the server takes them")
    wait_for(lambda: stack.number(
        "select count(*) from users where suppressed_cause = '5.1.1'") == 3,
        f"what came back: {postfix.log()}", 60)
    equal(stack.number("select count(*) from notification_log where "
                       "state = 'sent' and bounced_at is not null"), 3)
    postfix.stop()
    relay.stop()


def blames_nobody_for_a_policy():
    make_crowd(stack, "policy", 2, admin=False)
    relay = Relay(rcpt="550 5.7.1 not from you")
    postfix = behind(relay)
    stack.sweep(SMTP_URL=postfix.url, BOUNCE_ADDRESS=BACK)
    wait_for(lambda: stack.number(
        "select count(*) from notification_log where bounced_at is not null "
        "and last_error like '5.7.1%'") == 2, "what came back", 60)
    equal(stack.number("select count(*) from users where suppressed_at is not "
                       "null and email like '%@policy.example'"), 0)
    postfix.stop()
    relay.stop()


def delivers():
    make_crowd(stack, "good", 20, admin=False)
    relay = Relay()
    postfix = behind(relay)
    finish(stack, postfix.url, BOUNCE_ADDRESS=BACK)
    wait_for(lambda: len(relay.kept) == 20, "what was passed on", 60)
    equal(len({to for to, _ in relay.kept}), 20)
    for _, content in relay.kept:
        equal(content.count(b"\nList-Unsubscribe-Post:"), 1)
    postfix.stop()
    relay.stop()


TESTS = [
    ("R-F1 through a real mail server everything arrives, once", delivers),
    ("R-F2 5.1.1 that comes back suppresses the address",
     is_told_who_does_not_exist),
    ("R-F2 5.7.1 that comes back is noted and suppresses nobody",
     blames_nobody_for_a_policy),
]
if os.geteuid():
    TESTS = [(name + " # SKIP needs root", lambda: None) for name, _ in TESTS]
STATUS = run(TESTS)
stack.stop()
sys.exit(STATUS)
