"""What the operator's tool takes in, and what it refuses."""

import re
import sys

from stack import Stack, calendar, equal, run

NOON = "2030-06-14 12:00+00"
stack = Stack()
stack.clock(NOON)


def counts():
    return stack.sql(
        "select (select count(*) from users), (select count(*) from "
        "memberships), (select count(*) from organizations), "
        "(select count(*) from events)")


def people(content, *options, org="sail"):
    path = stack.write("people.csv", content)
    return stack.program("rollcallctl", "people", "import", "--org", org,
                         *options, path)


def events(content, *options, org="sail"):
    path = stack.write("events.ics", content)
    return stack.program("rollcallctl", "import-events", "--org", org,
                         *options, path)


def makes_orgs_and_admins():
    stack.ctl("org", "add", "sail", "Sailing Club", "--timezone",
              "Europe/Berlin")
    stack.ctl("admin", "add", "--org", "sail", "ina@sail.example", "Ina")
    equal(stack.sql("select role from memberships"), "admin")
    for words in (["sail", "Again", "--timezone", "Europe/Berlin"],
                  ["No Slug", "Name", "--timezone", "Europe/Berlin"],
                  ["row", "Row\r\nBcc: x", "--timezone", "Europe/Berlin"],
                  ["row", "Rowing", "--timezone", "CEST"],
                  ["row", "Rowing", "--timezone", "FOO3BAR"]):
        done = stack.program("rollcallctl", "org", "add", *words)
        equal(done.returncode, 1, words)
    for email in ("", "ina", "ina@sail.example\r\nBcc: x@y.example",
                  "<ina@sail.example>", "a b@sail.example"):
        done = stack.program("rollcallctl", "admin", "add", "--org", "sail",
                             email, "Name")
        equal(done.returncode, 1, email)
    equal(counts(), "1|1|1|0")


def imports_people_row_by_row():
    content = (
        "email,name,timezone,role\r\n"
        "ada@sail.example,Ada,Europe/Berlin,member\r\n"
        "\"bob@sail.example\",\"Bob \"\"B\"\" Ölçer\",,staff\r\n"
        ",Nobody,,\r\n"
        "no address,Nobody,,\r\n"
        "eve@sail.example,,,\r\n"
        "zoe@sail.example,Zoe,CEST,\r\n"
        "rex@sail.example,Rex,,boss\r\n"
        "\"cr@sail.example\",\"Two\r\nBcc: x@y.example\",,\r\n"
        "\"bcc@sail.example\r\nx: y\",Name,,\r\n"
        "ADA@sail.example,Ada again,,\r\n"
        "kim@sail.example,Kim,Asia/Seoul,\r\n")
    before = counts()
    dry = people(content, "--dry-run")
    equal(dry.returncode, 1)
    equal(counts(), before, "a dry run")
    done = people(content)
    equal(done.returncode, 1, "some were refused")
    equal(stack.sql("select string_agg(email, ' ' order by email) from users"),
          "ada@sail.example bob@sail.example ina@sail.example "
          "kim@sail.example")
    equal(done.stdout.count("refused"), dry.stdout.count("refused"))
    again = people("email,name\nada@sail.example,Ada\n")
    equal(again.returncode, 0, again.stdout)
    equal(counts(), "4|4|1|0")


def refuses_files_that_are_none():
    before = counts()
    for content in ("", "name\nAda\n", b"email,name\nx@y.example,\xff\xfe\n",
                    b"email,name\nx@y.example,A\0B\n",
                    "email,name\n\"x@y.example,Ada\n"):
        done = people(content)
        if done.returncode == 0:
            raise AssertionError(f"{content!r} was taken: {done.stdout}")
    done = people("email,name\nx@y.example,X\n", org="none")
    equal(done.returncode, 1)
    equal(counts(), before)


def imports_events_again_and_again():
    content = calendar("e1", "Regatta", "20300620T150000Z", "20300620T170000Z")
    dry = events(content, "--dry-run")
    equal(dry.returncode, 0, dry.stderr)
    equal(counts(), "4|4|1|0", "a dry run")
    for wanted in ("new", "unchanged"):
        done = events(content)
        equal(done.returncode, 0, done.stderr)
        if wanted not in done.stdout:
            raise AssertionError(f"no {wanted} in {done.stdout}")
    moved = calendar("e1", "Regatta", "20300621T150000Z", "20300621T170000Z")
    equal(events(moved).returncode, 0)
    equal(stack.sql("select uid, revision, status, title from events"),
          "e1|2|published|Regatta")


def takes_no_line_breaks_in_titles():
    for number, title in enumerate((
            r"Regatta\nBcc: x@y.example", r"Regatta\N\nSubject: x",
            "Regatta\x0bBell\x07")):
        events(calendar(f"cr{number}", title, "20300620T150000Z",
                        "20300620T170000Z"))
    equal(stack.number(r"select count(*) from events where title ~ "
                       r"E'[\u0001-\u001f]'"), 0)


def refuses_calendars_that_are_none():
    before = counts()
    for content in ("", "no calendar", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
                    calendar("x", "X", "20301399T150000Z",
                             "20300620T170000Z"),
                    calendar("x", "X", "20300620T150000Z",
                             "20300620T140000Z")):
        done = events(content)
        if done.returncode == 0:
            raise AssertionError(f"{content!r} was taken: {done.stdout}")
    equal(counts(), before)


def asks_nobody_about_the_past():
    """Of 2005, and of the day before the organisation was there."""
    for uid, day in (("old", "20050614"), ("before", "20300613")):
        equal(events(calendar(uid, "Long ago", f"{day}T150000Z",
                              f"{day}T170000Z")).returncode, 0)
    stack.sql("insert into event_views (event_id, user_id, org_id) select "
              "e.id, m.user_id, e.org_id from events e join memberships m "
              "using (org_id) where uid in ('old', 'before')")
    summary = stack.sweep()
    equal(summary["planned_attendance_prompt"], 0)
    equal(stack.mails(), [])
    equal(stack.sql("select distinct status from events where uid in ('old', "
                    "'before')"), "completed")
    # The admin's word opens the one, but never the other.
    stack.sql("update organizations set prompts_since = '2000-01-01'")
    equal(stack.sweep()["planned_attendance_prompt"], 4)
    equal(stack.number("select count(distinct event_id) from notifications"),
          1)


def keeps_keys_and_links():
    before = open(stack.path("var", "keys"), encoding="ascii").read()
    again = stack.program("rollcallctl", "keys", "init")
    if again.returncode == 0:
        raise AssertionError("keys init overwrote the keys")
    equal(open(stack.path("var", "keys"), encoding="ascii").read(), before)
    stack.ctl("keys", "rotate")
    after = open(stack.path("var", "keys"), encoding="ascii").read()
    if before.strip() not in after or after == before:
        raise AssertionError("the old key went, or no new one came")
    equal(stack.program("rollcallctl", "check").returncode, 0)


def says_75_without_a_database():
    stack.script("cluster", "stop")
    try:
        equal(people("email,name\nx@y.example,X\n").returncode, 75)
        equal(stack.program("rollcallctl", "audit", "verify").returncode, 75)
        done = stack.program("sweep")
        equal(done.returncode, 75)
    finally:
        stack.script("cluster", "start")
    equal(stack.program("sweep").returncode, 0)


def says_usage():
    for words in ([], ["nothing"], ["people", "import"],
                  ["org", "add", "x"], ["import-events", "--org", "sail"]):
        equal(stack.program("rollcallctl", *words).returncode, 2, words)
    equal(stack.program("rollcallctl", "people", "import", "--org", "sail",
                        "var/none.csv").returncode, 2)
    equal(stack.program("sweep", "--nothing").returncode, 2)


def helps():
    def told(*words):
        done = stack.program("rollcallctl", *words)
        equal(done.returncode, 0 if "--help" in words else 2, words)
        text = done.stdout if "--help" in words else done.stderr
        return re.findall(r"^  rollcallctl ([a-z-]+(?: [a-z]+)?)", text,
                          re.M), text
    everything, text = told()
    equal(everything, [
        "org add", "admin add", "people import", "import-events",
        "keys init", "keys rotate", "keys retire", "check",
        "audit verify", "audit head", "bounce", "send-test"])
    equal(told("--help"), (everything, text))
    equal(told("nothing")[0], everything)
    commands, text = told("audit")
    equal(commands, ["audit verify", "audit head"])
    if "--since" not in text or "--timezone" in text:
        raise AssertionError("audit is helped with other options: " + text)
    equal(told("audit", "--help")[0], ["audit verify", "audit head"])
    equal(told("keys", "retire")[0], ["keys retire"])
    equal(told("keys", "retire", "--help")[0], ["keys retire"])


STATUS = run([
    ("R-O4 org add and admin add, with bad names refused",
     makes_orgs_and_admins),
    ("R-O4 people import judges row by row", imports_people_row_by_row),
    ("R-O4 people import refuses files that are none",
     refuses_files_that_are_none),
    ("R-A4 import-events: new, unchanged, moved",
     imports_events_again_and_again),
    ("R-F4 no line breaks get into titles", takes_no_line_breaks_in_titles),
    ("R-A4 broken calendars are refused", refuses_calendars_that_are_none),
    ("R-A4 an event of 2005, or of before the prompts, asks nobody",
     asks_nobody_about_the_past),
    ("R-A8 keys are added to, never overwritten", keeps_keys_and_links),
    ("R-F1 without a database sweep and rollcallctl exit 75",
     says_75_without_a_database),
    ("R-O4 wrong usage is told by exit 2", says_usage),
    ("R-O4 help names every command, or those of one word", helps),
])
stack.stop()
sys.exit(STATUS)
