"""The sweep when mail or database fail under it: nothing is lost."""

import os
import random
import signal
import socket
import sys
import threading
import time

from stack import Club, Stack, equal, run, wait_for

stack = Stack()


def at(clock):
    stack.clock(f"2030-06-{clock}+00")


def club_of(name, people=("ada", "bob"), ends="15"):
    """A club whose event has ended 61 minutes ago, nobody asked yet."""
    at("14 12:00")
    club = Club(stack, name, {person: "" for person in people},
                start="20300614T130000Z", end=f"20300614T{ends}0000Z")
    stack.clock(f"2030-06-14 {int(ends) + 1}:01+00")
    return club


def deliver(club, tries=12):
    """Sweeps on through the back-offs until nobody waits."""
    for _ in range(tries):
        stack.sweep()
        if not club.waiting():
            return
        stack.later("61 minutes")
    raise AssertionError(f"still waiting: {club.waiting()}")


def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def expect_copies_alike(club):
    """Every copy of a message is the same, byte for byte."""
    seen = {}
    for mail in club.mails():
        equal(seen.setdefault(mail.to, mail.raw), mail.raw, mail.to)
    equal(sorted(seen), club.addresses)


def waits_while_mail_is_down():
    club = club_of("down")
    url = f"smtp://127.0.0.1:{closed_port()}"
    for _ in range(3):
        summary = stack.sweep(SMTP_URL=url)
        equal(summary["sent"], 0)
        stack.later("1 second")
    equal(len(club.waiting()), 2)
    summary = stack.sweep()
    equal(summary["claimed"], 0, "no try within the back-off")
    deliver(club)
    equal(club.asked(), club.addresses)
    equal(stack.number("select min(retry_count) from notification_log"), 2)


def holds_a_retry_at_night():
    club = club_of("night", ["ada"])
    stack.sweep(SMTP_URL=f"smtp://127.0.0.1:{closed_port()}")
    # 21:30 in Berlin, and then 08:01.
    at("14 19:30")
    equal(stack.sweep()["held"], 1)
    equal(club.waiting(), ["ada@night.example quiet_hours"])
    at("15 05:59")
    stack.sweep()
    equal(club.asked(), [])
    at("15 06:01")
    stack.sweep()
    equal(club.asked(), club.addresses)


def gives_up_a_dead_server_for_the_run():
    club = club_of("many", [f"p{n}" for n in range(12)])
    done = stack.program("sweep", SMTP_URL=f"smtp://127.0.0.1:{closed_port()}")
    equal(done.returncode, 0)
    if '"channel_down":true' not in done.stdout:
        raise AssertionError(done.stdout)
    equal(len(club.waiting()), 12)
    deliver(club)
    equal(club.asked(), club.addresses)


def retries_refusals_and_serves_others():
    club = club_of("refuse", ["ada", "bob", "eve"])
    stack.rules("ada@refuse.example 451%204.3.0%20later 2",
                "bob@refuse.example data-452 1")
    stack.sweep()
    equal(club.asked(), ["eve@refuse.example"])
    equal([line.split()[0] for line in club.waiting()],
          ["ada@refuse.example", "bob@refuse.example"])
    deliver(club)
    stack.rules()
    equal(club.asked(), club.addresses)
    expect_copies_alike(club)


def refusing(club, table, when):
    """Until it is called: a trigger refuses bob's rows of the table."""
    bob = stack.number("select id from users where email like "
                       f"'bob@{club.slug}.example'")
    stack.sql(f"""
        create function refuse_one() returns trigger language plpgsql as $$
        begin
          raise exception 'this one is refused';
        end $$;
        create trigger refuse_one before insert or update on {table}
        for each row when (new.user_id = {bob} and {when})
        execute function refuse_one()""")
    return lambda: stack.sql("drop function refuse_one cascade")


def serves_others_when_one_is_refused(step, table, when, error):
    club = club_of(step, ["ada", "bob", "eve"])
    end = refusing(club, table, when)
    try:
        summary = stack.sweep()
    finally:
        end()
    equal(club.asked(), [f"ada@{step}.example", f"eve@{step}.example"])
    equal([summary[name] for name in ("sent", "retried", "lost")], [2, 1, 0])
    equal(stack.sql("select cause, last_error from scheduled_notifications "
                    "where kind = 'attendance_prompt'"),
          f"retry|could not be {error}")
    deliver(club)
    equal(club.asked(), club.addresses)


def serves_others_when_one_cannot_be_kept():
    serves_others_when_one_is_refused(
        "keep", "scheduled_notifications", "new.message is not null", "kept")


def serves_others_when_one_cannot_be_prepared():
    serves_others_when_one_is_refused(
        "prepare", "notifications", "true", "prepared")


def records_others_when_one_cannot_be():
    club = club_of("record", ["ada", "bob", "eve"])
    end = refusing(club, "notification_log", "true")
    try:
        equal(stack.program("sweep").returncode, 75)
    finally:
        end()
    equal(club.asked(), club.addresses, "all were sent")
    equal([line.split()[0] for line in club.waiting()], ["bob@record.example"])
    stack.later("6 minutes")
    deliver(club)
    equal(sorted(club.asked()), sorted(club.addresses + ["bob@record.example"]))
    expect_copies_alike(club)


def keeps_no_address_from_a_reply():
    club = club_of("quote", ["ada"])
    stack.rules("ada@quote.example 451%20<ada@quote.example>%20busy 1")
    stack.sweep()
    if "ada@" in stack.sql("select string_agg(coalesce(last_error, ''), ' ') "
                           "from scheduled_notifications"):
        raise AssertionError("the address was kept")
    deliver(club)
    stack.rules()


def sends_alike_after_a_dropped_connection():
    club = club_of("drop", ["ada", "bob"])
    stack.rules("ada@drop.example drop 1", "bob@drop.example drop-kept 1")
    stack.sweep()
    deliver(club)
    stack.rules()
    equal(club.asked(), ["ada@drop.example"] + ["bob@drop.example"] * 2)
    expect_copies_alike(club)


def renders_no_copy_anew():
    club = club_of("again", ["ada"])
    stack.rules("ada@again.example drop-kept 1")
    stack.sweep()
    stack.sql("update users set name = 'Somebody Else' where email = "
              "'ada@again.example'; update events set title = 'Another' "
              f"where id = {club.event}")
    stack.later("61 minutes")
    deliver(club)
    stack.rules()
    equal(len(club.mails()), 2)
    expect_copies_alike(club)
    equal(stack.sql("select count(*) from scheduled_notifications where "
                    "message is not null"), "0")


def refuses_line_breaks_at_sending():
    club = club_of("break", ["ada", "bob", "eve"])
    # As if they had come in some other way: our own walls are down.
    stack.sql(
        "alter table users drop constraint users_email_check;"
        "alter table users drop constraint users_name_check;"
        "alter table events drop constraint events_title_check;"
        "update users set email = E'ada@break.example>\\r\\nRCPT TO:<x@y.z' "
        "where email = 'ada@break.example';"
        "update users set name = E'Bob\\r\\nBcc: x@y.example' "
        "where email = 'bob@break.example'")
    stack.sweep()
    equal(club.asked(), ["eve@break.example"])
    for mail in stack.mails():
        equal(len(mail.envelope["to"]), 1)
        if mail.message["Bcc"] or b"RCPT" in mail.raw:
            raise AssertionError("something was injected")
    at("14 12:00")
    other = Club(stack, "title", {"kim": ""},
                 start="20300614T130000Z", end="20300614T150000Z")
    stack.sql("update events set title = E'Regatta\\r\\nBcc: x@y.example' "
              f"where id = {other.event}")
    at("14 16:01")
    stack.sweep()
    for mail in other.mails():
        equal(mail.message["Bcc"], None)
    # Nobody else waits for them, and what became of them is written down.
    stack.sql("update users set name = 'x', email = 'u' || id || '@z.example' "
              f"where email like '%break.example%'; update events set title = "
              f"'x' where id = {other.event}")


def loses_nothing_when_killed():
    """SIGKILL between claim and record, again and again."""
    people = [f"p{n}" for n in range(8)]
    club = club_of("kill", people)
    stack.rules("*@kill.example slow-1 6")
    random.seed(20261120)
    for _ in range(6):
        sweep = stack.begin("sweep")
        wait_for(lambda: sweep.poll() is not None or stack.number(
            "select count(*) from scheduled_notifications where lease_until "
            "> app_now()") > 0, "a claim")
        time.sleep(random.random() * 1.2)
        sweep.send_signal(signal.SIGKILL)
        out, err = sweep.communicate()
        stack.spoken += [out, err]
        # Before the lease is over nobody else takes the row.
        stack.later("6 minutes")
    stack.rules()
    deliver(club)
    equal(sorted(set(club.asked())), club.addresses)
    expect_copies_alike(club)
    if len(club.mails()) > 8 + 6:
        raise AssertionError(f"{len(club.mails())} mails for 8 people")
    equal(stack.number("select count(*) from notification_pushes p where "
                       f"p.notification_id like 'prompt-{club.event}-%'"), 8)


def leaves_a_lease_alone():
    club = club_of("lease", ["ada"])
    stack.rules("ada@lease.example slow-2 1")
    sweep = stack.begin("sweep")
    wait_for(lambda: stack.number(
        "select count(*) from scheduled_notifications where lease_until > "
        "app_now()"), "a claim")
    summary = stack.sweep()
    equal(summary["claimed"], 0)
    equal(sweep.wait(20), 0)
    sweep.communicate()
    stack.rules()
    equal(club.asked(), club.addresses)


def ends_75_when_the_database_goes():
    club = club_of("gone", ["ada", "bob", "eve"])
    stack.rules("*@gone.example slow-2 1")
    sweep = stack.begin("sweep")
    wait_for(lambda: stack.number(
        "select count(*) from scheduled_notifications where first_attempt_at "
        "is not null"), "an attempt")
    stack.script("cluster", "stop")
    try:
        equal(sweep.wait(60), 75)
        out, err = sweep.communicate()
        stack.spoken += [out, err]
        equal(stack.program("sweep").returncode, 75)
    finally:
        stack.script("cluster", "start")
    stack.rules()
    stack.later("6 minutes")
    deliver(club)
    equal(sorted(set(club.asked())), club.addresses)
    expect_copies_alike(club)


def follows_through_a_restart():
    Club(stack, "follow", {"ada": ""})
    sweep = stack.begin("sweep", "--follow")
    lines = []
    reader = threading.Thread(
        target=lambda: lines.extend(sweep.stdout), daemon=True)
    reader.start()
    try:
        wait_for(lambda: any('"event":"run"' in x for x in lines), "a run")
        stack.script("cluster", "stop")
        stack.script("cluster", "start")
        stack.sql("select sign_in_ask('ada@follow.example', "
                  "sha256('ada@follow.example'))")
        wait_for(lambda: stack.mails("ada@follow.example"),
                 "the mail after the restart", 10)
    finally:
        sweep.terminate()
        reader.join(10)
    equal(sweep.wait(10), 0)
    stack.spoken += lines


def finishes_what_is_under_way():
    club = club_of("term", [f"p{n:02}" for n in range(20)])
    stack.rules("*@term.example slow-1 20")
    sweep = stack.begin("sweep")
    wait_for(lambda: stack.number(
        "select count(*) from scheduled_notifications where first_attempt_at "
        "is not null"), "an attempt")
    told = time.monotonic()
    sweep.terminate()
    equal(sweep.wait(10), 0)
    if time.monotonic() - told > 10:
        raise AssertionError("it took over 10 s")
    stack.spoken += sweep.communicate()
    stack.rules()
    sent = len(club.mails())
    if not 1 <= sent <= 8:
        raise AssertionError(f"{sent} were under way")
    equal(len(club.waiting()), 20 - sent)
    equal(stack.number("select count(*) from scheduled_notifications where "
                       "lease_until is not null or first_attempt_at is not "
                       "null"), 0, "given back, not begun")
    deliver(club)
    equal(club.asked(), club.addresses)


def cuts_off_what_takes_too_long_at_a_stop():
    club = club_of("stuck", ["ada", "bob"])
    stack.rules("*@stuck.example slow-30 2")
    sweep = stack.begin("sweep")
    wait_for(lambda: stack.number(
        "select count(*) from scheduled_notifications where message "
        "is not null") == 2, "two attempts")
    sweep.terminate()
    equal(sweep.wait(10), 0)
    stack.spoken += sweep.communicate()
    stack.rules()
    equal(len(club.waiting()), 2)
    deliver(club)
    equal(sorted(set(club.asked())), club.addresses)
    expect_copies_alike(club)


def refuses_unusable_settings():
    for settings in ({"SMTP_URL": "http://127.0.0.1"},
                     {"KEYS_FILE": "var/none"}, {"TEMPLATES_DIR": "var/none"},
                     {"MAIL_FROM": "a@b.example\r\nx: y"},
                     {"BASE_URL": "http://example.org"},
                     {"DATABASE_URL": "postgresql:///none?host=/nowhere"}):
        done = stack.program("sweep", **settings)
        equal(done.returncode, 75, settings)
    os.chmod(stack.path("var", "keys"), 0o644)
    equal(stack.program("sweep").returncode, 75, "keys everyone may read")
    os.chmod(stack.path("var", "keys"), 0o640)


def tells_no_secret_in_any_log():
    words = {address.encode() for address in stack.sql(
        "select email from users").splitlines()}
    words |= {b"Spring regatta", b"x@y.example"}
    words |= {mail.link("r")[3:].encode() for mail in stack.mails()
              if "regatta" in mail.raw.decode()}
    words |= {b"Sanitizer", b"runtime error", b'"level":"bug"'}
    for path, content in stack.logs().items():
        for word in words:
            if word in content:
                raise AssertionError(f"{word!r} stands in {path}")


STATUS = run([
    ("R-F1 mail server down: sent when it is back", waits_while_mail_is_down),
    ("R-F7 a retry that falls into quiet hours is held",
     holds_a_retry_at_night),
    ("R-F2 a dead server is given up for the run",
     gives_up_a_dead_server_for_the_run),
    ("R-F2 refusals are tried again, others are served",
     retries_refusals_and_serves_others),
    ("R-F1 one that cannot be kept is tried again, others are served",
     serves_others_when_one_cannot_be_kept),
    ("R-F1 ... and one that cannot be prepared",
     serves_others_when_one_cannot_be_prepared),
    ("R-F1 one that cannot be recorded is sent again, alike, and no other",
     records_others_when_one_cannot_be),
    ("R-G3 a reply that quotes the address is kept without it",
     keeps_no_address_from_a_reply),
    ("R-F1 after a dropped connection the same bytes go out",
     sends_alike_after_a_dropped_connection),
    ("R-F1 a copy is never rendered anew", renders_no_copy_anew),
    ("R-F4 line breaks are refused at sending",
     refuses_line_breaks_at_sending),
    ("R-F1 killed between claim and record nothing is lost",
     loses_nothing_when_killed),
    ("R-F1 a leased message is left alone", leaves_a_lease_alone),
    ("R-F1 the database goes: exit 75, nothing lost",
     ends_75_when_the_database_goes),
    ("R-F1 --follow goes on after a restart of the database",
     follows_through_a_restart),
    ("R-F1 told to stop, it finishes what is under way and begins no more",
     finishes_what_is_under_way),
    ("R-F1 told to stop, it is gone within 10 s",
     cuts_off_what_takes_too_long_at_a_stop),
    ("R-F6 unusable settings: exit 75", refuses_unusable_settings),
    ("R-G3 no log holds an address, token or title",
     tells_no_secret_in_any_log),
])
stack.stop()
sys.exit(STATUS)
