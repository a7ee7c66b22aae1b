"""Joining by mail, and mail that a person stopped: what really leaves."""

import json
import sys
import urllib.request

from stack import Club, Stack, equal, run

stack = Stack()


def post(path, body):
    request = urllib.request.Request(
        stack.url + path, body.encode(), {"Sec-Fetch-Site": "same-origin"})
    with urllib.request.urlopen(request) as rs:
        return rs.status


def lines(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def mails_the_link_to_join():
    stack.clock("2030-06-14 12:00+00")
    Club(stack, "lake", {"ada": ""})
    stack.sql("update organizations set \"join\" = 'open', "
              "postal_address = '1 Quay' where slug = 'lake'")
    equal(post("/o/lake", "name=Spam%20http://evil.example&"
               "email=zoe@new.example"), 200)
    equal(stack.number("select count(*) from users where email like 'zoe@%'"),
          0)
    stack.sweep()
    (mail,) = stack.mails("zoe@new.example")
    equal(mail.message["Subject"], "Join The lake club")
    equal(mail.message["To"], "zoe@new.example")
    equal(mail.message["List-Unsubscribe"], None)
    if b"evil" in mail.raw:
        raise AssertionError("what was typed as a name is mailed")
    for kind in ("plain", "html"):
        if "/o/lake" not in mail.part(kind) or \
                "leave this mail alone" not in mail.part(kind):
            raise AssertionError(mail.part(kind))
    link = mail.link("signin")
    with urllib.request.urlopen(stack.url + link) as rs:
        equal(rs.status, 200)
    equal(stack.number("select count(*) from users where email like 'zoe@%'"),
          0, "a mail scanner's look")
    equal(post(link, "go=1"), 200)
    equal(stack.sql("select o.slug || ' ' || m.role from users u join "
                    "memberships m on m.user_id = u.id join organizations o "
                    "on o.id = m.org_id where u.email = 'zoe@new.example'"),
          "lake member")


def counts_nobody_by_the_message():
    """Three failures of our own, for people who do not exist: a pause."""
    stack.clock("2030-06-15 12:00+00")
    stack.rules("*@nobody.example 550-5.7.1 99")
    for name in ("a", "b", "c"):
        equal(post("/o/lake", f"name=N&email={name}@nobody.example"), 200)
    stack.sweep("--dry-run")
    done = stack.program("sweep")
    equal(done.returncode, 0)
    tried = [line for line in lines(done) if line["event"] == "message"]
    equal([line["state"] for line in tried], ["pending"] * 3)
    equal([line["event"] for line in lines(done)].count("channel_paused"), 1)
    equal(stack.number("select cardinality(failing) from "
                       "delivery_channels where channel = 'email'"),
          3)
    stack.rules()
    stack.sql("delete from scheduled_notifications; update delivery_channels "
              "set paused_until = null, failing = '{}', outage_from = null, "
              "outage_to = null")


def skips_what_was_stopped():
    stack.clock("2030-06-16 12:00+00")
    stack.ctl("admin", "add", "--org", "lake", "amy@lake.example", "Amy")
    stack.sql("select pause_channel('email', 'no answer')")
    stack.later("61 seconds")
    stack.sweep()
    (mail,) = stack.mails("amy@lake.example")
    stop = mail.link("u")
    equal(mail.message["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
    if stop not in mail.message["List-Unsubscribe"]:
        raise AssertionError("the header has another link")
    with urllib.request.urlopen(stack.url + stop) as rs:
        equal(rs.status, 200)
    equal(stack.number("select count(*) from category_preferences "
                       "where not wanted"), 0, "a mail scanner's look")
    request = urllib.request.Request(
        stack.url + stop, b"List-Unsubscribe=One-Click")
    with urllib.request.urlopen(request) as rs:
        equal(rs.status, 200)

    stack.clock("2030-06-17 12:00+00")
    stack.sql("select pause_channel('email', 'no answer')")
    stack.later("61 seconds")
    done = stack.program("sweep")
    (skipped,) = [line for line in lines(done) if line["event"] == "message"]
    equal((skipped["kind"], skipped["state"], skipped["cause"]),
          ("staff_notice", "skipped", "not_wanted"))
    equal(len(stack.mails("amy@lake.example")), 1)


def tells_no_log():
    for name, content in stack.logs().items():
        for word in (b"zoe@new.example", b"evil.example", b"nobody.example"):
            if word in content and not name.endswith("mail.log"):
                raise AssertionError(f"{word} stands in {name}")


STATUS = run([
    ("R-O4 the sweep mails the link to join, and its button joins",
     mails_the_link_to_join),
    ("R-F2 failures for people who do not exist are told apart",
     counts_nobody_by_the_message),
    ("R-F4, R-G2 a category's one-click link stops it: skipped, not_wanted",
     skips_what_was_stopped),
    ("R-G3 no log has the address or the name of who asked", tells_no_log),
])
stack.stop()
sys.exit(STATUS)
