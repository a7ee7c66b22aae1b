"""Calendars as they really are: what comes in, what is refused and why, and
series that go on as time does."""

import os
import sys

from stack import Stack, equal, run

stack = Stack()
stack.clock("2026-11-20 12:00+00")
stack.ctl("org", "add", "club", "The Club", "--timezone", "Europe/Berlin")

DAYLIGHT = ("BEGIN:DAYLIGHT\r\nDTSTART:{start}T020000\r\nTZOFFSETFROM:+0100"
            "\r\nTZOFFSETTO:+0200\r\n{daylight}END:DAYLIGHT\r\n")
STANDARD = ("BEGIN:STANDARD\r\nDTSTART:{start}T030000\r\nTZOFFSETFROM:+0200"
            "\r\nTZOFFSETTO:+0100\r\n{standard}END:STANDARD\r\n")
LAST_SUNDAYS = {
    "start": "16010101",
    "daylight": "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\n",
    "standard": "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n"}


def zone(name):
    """A VTIMEZONE with Central Europe's clock."""
    return (f"BEGIN:VTIMEZONE\r\nTZID:{name}\r\n"
            + (DAYLIGHT + STANDARD).format(**LAST_SUNDAYS)
            + "END:VTIMEZONE\r\n")


def event(uid, *lines):
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{uid}",
                        *lines, "END:VEVENT", ""])


def calendar(*parts):
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n"
            + "".join(parts) + "END:VCALENDAR\r\n")


def take(content, *options, org="club"):
    path = stack.write("calendar.ics", content)
    return stack.program("rollcallctl", "import-events", "--org", org,
                         *options, path)


def taken(content):
    """An import in which nothing may be refused; its verdicts' words."""
    done = take(content)
    if done.returncode:
        raise AssertionError(f"{done.stdout}{done.stderr}")
    return [line.split()[2] for line in done.stdout.splitlines()[:-1]]


def starts(uid, limit=5, zone_name="Europe/Berlin"):
    return stack.sql(
        f"select to_char(starts_at at time zone '{zone_name}', "
        "'YYYY-MM-DD HH24:MI') from events where status <> 'cancelled' and "
        f"uid = '{uid}' order by starts_at limit {limit}").splitlines()


def events():
    return stack.number("select count(*) from events")


def unreadable_files_say_where():
    good = calendar(event("whole", "DTSTART:20261201T180000Z"))
    before = events()
    for content, why in (
            ("", "line 1: this is no calendar"),
            ("<!doctype html>\n", "line 1: this is no calendar"),
            (good[:good.index("END:VCAL")], "line 1: what begins here does "
                                            "not end"),
            (good[:-20], "line 8: END does not fit the BEGIN of line 4"),
            (good[:good.index("END:VEVENT")], "line 4: what begins here does not end"),
            (bytes(range(256)) * 40, "line 1: "),
            (good.encode("utf-16"), "line 1: this is UTF-16"),
            (good.encode("utf-16-le"), "line 1: this is no calendar"),
            (good.encode() + b"\0", "line 10: this is no calendar: it holds "
                                    "a NUL")):
        done = take(content)
        equal(done.returncode, 2, content[:40])
        if why not in done.stderr:
            raise AssertionError(f"{content[:40]!r}: {done.stderr}")
    huge = good.encode() * (50 * 1024 * 1024 // len(good))
    done = take(huge)
    equal((done.returncode, "16 MiB" in done.stderr), (2, True), done.stderr)
    os.remove(stack.path("var", "calendar.ics"))
    equal(take(good, org="none").returncode, 1)
    equal(events(), before)


BAD = {
    "month": (["DTSTART:20261301T180000Z"], "no date or time that exists"),
    "day": (["DTSTART:20260230T180000Z"], "no date or time that exists"),
    "zone": (["DTSTART;TZID=Middle/Earth:20261201T180000"],
             "time zone is not known"),
    "path": (["DTSTART;TZID=../../../etc/hostname:20261201T180000"],
             "time zone is not known"),
    "end": (["DTSTART:20261201T180000Z", "DTEND:20261201T170000Z"],
            "ends before it starts"),
    "two": (["DTSTART:20261201T180000Z", "DTSTART:20261202T180000Z"],
            "DTSTART stands twice"),
    "none": ([], "DTSTART is missing"),
    "second": (["DTSTART:20261201T180000Z", "RRULE:FREQ=SECONDLY"],
               "every second"),
    "minute": (["DTSTART:20261201T180000Z", "RRULE:FREQ=MINUTELY"],
               "every minute"),
    "hour": (["DTSTART:20261201T180000Z", "RRULE:FREQ=HOURLY"],
             "more than 1,500 times"),
    "many": (["DTSTART:20261201T180000Z", "RRULE:FREQ=DAILY;COUNT=100000"],
             "more than 10,000 times"),
    "never": (["DTSTART:20261201T180000Z",
               "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"],
              "no day fits its RRULE"),
    "rule": (["DTSTART:20261201T180000Z", "RRULE:FREQ=WEEKLY;BYDAY=1FR"],
             "BYDAY with a number"),
    "later": (["DTSTART:20261201T180000Z",
               "RECURRENCE-ID;RANGE=THISANDFUTURE:20261201T180000Z"],
              "changes all later ones"),
    "latin": (["DTSTART:20261201T180000Z", "LOCATION:Caf\xe9"],
              "its text is not UTF-8"),
}


def bad_events_spoil_no_others():
    content = calendar(
        event("good1", "DTSTART:20261201T180000Z"),
        *(event(uid, *lines) for uid, (lines, _) in BAD.items()),
        event("good2", "DTSTART:20261201T180000Z", "RRULE:FREQ=WEEKLY"))
    for wanted in ("new", "unchanged"):
        done = take(content.encode("latin-1"))
        equal(done.returncode, 1, done.stderr)
        lines = done.stdout.splitlines()
        equal(len(lines), len(BAD) + 3)
        for line, (uid, (_, why)) in zip(lines[1:], BAD.items()):
            words = line.split(maxsplit=3)
            if words[2] != "refused" or why not in line:
                raise AssertionError(f"{uid}: {line}")
        equal([lines[i].split()[2] for i in (0, -2)], [wanted] * 2)
    equal(stack.sql("select string_agg(distinct uid, ' ' order by uid) from "
                    "events where uid ~ 'good' or uid in ("
                    + ", ".join(f"'{uid}'" for uid in BAD) + ")"),
          "good1 good2")


# What programs write, and the first starts that are meant, in Berlin's time.
SHAPES = {
    "Google": (
        ["X-WR-TIMEZONE:Europe/Berlin\r\n"],
        ["DTSTART;TZID=Europe/Berlin:20261123T183000",
         "DTEND;TZID=Europe/Berlin:20261123T200000",
         "RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20261215T225959Z;BYDAY=MO",
         "EXDATE;TZID=Europe/Berlin:20261130T183000"],
        ["2026-11-23 18:30", "2026-12-07 18:30", "2026-12-14 18:30"]),
    "Outlook": (
        [zone("W. Europe Standard Time")],
        ["DTSTART;TZID=\"W. Europe Standard Time\":20261127T180000",
         "DTEND;TZID=\"W. Europe Standard Time\":20261127T190000",
         "RRULE:FREQ=MONTHLY;COUNT=3;BYDAY=FR;BYSETPOS=-1"],
        ["2026-11-27 18:00", "2026-12-25 18:00", "2027-01-29 18:00"]),
    "OutlookAlone": (
        [],
        ["DTSTART;TZID=Pacific Standard Time:20261123T090000",
         "RRULE:FREQ=DAILY;COUNT=2"],
        ["2026-11-23 18:00", "2026-11-24 18:00"]),
    "OutlookOwn": (
        [zone("Customized Time Zone")],
        ["DTSTART;TZID=Customized Time Zone:20270325T180000",
         "RRULE:FREQ=DAILY;COUNT=5"],
        ["2027-03-25 18:00", "2027-03-26 18:00", "2027-03-27 18:00",
         "2027-03-28 18:00", "2027-03-29 18:00"]),
    "Apple": (
        [zone("Europe/Berlin")],
        ["DTSTART;TZID=Europe/Berlin:20261124T100000", "DURATION:PT45M",
         "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3;BYDAY=TU,WE"],
        ["2026-11-24 10:00", "2026-11-25 10:00", "2026-12-08 10:00"]),
    "Thunderbird": (
        [],
        ["DTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:20261124T100000",
         "RDATE;TZID=/mozilla.org/20050126_1/Europe/Berlin:20261126T110000"],
        ["2026-11-24 10:00", "2026-11-26 11:00"]),
    "Nextcloud": (
        [zone("Europe/Berlin")],
        ["DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261202",
         "RRULE:FREQ=MONTHLY;BYMONTHDAY=1;UNTIL=20270201",
         "EXDATE;VALUE=DATE:20270101"],
        ["2026-12-01 00:00", "2027-02-01 00:00"]),
    "Floating": (
        ["X-WR-TIMEZONE;VALUE=TEXT:Asia/Tokyo\r\n"],
        ["DTSTART:20261124T030000", "RRULE:FREQ=DAILY;COUNT=2"],
        ["2026-11-23 19:00", "2026-11-24 19:00"]),
    "Folded": (
        [],
        ["DTSTART;TZID=Europe/Ber\r\n lin:2026112\r\n 4T100000",
         "RRULE:FREQ=DA\r\n ILY;COUNT=1"],
        ["2026-11-24 10:00"]),
}


def reads_what_programs_write():
    for uid, (before, lines, wanted) in SHAPES.items():
        content = calendar(*before, event(uid, *lines))
        dry = take(content, "--dry-run")
        equal((dry.returncode, starts(uid)), (0, []), f"{uid}: {dry.stdout}")
        equal(taken(content), ["new"], uid)
        equal(starts(uid, 9), wanted, uid)
        equal(taken(content), ["unchanged"], uid)
        equal(starts(uid, 9), wanted, uid)
    # All of them in one file.
    whole = "".join(calendar(*before, event(uid, *lines))
                    for uid, (before, lines, _) in SHAPES.items())
    equal(taken(whole), ["unchanged"] * len(SHAPES))


def ends_only_where_it_is_told():
    taken(calendar(
        event("open", "DTSTART:20261201T180000Z"),
        event("flight", "DTSTART;TZID=Europe/Berlin:20261201T180000",
              "DTEND;TZID=Europe/London:20261201T180000"),
        event("night", "DTSTART;TZID=Europe/Berlin:20270327T180000",
              "DURATION:P1D"),
        event("day", "DTSTART;TZID=Europe/Berlin:20270327T180000",
              "DURATION:PT24H")))
    equal(stack.sql("select string_agg(coalesce((ends_at - starts_at)::text, "
                    "'-'), ' ' order by uid) from events where uid in "
                    "('open', 'flight', 'night', 'day')"),
          "1 day 01:00:00 23:00:00 -")


def changes_single_instances():
    master = event("choir", "SEQUENCE:1",
                   "DTSTART;TZID=Europe/Berlin:20261126T190000",
                   "RRULE:FREQ=WEEKLY;COUNT=4")
    moved = event("choir", "SEQUENCE:1",
                  "RECURRENCE-ID:20261203T180000Z",
                  "DTSTART;TZID=Europe/Berlin:20261204T200000")
    off = event("choir", "SEQUENCE:1", "STATUS:CANCELLED",
                "RECURRENCE-ID;TZID=Europe/Berlin:20261210T190000",
                "DTSTART;TZID=Europe/Berlin:20261210T190000")
    content = calendar(moved, master, off)
    equal(taken(content), ["changed", "new", "changed"])
    wanted = ["2026-11-26 19:00", "2026-12-04 20:00", "2026-12-17 19:00"]
    equal(starts("choir"), wanted)
    equal(taken(content), ["unchanged"] * 3)
    older = event("choir", "SEQUENCE:0",
                  "DTSTART;TZID=Europe/Berlin:20261126T210000",
                  "RRULE:FREQ=WEEKLY;COUNT=4")
    equal(taken(calendar(older)), ["unchanged"])
    equal(starts("choir"), wanted)


def series_go_on_as_time_does():
    taken(calendar(zone("Own"), event(
        "weekly", "DTSTART;TZID=Own:20261127T180000", "DTEND;TZID=Own:"
        "20261127T193000", "RRULE:FREQ=WEEKLY")))
    last = "select max(starts_at)::date from events where uid = 'weekly'"
    now = "select at::date + 365 from test_clock"
    if stack.sql(last) < stack.sql(now)[:8]:
        raise AssertionError(f"only up to {stack.sql(last)}")
    equal(stack.sweep()["series_extended"], 0, "nothing is due yet")
    for months in range(1, 15):
        stack.later("1 month")
        before = events()
        dry = stack.program("sweep", "--dry-run").stdout
        if '"would_extend"' not in dry:
            raise AssertionError(dry)
        equal(events(), before, "a dry run")
        summary = stack.sweep()
        if not 4 <= summary["series_events"] <= 400:
            raise AssertionError(summary)
        equal(summary["series_failed"], 0)
        gap = stack.number(
            f"select ({now}) - ({last})")
        if gap > 7:
            raise AssertionError(f"month {months}: {gap} days short")
        equal(stack.sweep()["series_extended"], 0, "again")
    # One a week, none twice, none left out; 18:00 in winter and summer.
    equal(stack.sql(
        "select count(*) = count(distinct starts_at), count(distinct "
        "to_char(starts_at at time zone 'Europe/Berlin', 'Dy HH24:MI')), "
        "count(distinct to_char(starts_at at time zone 'UTC', 'HH24:MI')), "
        "count(distinct ends_at - starts_at), max(starts_at)::date - "
        "min(starts_at)::date = (count(*) - 1) * 7 from events where uid = "
        "'weekly'"), "t|1|2|1|t")
    # What ended has ended.
    equal(len(starts("Google", 99)), 3)


def one_bad_series_stops_no_other():
    stack.sql("update event_series set rule = 'FREQ=NONSENSE' where uid = "
              "'good2'")
    stack.later("2 months")
    summary = stack.sweep()
    equal(summary["series_failed"], 1)
    gap = stack.number("select (select at::date + 365 from test_clock) - "
                       "(select max(starts_at)::date from events where uid = "
                       "'weekly')")
    if gap > 7:
        raise AssertionError(f"{gap} days short")
    stack.sql("update event_series set zone = 'Middle/Earth' where uid = "
              "'good2'")
    stack.later("1 month")
    equal(stack.sweep()["series_failed"], 1)


def takes_the_shared_files():
    folder = os.path.join(os.getcwd(), "..", "shared", "data")
    for name in ("fosdem-2025-sample.ics", "conferences-2026.ics"):
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            continue
        with open(path, "rb") as file:
            content = file.read()
        words = taken(content)
        equal(set(words), {"new"}, name)
        equal(set(taken(content)), {"unchanged"}, name)


STATUS = run([
    ("R-A4 a file that is no calendar is refused with its line, over 16 MiB "
     "before it is read", unreadable_files_say_where),
    ("R-A4 each bad event is refused with its reason, the others come in",
     bad_events_spoil_no_others),
    ("R-A4 what Google, Outlook, Apple, Thunderbird and Nextcloud write",
     reads_what_programs_write),
    ("R-A1 an event ends where it says so, days by the clock",
     ends_only_where_it_is_told),
    ("R-A4 instances are moved and cancelled by themselves",
     changes_single_instances),
    ("R-A4 the files that came along come in whole", takes_the_shared_files),
    ("R-A4 series go on for twelve months ahead, and 18:00 stays 18:00",
     series_go_on_as_time_does),
    ("R-A4 a series that cannot be read stops no other",
     one_bad_series_stops_no_other),
])
stack.stop()
sys.exit(STATUS)
