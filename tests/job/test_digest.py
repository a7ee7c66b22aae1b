"""Several questions in one mail: each has its own link, and each link works."""

import re
import sys
import urllib.error
import urllib.request

from stack import Club, Stack, equal, run

stack = Stack()


def at(clock):
    stack.clock(f"2030-06-{clock}+00")


def visit(path, data=None):
    """Opens a page as a browser would; its text."""
    request = urllib.request.Request(
        stack.url + path, data, {} if data is None else
        {"Origin": stack.url})
    with urllib.request.urlopen(request) as page:
        return page.read().decode()


def links(mail, kind="plain"):
    """The answer links of a mail, once each, in their order."""
    found = re.findall(r"https?://[^\s<>\"]+(/r/[^\s<>\"]+)", mail.part(kind))
    return list(dict.fromkeys(found))


def wants(frequency, email):
    stack.sql(
        "insert into event_notification_preferences (user_id, org_id, "
        f"frequency) select u.id, m.org_id, '{frequency}' from users u join "
        f"memberships m on m.user_id = u.id where u.email = '{email}' on "
        "conflict (user_id, org_id) do update set frequency = "
        "excluded.frequency")


def club_with_events(slug, titles, people):
    """People who looked at events that ended on 14 June, 15:00 UTC."""
    at("14 12:00")
    club = Club(stack, slug, people)
    for number, title in enumerate(titles):
        club.add_event("20300614T130000Z", "20300614T150000Z",
                       uid=f"{slug}{number}", title=title)
    stack.sql("update organizations set second_prompt = 'all' where slug = "
              f"'{slug}'")
    return club


def sends_one_mail_with_a_link_an_event():
    titles = ["Regatta", "Rowing & rum", "Ebb"]
    club = club_with_events("sail", titles, {"ada": "", "bob": ""})
    wants("daily", "ada@sail.example")
    at("14 16:01")
    summary = stack.sweep()
    equal(club.asked(), ["bob@sail.example"] * 3)
    equal((summary["planned_attendance_prompt"], summary["planned_digest"]),
          (6, 0))
    at("15 06:59")
    stack.sweep()
    equal(len(club.mails()), 3)
    at("15 07:00")
    said = stack.program("sweep", "--dry-run").stdout
    if '"notification_id":"digest-' not in said or "-20300615" not in said:
        raise AssertionError(f"the dry run tells of no digest:\n{said}")
    equal(len(club.mails()), 3)
    summary = stack.sweep()
    equal((summary["planned_digest"], summary["sent"]), (1, 4))
    mail = stack.mails("ada@sail.example")
    equal(len(mail), 1)
    mail = mail[0]
    equal(mail.message["Subject"], "Were you at these 3 events?")
    for kind in ("plain", "html"):
        equal(len(links(mail, kind)), 3)
    equal(links(mail, "html"), links(mail))
    for title in titles:
        if title not in mail.part("plain"):
            raise AssertionError(f"no {title} in\n{mail.part('plain')}")
    if "Friday 14 June 2030, 15:00" not in mail.part("plain"):
        raise AssertionError(mail.part("plain"))
    if "Rowing &amp; rum" not in mail.part("html"):
        raise AssertionError("not escaped")
    if len(mail.raw) > 20480 or "<img" in mail.part("html"):
        raise AssertionError("images, or too large")
    equal(mail.message["List-Unsubscribe"].strip(),
          f"<{stack.url}{mail.link('u')}>")
    equal(mail.message["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
    equal(stack.sweep()["claimed"], 0)


def each_link_is_its_events():
    mail = stack.mails("ada@sail.example")[0]
    titles = ["Regatta", "Rowing &amp; rum", "Ebb"]
    for path, title in zip(links(mail), titles):
        if f"at <bdi>{title}</bdi>?" not in visit(path):
            raise AssertionError(f"{path} does not ask about {title}")
    visit(links(mail)[0], b"status=attended")
    visit(links(mail)[1] + "/later", b"")
    equal(stack.sql(
        "select string_agg(e.title || ' ' || a.status, ', ') from attendance "
        "a join events e on e.id = a.event_id join users u on u.id = "
        "a.user_id where u.email = 'ada@sail.example'"), "Regatta attended")


def a_line_again_is_the_last():
    at("16 07:00")
    stack.sweep()
    mails = stack.mails("ada@sail.example")[1:]
    for mail in mails:
        if "last question" not in mail.part("plain"):
            raise AssertionError(mail.part("plain"))
    equal(sorted(len(links(mail)) for mail in mails), [1, 1])
    subjects = sorted(mail.message["Subject"] for mail in mails)
    equal(subjects, ["One last time: were you at Rowing & rum?",
                     "Were you at Ebb?"])


def one_click_stops_them():
    mail = stack.mails("ada@sail.example")[0]
    visit(mail.link("u"), b"List-Unsubscribe=One-Click")
    equal(stack.sql(
        "select frequency from event_notification_preferences p join users u "
        "on u.id = p.user_id where u.email = 'ada@sail.example'"), "none")


def copies_are_the_same():
    club = club_with_events("copy", ["Regatta", "Ebb"], {"drop-kept": ""})
    to = club.addresses[0]
    wants("daily", to)
    at("14 16:01")
    stack.sweep()
    at("15 07:00")
    stack.sweep()
    equal(stack.sql("select cause from scheduled_notifications where kind = "
                    "'digest'"), "retry")
    # What changes meanwhile does not change what was sent before.
    stack.sql("update events set title = 'Another' where title = 'Ebb'")
    at("15 08:30")
    stack.sweep()
    mails = [mail.raw for mail in stack.mails(to)]
    if len(mails) < 2:
        raise AssertionError(f"{len(mails)} mails")
    equal(len(set(mails)), 1)


def is_small_however_many():
    titles = [f"Race {n} " + "ü" * 200 for n in range(15)] + \
        [f"Race {n} " + "\U0001f389\"" * 100 for n in range(15)] + \
        [f"Race {n}" for n in range(15)]
    club = club_with_events("full", titles, {"ada": ""})
    stack.sql("update organizations set name = left(repeat('\U0001f389\"', "
              "100), 200), postal_address = left(repeat('\U0001f389\"', 250),"
              " 500), timezone = 'America/Argentina/ComodRivadavia' where "
              "slug = 'full'")
    stack.sql("update users set name = left(repeat('\U0001f389\"', 100), 200)"
              " where email = 'ada@full.example'")
    wants("weekly", club.addresses[0])
    at("14 16:01")
    stack.sweep()
    at("17 11:59")
    equal(stack.sweep()["sent"], 0)
    at("17 12:00")
    stack.sweep()
    mail = stack.mails(club.addresses[0])
    equal(len(mail), 1)
    listed = len(links(mail[0]))
    print(f"# {listed} of 45, {len(mail[0].raw)} bytes")
    if len(mail[0].raw) > 20 * 1024 - 1024:
        raise AssertionError(f"{len(mail[0].raw)} bytes")
    text = mail[0].part("plain")
    if f"no room for {45 - listed} more" not in text or \
            f"{stack.url}/prompts" not in text:
        raise AssertionError(text)
    equal(stack.number(
        "select count(*) from notifications n join users u on u.id = "
        "n.user_id where u.email = 'ada@full.example'"), 45)


def switches_both_ways():
    club = club_with_events("swap", ["Regatta", "Ebb"],
                            {"ada": "", "bob": "", "cem": ""})
    wants("daily", "ada@swap.example")
    wants("weekly", "bob@swap.example")
    stack.sql("update users set quiet_from = '17:00', quiet_to = '10:00' "
              "where email = 'cem@swap.example'")
    at("14 16:01")
    stack.sweep()
    equal(club.asked(), [])
    wants("all", "ada@swap.example")
    wants("none", "bob@swap.example")
    wants("daily", "cem@swap.example")
    stack.sweep()
    equal(club.asked(), ["ada@swap.example"] * 2)
    wants("daily", "ada@swap.example")
    at("15 08:00")
    stack.sweep()
    mails = [mail for mail in club.mails() if not mail.to.startswith("ada")]
    equal([(mail.to, len(links(mail))) for mail in mails],
          [("cem@swap.example", 2)])


STATUS = run([
    ("R-A12 a digest is one mail, with a link an event",
     sends_one_mail_with_a_link_an_event),
    ("R-A12 each link is its event's", each_link_is_its_events),
    ("R-A12 prompt 2 is a line of the next; snoozed, a mail of its own",
     a_line_again_is_the_last),
    ("R-G2 one click in a digest stops the questions", one_click_stops_them),
    ("R-F1 a second attempt sends the same bytes", copies_are_the_same),
    ("R-F4 a digest is under 20 KB, whatever is in it",
     is_small_however_many),
    ("R-A12 switched with prompts that wait: nothing lost, nothing both ways",
     switches_both_ways),
])
stack.stop()
sys.exit(STATUS)
