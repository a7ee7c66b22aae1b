"""Relays in every bad mood: what is kept, who is suppressed, who is told."""

import email
import socket
import subprocess
import sys

from crowd import FULL, Stack, equal, finish, make_crowd, run
from relay import Dribble, Relay

stack = Stack()

PERSON = "(select id from users where email = 'p1@{slug}.example')"

FACTS = """
    select (select count(*) from users where suppressed_at is not null)
      || ' suppressed, '
      || (select count(*) from notification_log where state = 'dead')
      || ' dead, '
      || (select count(*) from (
           select notification_id from notification_log
           where kind = 'staff_notice'
           union all
           select notification_id from scheduled_notifications
           where kind = 'staff_notice') n)
      || ' notices'"""


def begin_anew():
    stack.sql("truncate organizations, users, scheduled_notifications, "
              "notification_log, notification_pushes cascade; "
              "update delivery_channels set paused_until = null, "
              "outage_from = null, outage_to = null, failing = '{}'")


def arrivals(relay, slug):
    return sorted(to for to, _ in relay.kept if to.startswith("p")
                  and to.endswith(f"@{slug}.example"))


def heal(slug, count, notices):
    """A good relay takes over: everything arrives, admins are told once."""
    relay = Relay()
    finish(stack, relay.url)
    relay.stop()
    equal(arrivals(relay, slug),
          sorted(f"p{n}@{slug}.example" for n in range(1, count + 1)))
    equal(sum(to.startswith("admin@") for to, _ in relay.kept), notices)
    equal(stack.sql(FACTS), f"0 suppressed, 0 dead, {notices} notices")


def is_our_fault(slug, relay, url=None):
    def test():
        begin_anew()
        make_crowd(stack, slug, 30)
        paused = 0
        for _ in range(6):
            summary = stack.sweep(SMTP_URL=url or relay.url)
            paused += summary["channel_down"]
            equal((summary["sent"], summary["dead"]), (0, 0))
            if summary["claimed"] > 3 + 8:
                raise AssertionError(f"{summary['claimed']} tried in vain")
            stack.later("61 minutes")
        equal(paused, 6, "pauses")
        equal(stack.sql(FACTS), "0 suppressed, 0 dead, 1 notices")
        relay.stop()
        heal(slug, 30, 1)
    return test


def is_told_by_a_small_club():
    """Never three in one run; but three in a row, before those retried."""
    begin_anew()
    make_crowd(stack, "small", 3)
    stack.sql("select schedule_post_event_prompts(5000)")
    stack.sql("update scheduled_notifications set not_before = app_now() + "
              "interval '10 seconds' where user_id = " +
              PERSON.format(slug="small"))
    relay = Relay(rcpt="554 5.7.1 no relaying")
    equal(stack.sweep(SMTP_URL=relay.url)["channel_down"], False)
    equal(stack.sql(FACTS), "0 suppressed, 0 dead, 0 notices")
    stack.later("11 seconds")
    equal(stack.sweep(SMTP_URL=relay.url)["channel_down"], True)
    equal(stack.sql(FACTS), "0 suppressed, 0 dead, 1 notices")
    relay.stop()
    heal("small", 3, 1)


def with_login(relay):
    return relay.url.replace("://", "://roll:wrong@")


def pauses_for_a_minute():
    begin_anew()
    make_crowd(stack, "pause", 30)
    bad, good = Relay(rcpt="554 5.7.1 no"), Relay()
    stack.sweep(SMTP_URL=bad.url)
    equal(stack.sweep(SMTP_URL=good.url)["claimed"], 0)
    stack.later("59 seconds")
    equal(stack.sweep(SMTP_URL=good.url)["claimed"], 0)
    stack.later("2 seconds")
    if stack.sweep(SMTP_URL=good.url)["sent"] < 19:
        raise AssertionError("it did not go on")
    bad.stop()
    good.stop()


def suppresses_who_does_not_exist():
    begin_anew()
    make_crowd(stack, "gone", 5)
    bad, good = Relay(rcpt="550 5.1.1 nobody"), Relay()
    summary = stack.sweep(SMTP_URL=bad.url)
    equal((summary["dead"], summary["failed_address"],
           summary["channel_down"]), (5, 5, False))
    equal(stack.sql(FACTS), "5 suppressed, 5 dead, 0 notices")

    def ask():
        stack.later("1 minute")
        stack.sql("select sign_in_ask('p1@gone.example', sha256('p1'))")
        stack.sweep(SMTP_URL=good.url)
        return arrivals(good, "gone")

    equal(ask(), ["p1@gone.example"])
    stack.later("2 hours")
    equal(len(ask()), 1, "one a day")
    stack.later("23 hours")
    equal(len(ask()), 2, "and the next day one")
    bad.stop()
    good.stop()


def waits(slug, relay):
    def test():
        begin_anew()
        make_crowd(stack, slug, 5)
        for _ in range(3):
            summary = stack.sweep(SMTP_URL=relay.url)
            equal((summary["sent"], summary["dead"]), (0, 0))
            stack.later("61 minutes")
        relay.stop()
        heal(slug, 5, 0)
    return test


def sends_alike_after_drops():
    begin_anew()
    make_crowd(stack, "drop", 5)
    bad, good = Relay(drop=True), Relay()
    stack.sweep(SMTP_URL=bad.url)
    stack.later("61 minutes")
    stack.sweep(SMTP_URL=bad.url)
    finish(stack, good.url)
    first = dict(bad.kept)
    equal(len(set(arrivals(bad, "drop"))), 5)
    for to, content in bad.kept + good.kept:
        equal(first.get(to, content), content, to)
    equal(len(arrivals(good, "drop")), 5)
    bad.stop()
    good.stop()


def sends_alike_where_some_are_dropped():
    """Of each twenty connections one ends after the final dot."""
    count = 2000 if FULL else 300
    begin_anew()
    make_crowd(stack, "some", count, admin=False)
    relay = Relay(drop=0.05)
    finish(stack, relay.url)
    relay.stop()
    came = {}
    for to, content in relay.kept:
        equal(came.setdefault(to, content), content, to)
    print(f"# {count} messages, {relay.dropped} dropped, "
          f"{len(relay.kept) - count} copies", flush=True)
    equal(len(came), count)
    if not 0 < len(relay.kept) - count <= relay.dropped:
        raise AssertionError("as many copies as drops, and there were some")
    equal(stack.number("select count(*) from notification_log where state = "
                       "'sent'"), count)


def outlasts_an_hour_of_451():
    """A sweep a minute, as by cron; then the relay takes all again."""
    begin_anew()
    make_crowd(stack, "hour", 20)
    bad, good = Relay(rcpt="451 4.7.1 greylisted"), Relay()
    for _ in range(60):
        equal(stack.sweep(SMTP_URL=bad.url)["sent"], 0)
        stack.later("1 minute")
    bad.stop()
    tries = [bad.seen.count(f"p{n}@hour.example") for n in range(1, 21)]
    print(f"# {min(tries)} to {max(tries)} tries", flush=True)
    # 30 to 60 s after the first, and up to twice as long after each.
    if not 5 <= min(tries) <= max(tries) <= 8:
        raise AssertionError(f"tries: {tries}")
    equal(stack.sql(FACTS), "0 suppressed, 0 dead, 0 notices")
    for _ in range(61):
        stack.sweep(SMTP_URL=good.url)
        stack.later("1 minute")
    good.stop()
    equal(arrivals(good, "hour"),
          sorted(f"p{n}@hour.example" for n in range(1, 21)))
    equal(stack.sql(FACTS), "0 suppressed, 0 dead, 0 notices")


def outlasts_a_dribble():
    begin_anew()
    make_crowd(stack, "slow", 3)
    # A byte a second is over 60 s a message; the short run has no such time.
    relay = Dribble(1 if FULL else 0.01)
    summary = stack.sweep(SMTP_URL=relay.url)
    equal(summary["sent"], 0 if FULL else 3)
    equal(summary["retried"], 3 if FULL else 0)
    relay.stop()
    if FULL:
        heal("slow", 3, 1)


def outlasts_six_hours():
    begin_anew()
    make_crowd(stack, "down", 30)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{taken.getsockname()[1]}"
    for _ in range(6 * 3):
        equal(stack.sweep(SMTP_URL=url)["sent"], 0)
        stack.later("20 minutes")
    equal(stack.sql(FACTS), "0 suppressed, 0 dead, 1 notices")
    heal("down", 30, 1)


def tables():
    """All rows of all tables, in one hash a table."""
    return stack.sql("""
        select string_agg(t.tablename || ' ' || md5(query_to_xml(
            format('select t::text from %I t order by 1', t.tablename),
            true, false, '')::text), ', ' order by t.tablename)
        from pg_tables t where schemaname = 'public'""")


def rehearses():
    begin_anew()
    make_crowd(stack, "dry", 5)
    relay = Relay(rcpt="451 4.3.0 later")
    before = tables()
    done = stack.program("sweep", "--dry-run", SMTP_URL=relay.url)
    equal(done.returncode, 0)
    equal(done.stdout.count('"event":"would_plan"'), 5, done.stdout)
    equal(tables(), before)
    stack.sweep(SMTP_URL=relay.url)
    stack.later("61 minutes")
    before = tables()
    done = stack.program("sweep", "--dry-run", SMTP_URL=relay.url)
    equal(done.stdout.count('"event":"would_send"'), 5, done.stdout)
    equal(done.stdout.count('"event":"would_plan"'), 0, done.stdout)
    equal(tables(), before)
    equal(len(relay.seen), 5, "it sent")
    relay.stop()


def sees_what_changed(slug, change, cause):
    """Planned, then changed, then sent: skipped, and the cause is kept."""
    def test():
        begin_anew()
        club = make_crowd(stack, slug, 2)
        bad, good = Relay(rcpt="451 4.3.0 later"), Relay()
        stack.sweep(SMTP_URL=bad.url)
        stack.sql(change.format(event=club.event, slug=slug))
        stack.later("61 minutes")
        stack.sweep(SMTP_URL=good.url)
        bad.stop()
        good.stop()
        equal(arrivals(good, slug), [f"p2@{slug}.example"]
              if "p1@" in change else [])
        equal(stack.sql("select string_agg(distinct cause, ', ') from "
                        "notification_log where state <> 'sent'"), cause)
    return test


def post_as_a_provider(path):
    """One click, as RFC 8058 has it: no cookie, no Origin; the status."""
    body = "List-Unsubscribe=One-Click"
    done = subprocess.run(
        stack.command(
            "REQUEST_METHOD=POST", f"REQUEST_URI={path}", f"PATH_INFO={path}",
            f"DOCUMENT_URI={path}", "QUERY_STRING=",
            "CONTENT_TYPE=application/x-www-form-urlencoded",
            f"CONTENT_LENGTH={len(body)}", "SERVER_PROTOCOL=HTTP/1.1",
            f"{stack.bin}/answer"),
        cwd=stack.directory, text=True, input=body, capture_output=True,
        timeout=20, check=False)
    return done.stdout.splitlines()[0] if done.stdout else done.stderr


def stops_by_one_click_after_rotations():
    begin_anew()
    make_crowd(stack, "click", 1, admin=False)
    relay = Relay()
    stack.sweep(SMTP_URL=relay.url)
    relay.stop()
    for _ in range(3):
        stack.ctl("keys", "rotate")
    message = email.message_from_bytes(relay.kept[0][1])
    path = "/u/" + message["List-Unsubscribe"].strip()[1:-1].rpartition(
        "/u/")[2]
    said = post_as_a_provider(path)
    equal(said[:11], "Status: 200", said)
    equal(stack.sql("select frequency from event_notification_preferences"),
          "none")
    said = post_as_a_provider(path[:-1] + ("A" if path[-1] != "A" else "B"))
    equal(said[:11], "Status: 404", said)


def waits_for_eight_at_once():
    """A second each, half of it after the final dot."""
    begin_anew()
    make_crowd(stack, "eight", 16, admin=False)
    relay = Relay(wait=0.5)
    summary = stack.sweep(SMTP_URL=relay.url)
    relay.stop()
    equal((summary["sent"], relay.connections), (16, 8))
    if summary["took_ms"] > 8000:
        raise AssertionError(f"one after the other: {summary['took_ms']} ms")


STATUS = run([
    ("R-F1 eight messages wait for their replies at once, on eight "
     "connections", waits_for_eight_at_once),
    ("R-F2 everyone 554 5.7.1: nobody suppressed, admins told once",
     is_our_fault("policy", Relay(rcpt="554 5.7.1 no relaying"))),
    ("R-F2 the same of one that offers PIPELINING",
     is_our_fault("piped", Relay(rcpt="554 5.7.1 no relaying",
                                 pipelining=True))),
    ("R-F2 535 at login: nobody suppressed, admins told once",
     (lambda relay: is_our_fault("login", relay, with_login(relay)))(
         Relay(login=False))),
    ("R-F2 three in a row count over several runs", is_told_by_a_small_club),
    ("R-F2 a pause is 60 s", pauses_for_a_minute),
    ("R-F2 550 5.1.1: suppressed, a sign-in link once a day",
     suppresses_who_does_not_exist),
    ("R-F2 451: later", waits("later", Relay(rcpt="451 4.3.0 later"))),
    ("R-F2 dropped after the dot: the same bytes again",
     sends_alike_after_drops),
    ("R-F2 one in twenty dropped after the dot: none lost, copies alike",
     sends_alike_where_some_are_dropped),
    ("R-F2 451 for an hour: tried less and less often, then all is sent",
     outlasts_an_hour_of_451),
    ("R-F2 a relay that dribbles", outlasts_a_dribble),
    ("R-F2 down for 6 hours: admins told once, all is sent",
     outlasts_six_hours),
    ("R-F1 a dry run changes no row of any table", rehearses),
    ("R-F1 cancelled between planning and sending",
     sees_what_changed("cancel", "update events set status = 'cancelled' "
                       "where id = {event}", "event_cancelled")),
    ("R-F1 moved between planning and sending",
     sees_what_changed("move", "update events set starts_at = starts_at + "
                       "interval '1 day', ends_at = ends_at + interval "
                       "'1 day' where id = {event}", "moved")),
    ("R-F1 answered between planning and sending",
     sees_what_changed("answer", "select record_attendance(" + PERSON +
                       ", {event}, 'attended', 'test')", "answered")),
    ("R-F1 stopped between planning and sending",
     sees_what_changed(
         "unsub", "insert into event_notification_preferences (user_id, "
         "org_id, frequency) select " + PERSON + ", id, 'none' from "
         "organizations where slug = '{slug}' on conflict (user_id, org_id) "
         "do update set frequency = 'none'", "unsubscribed")),
    ("R-G2 one click, posted by a mail provider after three key rotations",
     stops_by_one_click_after_rotations),
])
stack.stop()
sys.exit(STATUS)
