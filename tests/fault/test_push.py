"""Push services in every bad mood: what is pushed, what is mailed instead."""

import email.utils
import json
import os
import signal
import socket
import sys
import tempfile
import time

from crowd import Stack, equal, make_crowd, run, wait_for
from receiver import Receiver
from relay import Relay, make_certificates

stack = Stack()
folder = tempfile.TemporaryDirectory()
CA, context = make_certificates(folder.name)
os.chmod(folder.name, 0o755)
os.chmod(CA, 0o644)


def token(slug, person, device=1):
    return f"token-of-{slug}-{person}-device-{device}"


def begin_anew(slug, people, owners, devices=1):
    """A crowd, the first of whom have devices; what is to be asked of it."""
    stack.sql("truncate organizations, users, scheduled_notifications, "
              "notification_log, notification_pushes cascade; "
              "update delivery_channels set paused_until = null, "
              "outage_from = null, outage_to = null, failing = '{}'")
    make_crowd(stack, slug, people)
    stack.sql(f"""
        insert into device_tokens (user_id, token, token_hash, name)
        select u.id, t.token, sha256(convert_to(t.token, 'UTF8')), 'Phone'
        from generate_series(1, {owners}) n
        cross join generate_series(1, {devices}) d
        join users u on u.email = 'p' || n || '@{slug}.example'
        cross join lateral (
          select format('token-of-{slug}-%s-device-%s', n, d) as token) t""")


def sweep(receiver, relay, **settings):
    return stack.sweep(SMTP_URL=relay.url, PUSH_URL=receiver.url, **settings)


def mailed(relay, slug):
    return sorted(to for to, _ in relay.kept if to.startswith("p")
                  and to.endswith(f"@{slug}.example"))


def people(slug, first, last):
    return sorted(f"p{n}@{slug}.example" for n in range(first, last + 1))


def ledger():
    """How many of the prompts left by which way, and what was before."""
    return stack.sql("""
        select string_agg(line, ', ' order by line) from (
          select concat_ws(' ', count(*), state, channel, push_state,
            push_cause, push_reply_code) as line
          from notification_log where kind = 'attendance_prompt'
          group by state, channel, push_state, push_cause, push_reply_code) l
        """)


def devices():
    return stack.number("select count(*) from device_tokens")


def notices():
    return stack.number("""
        select count(*) from (
          select notification_id from notification_log
          where kind = 'staff_notice'
          union
          select notification_id from scheduled_notifications
          where kind = 'staff_notice') n""")


def told(test):
    """With a relay of its own; both are stopped whatever happens."""
    def wrapped():
        relay = Relay()
        test.receivers = []
        try:
            test(relay)
        finally:
            relay.stop()
            for receiver in test.receivers:
                receiver.stop()
    wrapped.inner = test
    return wrapped


def opened(test, *args, **kwargs):
    receiver = Receiver(*args, **kwargs)
    test.receivers.append(receiver)
    return receiver


def pushes_to_devices(relay):
    begin_anew("first", 20, 10, devices=2)
    receiver = opened(pushes_to_devices)
    summary = sweep(receiver, relay)
    equal((summary["sent"], summary["pushed"]), (20, 10))
    equal(ledger(), "10 sent email skipped no_device, 10 sent push")
    equal(mailed(relay, "first"), people("first", 11, 20))
    equal(len(set(receiver.keys())), 10, "a key each")
    if len(receiver.connections) > 8:
        raise AssertionError(f"{len(receiver.connections)} connections")
    for push in receiver.seen:
        equal(set(push.said), {"user_id", "title", "body", "data",
                               "notification_id", "tokens"})
        equal(push.headers["Content-Type"], "application/json")
        equal(push.said["title"], "Were you at Spring regatta?")
        equal(push.said["data"]["kind"], "attendance_prompt")
        equal("/r/" in push.said["data"]["link"], True, "a link")
        person = stack.sql(f"select email from users where id = "
                           f"{push.said['user_id']}").split("@")[0][1:]
        equal(push.said["tokens"],
              [token("first", person, n) for n in (1, 2)])
        equal(push.said["notification_id"] in push.key, False, "keyed")
    for line in stack.spoken:
        equal("token-of-" in line, False, "R-G3 a token is logged")
    equal(stack.number("select count(*) from device_tokens where "
                       "last_used_at is not null"), 20)


def mails_when_all_are_gone(relay):
    begin_anew("gone", 5, 5, devices=2)
    receiver = opened(mails_when_all_are_gone, lambda push: (410, {}, b""))
    summary = sweep(receiver, relay)
    equal((summary["sent"], summary["not_pushed"]), (5, 5))
    equal(ledger(), "5 sent email dead devices_gone 410")
    equal(mailed(relay, "gone"), people("gone", 1, 5))
    equal((devices(), len(receiver.seen), notices()), (0, 5, 0))


def pushes_to_those_that_are_left(relay):
    begin_anew("left", 5, 5, devices=3)

    def answer(push):
        first = push.said["tokens"][0]
        if len(push.said["tokens"]) == 3:
            return 404, {}, json.dumps({"gone": [first]}).encode()
        return 200, {}, json.dumps({"gone": [first, 5, None]}).encode()

    receiver = opened(pushes_to_those_that_are_left, answer)
    equal(sweep(receiver, relay)["pushed"], 5)
    equal(ledger(), "5 sent push")
    equal((devices(), len(receiver.seen)), (5, 10))
    equal(len(set(receiver.keys())), 5, "the same key again")
    equal(mailed(relay, "left"), [])


def mails_what_was_taken_for_none(relay):
    begin_anew("none", 2, 2)
    receiver = opened(
        mails_what_was_taken_for_none, lambda push: (
            200, {}, json.dumps({"gone": push.said["tokens"]}).encode()))
    equal(sweep(receiver, relay)["sent"], 2)
    equal(ledger(), "2 sent email dead devices_gone 200")


def forgets_nobody_elses(relay):
    begin_anew("else", 2, 2)
    receiver = opened(
        forgets_nobody_elses, lambda push: (200, {}, json.dumps(
            {"gone": [token("else", n) for n in (1, 2)
                      if token("else", n) not in push.said["tokens"]]}
        ).encode()))
    equal(sweep(receiver, relay)["pushed"], 2)
    equal(devices(), 2)


def is_our_fault(slug, answer, code, **settings):
    """Three are tried; all are mailed in the same run, and admins are told."""
    def test(relay):
        begin_anew(slug, 20, 20)
        other = opened(test)
        receiver = opened(test, lambda push: answer(other), **settings)
        summary = sweep(receiver, relay)
        equal((summary["sent"], summary["pushed"], summary["push_down"],
               summary["channel_down"]), (20, 0, True, False))
        equal(mailed(relay, slug), people(slug, 1, 20))
        if not 3 <= len(receiver.seen) <= 3 + 8:
            raise AssertionError(f"{len(receiver.seen)} tried in vain")
        equal(len(other.seen), 0, "it was followed")
        equal(stack.sql("select string_agg(distinct concat_ws(' ', push_state,"
                        " push_cause, push_reply_code), ', ') from "
                        "notification_log where kind = 'attendance_prompt'"),
              f"dead push_refused {code}, skipped push_down")
        equal((devices(), notices()), (20, 1))
    return test


def waits(slug, first, seconds):
    """Refused at first; the same again to the byte, not before it may."""
    def test(relay):
        begin_anew(slug, 2, 2)
        moods = {}

        def answer(push):
            moods[push.key] = moods.get(push.key, 0) + 1
            return first() if moods[push.key] == 1 else (204, {}, b"")

        receiver = opened(test, answer)
        equal(sweep(receiver, relay)["retried"], 2)
        equal(stack.sql("select string_agg(distinct concat_ws(' ', channel, "
                        "cause), ', ') from scheduled_notifications"),
              "push push_retry")
        if seconds:
            stack.later(f"{seconds - 5} seconds")
            equal(sweep(receiver, relay)["claimed"], 0, "too early")
            stack.later("10 seconds")
        else:
            stack.later("61 seconds")
        equal(sweep(receiver, relay)["pushed"], 2)
        equal(ledger(), "2 sent push")
        equal(len(receiver.seen), 4)
        bodies = {}
        for push in receiver.seen:
            equal(bodies.setdefault(push.key, push.body), push.body)
        equal((len(bodies), mailed(relay, slug)), (2, []))
    return test


def later(answer):
    return lambda: (answer, {"Retry-After": email.utils.formatdate(
        time.time() + 121, usegmt=True)}, b"<html>busy</html>")


def mails_after_ten_minutes(relay):
    begin_anew("late", 2, 2)
    receiver = opened(mails_after_ten_minutes, lambda push: (503, {}, b""))
    for _ in range(3):
        sweep(receiver, relay)
        equal(mailed(relay, "late"), [])
        stack.later("2 minutes 20 seconds")
    for _ in range(3):
        sweep(receiver, relay)
        stack.later("61 seconds")
    equal(mailed(relay, "late"), people("late", 1, 2))
    equal(ledger(), "2 sent email dead push_late 503")


def is_not_held_up_by_a_hang(relay):
    begin_anew("hang", 20, 2)
    receiver = opened(is_not_held_up_by_a_hang, lambda push: 30)
    started = time.monotonic()
    sweeping = stack.begin("sweep", SMTP_URL=relay.url, PUSH_URL=receiver.url)
    wait_for(lambda: len(mailed(relay, "hang")) == 18, "mail", 9)
    sweeping.communicate(timeout=30)
    took = time.monotonic() - started
    if not 10 <= took < 15:
        raise AssertionError(f"took {took:.1f} s")
    equal(stack.sql("select string_agg(last_error, ', ') from "
                    "scheduled_notifications"), "time out, time out")
    equal(mailed(relay, "hang"), people("hang", 3, 20))


def reads_little(relay):
    begin_anew("much", 3, 3)
    receiver = opened(reads_little, lambda push: (
        200, {"Content-Type": "text/html"}, b"<p>" * 3500000))
    equal(sweep(receiver, relay)["pushed"], 3)
    if receiver.given > 3 * 8000000:
        raise AssertionError(f"{receiver.given} bytes were taken")
    equal((ledger(), devices()), ("3 sent push", 3))


def survives_a_kill(relay):
    begin_anew("kill", 2, 2)
    receiver = opened(survives_a_kill, lambda push: 3)
    sweeping = stack.begin("sweep", SMTP_URL=relay.url, PUSH_URL=receiver.url)
    wait_for(lambda: len(receiver.seen) == 2, "two pushes")
    sweeping.send_signal(signal.SIGKILL)
    sweeping.communicate(timeout=30)
    receiver.answer = lambda push: (200, {}, b"")
    stack.later("5 minutes 1 second")
    equal(sweep(receiver, relay)["pushed"], 2)
    bodies = {}
    for push in receiver.seen:
        equal(bodies.setdefault(push.key, push.body), push.body)
    equal((len(receiver.seen), len(bodies)), (4, 2))
    equal((ledger(), mailed(relay, "kill")), ("2 sent push", []))


def mails_when_nobody_is_there(relay):
    begin_anew("dead", 20, 10)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/push"
    summary = stack.sweep(SMTP_URL=relay.url, PUSH_URL=url)
    equal((summary["sent"], summary["push_down"]), (20, True))
    equal(mailed(relay, "dead"), people("dead", 1, 20))
    equal(notices(), 1)


def pushes_while_mail_is_down(relay):
    begin_anew("nomail", 10, 5)
    relay.rcpt = "554 5.7.1 no relaying"
    receiver = opened(pushes_while_mail_is_down)
    summary = sweep(receiver, relay)
    equal((summary["pushed"], summary["channel_down"]), (5, True))
    equal(mailed(relay, "nomail"), [])


def speaks_tls(relay):
    begin_anew("tls", 3, 3)
    receiver = opened(speaks_tls, context=context)
    equal(sweep(receiver, relay, SSL_CERT_FILE=CA)["pushed"], 3)
    begin_anew("notls", 2, 2)
    equal(sweep(receiver, relay, SSL_CERT_FILE="/etc/hostname")["pushed"], 0)
    equal(ledger(), "2 sent email dead push_refused")
    equal(stack.sql("select string_agg(distinct last_error, ', ') from "
                    "notification_log"), "no TLS")


def refuses_a_way_in_clear():
    done = stack.program("sweep", PUSH_URL="http://push.example/x")
    equal((done.returncode, "PUSH_URL" in done.stderr), (75, True))


STATUS = run([
    ("R-F3 pushed to who has devices, mailed to the others",
     told(pushes_to_devices)),
    ("R-F3 410: the devices are forgotten, and it is mailed in the same run",
     told(mails_when_all_are_gone)),
    ("R-F3 some are gone: pushed to the others in the same run",
     told(pushes_to_those_that_are_left)),
    ("R-F3 taken, but for none: it is mailed",
     told(mails_what_was_taken_for_none)),
    ("R-F3 nobody else's devices are forgotten", told(forgets_nobody_elses)),
    ("R-F2 a redirect is not followed, and is our fault",
     told(is_our_fault("redirect", lambda other: (
         302, {"Location": other.url}, b""), 302))),
    ("R-F2 refused: our fault",
     told(is_our_fault("refused", lambda other: (400, {}, b"{}"), 400))),
    ("R-F2 a web page's 404 says nothing of devices",
     told(is_our_fault("page", lambda other: (
         404, {"Content-Type": "text/html; charset=utf-8"}, b"<h1>404"),
         404))),
    ("R-F2 429: again after Retry-After in seconds",
     told(waits("often", lambda: (429, {"Retry-After": "120"}, b""), 120))),
    ("R-F2 503: again after Retry-After's date",
     told(waits("busy", later(503), 120))),
    ("R-F2 500: again after the back-off",
     told(waits("broken", lambda: (500, {}, b"oops"), 0))),
    ("R-F1 cut off without an answer: the same again, under the same key",
     told(waits("reset", lambda: "reset", 0))),
    ("R-F3 not out within 10 minutes: it is mailed",
     told(mails_after_ten_minutes)),
    ("R-F3 one that hangs holds up no mail, and is given 10 seconds",
     told(is_not_held_up_by_a_hang)),
    ("R-F2 an answer of 10 MB is not read, a page is not looked at",
     told(reads_little)),
    ("R-F1 killed while it pushes: the same again, under the same key",
     told(survives_a_kill)),
    ("R-F3 nobody there: it is mailed in the same run, and admins are told",
     told(mails_when_nobody_is_there)),
    ("R-F3 while mail is down it is pushed", told(pushes_while_mail_is_down)),
    ("R-F3 TLS, and a certificate of nobody we know: it is mailed",
     told(speaks_tls)),
    ("R-F3 no token crosses a network in clear", refuses_a_way_in_clear),
])
stack.stop()
folder.cleanup()
sys.exit(STATUS)
