"""The sweep on real parts: everything due leaves once, however it is run."""

import base64
import re
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime

from stack import Club, Stack, calendar, equal, run, wait_for

stack = Stack()


def at(clock):
    stack.clock(f"2030-06-{clock}+00")


def visit(path, data=None):
    """Opens a page as a browser would; its status."""
    request = urllib.request.Request(
        stack.url + path, data, {"Origin": stack.url} if data else {})
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code


def asks_an_hour_after_the_end():
    at("14 12:00")
    club = Club(stack, "sail", {"ada": "", "bob": "America/New_York"},
                start="20300614T130000Z", end="20300614T150000Z")
    at("14 15:59")
    stack.sweep()
    equal(club.asked(), [])
    at("14 16:01")
    summary = stack.sweep()
    equal(club.asked(), club.addresses)
    equal((summary["planned_attendance_prompt"], summary["sent"]), (2, 2))
    equal(stack.sql("select string_agg(distinct state || ' ' || reply_code, "
                    "', ') from notification_log"), "sent 250")
    equal(stack.sql("select status from events"), "completed")
    for mail in club.mails():
        link = mail.link("r")
        row = stack.sql(
            "select n.id from notifications n join users u on u.id = "
            f"n.user_id where u.email = '{mail.to}' and type = "
            "'attendance_prompt' and prompt_number = 1")
        # The token names the person's own notification.
        token = base64.urlsafe_b64decode(link[3:])
        equal(len(token), 48)
        if int(row).to_bytes(8, "big") not in token:
            raise AssertionError(f"{mail.to}: not the link of row {row}")


def writes_strict_mails():
    ids = set()
    for mail in stack.mails():
        message = mail.message
        for part in message.walk():
            equal(part.defects, [], mail.to)
        equal(message.get_content_type(), "multipart/alternative")
        equal([part.get_content_type() for part in message.iter_parts()],
              ["text/plain", "text/html"])
        equal(message["Auto-Submitted"], "auto-generated")
        equal(message["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        equal([a.addr_spec for a in message["To"].addresses], [mail.to])
        equal(parsedate_to_datetime(message["Date"]).isoformat(),
              "2030-06-14T16:01:00+00:00")
        stop = message["List-Unsubscribe"].strip()
        equal(stop, f"<{stack.url}{mail.link('u')}>")
        for kind in ("plain", "html"):
            for link in (mail.link("r"), mail.link("u")):
                if stack.url + link not in mail.part(kind):
                    raise AssertionError(f"no {link[:3]} in {kind}")
        if "<img" in mail.part("html") or len(mail.raw) > 20480:
            raise AssertionError("images, or too large")
        if re.search(rb"[^\x00-\x7f]", mail.raw):
            raise AssertionError("raw bytes over 127")
        if max(map(len, mail.raw.split(b"\r\n"))) > 998:
            raise AssertionError("a line over 998")
        if mail.raw.replace(b"\r\n", b"").find(b"\n") >= 0:
            raise AssertionError("a bare line feed")
        ids.add(message["Message-ID"])
    equal(len(ids), len(stack.mails()))


def sends_nothing_again():
    before = len(stack.mails())
    summary = stack.sweep()
    equal((summary["planned_attendance_prompt"], summary["claimed"]), (0, 0))
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: stack.sweep(), range(2)))
    equal(len(stack.mails()), before)


def shares_work_between_two_at_once():
    at("14 12:00")
    club = Club(stack, "crowd", {f"p{n}": "" for n in range(60)},
                start="20300614T130000Z", end="20300614T150000Z")
    at("14 16:01")
    with ThreadPoolExecutor() as pool:
        sums = list(pool.map(lambda _: stack.sweep(), range(3)))
    equal(club.asked(), club.addresses)
    equal(sum(s["sent"] for s in sums), 60)
    equal(sum(s["planned_attendance_prompt"] for s in sums), 60)


def catches_up(name, clock, asked=True):
    def test():
        at("01 07:00")
        club = Club(stack, name, {"ada": "", "bob": ""},
                    start="20300601T080000Z", end="20300601T100000Z")
        at(clock)
        stack.sweep()
        equal(club.asked(), club.addresses if asked else [])
        stack.sweep()
        equal(club.asked(), club.addresses if asked else [])
    return test


def holds_in_quiet_hours():
    at("14 12:00")
    club = Club(stack, "quiet", {"ada": "", "ken": "Asia/Tokyo",
                                 "lou": "America/Los_Angeles"},
                start="20300614T130000Z", end="20300614T150000Z")
    stack.sql("update users set quiet = false where email like "
              "'lou@quiet.example'")
    # 18:01 in Berlin, 01:01 in Tokyo, 09:01 in Los Angeles.
    at("14 16:01")
    stack.sweep()
    equal(club.asked(), ["ada@quiet.example", "lou@quiet.example"])
    equal(club.waiting(), ["ken@quiet.example quiet_hours"])
    at("14 22:59")
    stack.sweep()
    equal(len(club.asked()), 2)
    at("14 23:00")
    stack.sweep()
    equal(club.asked(), club.addresses)


def asks_not_who_does_not_want_it():
    at("14 12:00")
    club = Club(stack, "wanted", {
        "ada": "", "answered": "", "stopped": "", "gone": "", "never": ""},
        start="20300614T130000Z", end="20300614T150000Z")
    who = "(select id from users where email = '{}@wanted.example')"
    stack.sql(
        "insert into attendance (user_id, event_id, org_id, status, "
        f"responded_at) select {who.format('answered')}, id, org_id, "
        f"'attended', app_now() from events where id = {club.event};"
        "insert into event_notification_preferences (user_id, org_id, "
        f"frequency) select {who.format('stopped')}, org_id, 'none' from "
        f"events where id = {club.event};"
        "update users set suppressed_at = app_now(), suppressed_cause = 'x' "
        f"where id = {who.format('gone')};"
        f"delete from event_views where user_id = {who.format('never')}")
    at("14 16:01")
    stack.sweep()
    equal(club.asked(), ["ada@wanted.example"])


def rechecks_before_sending():
    at("14 12:00")
    club = Club(stack, "late", {"ada": "Asia/Tokyo"},
                start="20300614T130000Z", end="20300614T150000Z")
    at("14 16:01")
    stack.sweep()
    equal(club.waiting(), ["ada@late.example quiet_hours"])
    stack.sql("insert into attendance (user_id, event_id, org_id, status, "
              "responded_at) select u.id, e.id, e.org_id, 'partial', "
              f"app_now() from events e, users u where e.id = {club.event} "
              "and u.email = 'ada@late.example'")
    at("14 23:30")
    stack.sweep()
    equal(club.asked(), [])
    equal(stack.sql("select state || ' ' || cause from notification_log l "
                    f"where event_id = {club.event}"), "skipped answered")


def asks_anew_after_a_move():
    at("14 12:00")
    club = Club(stack, "moved", {"ada": "Asia/Tokyo"},
                start="20300614T130000Z", end="20300614T150000Z")
    at("14 16:01")
    stack.sweep()
    path = stack.write("moved.ics", calendar(
        "one", "Regatta", "20300615T000000Z", "20300615T010000Z"))
    stack.ctl("import-events", "--org", "moved", path)
    at("14 23:30")
    stack.sweep()
    equal(club.asked(), [])
    equal(stack.sql("select state || ' ' || cause from notification_log "
                    f"where event_id = {club.event}"), "cancelled moved")
    at("15 02:01")
    stack.sweep()
    equal(club.asked(), ["ada@moved.example"])


def asks_nobody_about_a_cancelled_event():
    at("14 12:00")
    club = Club(stack, "off", {"ada": ""},
                start="20300614T130000Z", end="20300614T150000Z")
    path = stack.write("off.ics", calendar(
        "one", "Regatta", "20300614T130000Z", "20300614T150000Z").replace(
            "UID:one", "UID:one\r\nSTATUS:CANCELLED"))
    stack.ctl("import-events", "--org", "off", path)
    at("14 16:01")
    stack.sweep()
    equal(club.asked(), [])


def knows_zones_that_are_new():
    stack.sql("delete from timezones where name = 'Asia/Tokyo'")
    stack.sql("insert into timezones values ('Mars/Olympus_Mons')")
    stack.sweep()
    equal(stack.sql("select name from timezones where name in ('Asia/Tokyo',"
                    " 'Mars/Olympus_Mons')"), "Asia/Tokyo")


def serves_others_beside_a_bad_zone():
    at("14 12:00")
    club = Club(stack, "zone", {"ada": "", "bad": ""},
                start="20300614T130000Z", end="20300614T150000Z")
    user = stack.sql("update users set timezone = 'FOO3BAR' where email = "
                     "'bad@zone.example' returning id")
    at("14 16:01")
    done = stack.program("sweep")
    equal(done.returncode, 0)
    equal(club.asked(), club.addresses)
    if '"unknown_zones":1' not in done.stdout:
        raise AssertionError("not counted: " + done.stdout)
    told = [line for line in done.stdout.splitlines()
            if f'"user_id":{user}' in line and "zone" in line]
    if not told:
        raise AssertionError("the row is not named: " + done.stdout)
    stack.sql(f"update users set timezone = null where id = {user}")


def mails_sign_in_links_at_once():
    at("14 12:00")
    Club(stack, "enter", {"ada": ""})
    follower = stack.begin("sweep", "--follow")
    try:
        equal(visit("/signin", b"email=ada@enter.example"), 200)
        mail = wait_for(lambda: stack.mails("ada@enter.example"),
                        "the sign-in mail", 5)[0]
        equal(mail.message["List-Unsubscribe"], None)
        mail.link("signin")
    finally:
        follower.terminate()
        out, err = follower.communicate(timeout=10)
        stack.spoken += [out, err]
    equal(follower.returncode, 0)


def throws_old_requests_away():
    stack.sql("insert into sign_in_requests (email_hash, created_at, "
              "expires_at) select sha256(int4send(n)), app_now() - interval "
              "'25 hours', app_now() - interval '24 hours' "
              "from generate_series(1, 3) n")
    summary = stack.sweep()
    equal((summary["pruned_requests"], summary["pruned_sessions"]), (3, 0))
    equal(stack.sweep()["pruned_requests"], 0)


def verifies_the_audit():
    club = Club(stack, "audit", {"ada": ""},
                start="20300614T130000Z", end="20300614T150000Z")
    at("14 16:01")
    for status in ("attended", "partial", "attended"):
        stack.sql("select record_attendance((select id from users where "
                  f"email = 'ada@audit.example'), {club.event}, '{status}', "
                  "'test')")
    equal(stack.program("rollcallctl", "audit", "verify", "--org",
                        "audit").returncode, 0)
    stack.sql("begin; alter table event_attendance_audit disable trigger "
              "user; update event_attendance_audit set new_status = "
              "'not_attended' where seq = 2 and org_id = (select id from "
              "organizations where slug = 'audit'); alter table "
              "event_attendance_audit enable trigger user; commit")
    done = stack.program("rollcallctl", "audit", "verify")
    equal(done.returncode, 1)
    said = done.stdout + done.stderr
    if not re.search(r"audit\D*\b2\b", said):
        raise AssertionError("row 2 is not named: " + said)
    equal(stack.program("rollcallctl", "audit", "verify", "--since",
                        "2030-06-15").returncode, 0)
    for day in ("2030-06-14", "2030-06-14T16:01:00"):
        equal(stack.program("rollcallctl", "audit", "verify", "--since",
                            day).returncode, 1, day)
    for day in ("yesterday", "2030-02-30", ""):
        equal(stack.program("rollcallctl", "audit", "verify", "--since",
                            day).returncode, 2, day)


def checks_the_audit_daily():
    stack.ctl("admin", "add", "--org", "audit", "root@audit.example", "Root")
    stack.later("1 day")
    told = []
    for day in (1, 2):
        summary = stack.sweep()
        equal((summary["audit_problems"], summary["audit_rows"] >= 3),
              (1, True), f"day {day}")
        equal(stack.sweep()["audit_chains"], 0, "once a day")
        told.append([mail.part("plain") for mail in
                     stack.mails("root@audit.example")
                     if "is not as it was written" in mail.part("plain")])
        stack.later("1 day")
    equal([len(mails) for mails in told], [1, 1], "told once")
    equal("Row 2: the row was changed." in told[0][0], True, told[0][0])
    if '"event":"audit_not_sound"' not in "".join(stack.spoken):
        raise AssertionError("the log does not tell")


def tells_no_secret_in_any_log():
    link = stack.mails("ada@sail.example")[0].link("r")
    for path in (link, link + "x", link + "?a=" + link, "/u" + link[2:],
                 "/signin" + link[2:], "//" + link, "/x" + link):
        visit(path)
        visit(path, b"status=attended&email=ada@sail.example")
    words = {address.encode() for address in stack.sql(
        "select email from users").splitlines()}
    words |= {b"Spring regatta"}
    for mail in stack.mails():
        for folder in ("r", "u", "signin"):
            try:
                words.add(mail.link(folder).rsplit("/", 1)[1].encode())
            except AssertionError:
                pass
    if len(words) < 100:
        raise AssertionError(f"only {len(words)} words to look for")
    words |= {b"Sanitizer", b"runtime error", b'"level":"bug"'}
    for path, content in stack.logs().items():
        for word in words:
            if word in content:
                raise AssertionError(f"{word!r} stands in {path}")


STATUS = run([
    ("R-A4 prompt 1 leaves an hour after the end, once each",
     asks_an_hour_after_the_end),
    ("R-F4 the mails have no defect", writes_strict_mails),
    ("R-A4 sweeping again, and two at once: no more", sends_nothing_again),
    ("R-F1 three sweeps at once share sixty mails",
     shares_work_between_two_at_once),
    ("R-A4 off for 6 hours: everything due leaves once",
     catches_up("hours", "01 17:01")),
    ("R-A4 off for 3 days: everything due leaves once",
     catches_up("days", "04 11:01")),
    ("R-A4 off for 13 days: everything due leaves once",
     catches_up("weeks", "15 09:59")),
    ("R-A4 past 14 days nothing is sent",
     catches_up("never", "15 10:00", False)),
    ("R-F7 quiet hours hold prompts", holds_in_quiet_hours),
    ("R-A3 who must not be asked is not", asks_not_who_does_not_want_it),
    ("R-F1 what changed is seen before sending", rechecks_before_sending),
    ("R-A4 a moved event is asked about anew", asks_anew_after_a_move),
    ("R-A3 a cancelled event is not asked about",
     asks_nobody_about_a_cancelled_event),
    ("R-O1 zones that the server has learned are known by the next run",
     knows_zones_that_are_new),
    ("R-O1 a bad zone is reported, others are served",
     serves_others_beside_a_bad_zone),
    ("R-O3 a sign-in link leaves within 5 s", mails_sign_in_links_at_once),
    ("R-O3 requests of a day ago are thrown away, and counted",
     throws_old_requests_away),
    ("R-B6 a changed row of the audit is found and named",
     verifies_the_audit),
    ("R-B6 the sweep goes over each chain daily, and tells admins once",
     checks_the_audit_daily),
    ("R-G3 no log holds an address, token or title",
     tells_no_secret_in_any_log),
])
stack.stop()
sys.exit(STATUS)
