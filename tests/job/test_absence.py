"""B5: real sweeps mark those absent whom nobody marked: once, however many
sweeps there are and however many people, and say so."""

import json
import sys
import time

from stack import Stack, equal, run

PEOPLE = 50000

stack = Stack()


def held(slug, people, present=1):
    """An event that is over, so many of whose people were checked in."""
    stack.clock("2030-06-14 16:00+00")
    stack.ctl("org", "add", slug, f"The {slug} club", "--timezone", "UTC")
    event = stack.number(
        "insert into events (org_id, title, starts_at, ends_at, status, "
        "takes_attendance) select id, 'Regatta', '2030-06-14 13:00Z', "
        "'2030-06-14 15:00Z', 'ongoing', true from organizations where "
        f"slug = '{slug}' returning id")
    stack.sql(
        "with u as (insert into users (email, name) select "
        f"'{slug}' || i || '@example.org', 'P' from "
        f"generate_series(1, {people}) i returning id) insert into "
        "event_participants (event_id, org_id, user_id) select e.id, "
        f"e.org_id, u.id from u, events e where e.id = {event}")
    stack.sql(
        "update event_participants set attendance_status = 'present' where "
        "id in (select id from event_participants where event_id = "
        f"{event} order by id limit {present})")
    stack.sql("analyze event_participants")
    return event


def lines_of(*texts):
    return [json.loads(line) for text in texts for line in text.splitlines()]


def of(lines, operation):
    return [line for line in lines if line.get("op") == operation]


def words(event):
    return stack.sql("select attendance_status, count(*) from "
                     f"event_participants where event_id = {event} group by 1 "
                     "order by 1").splitlines()


def says_what_it_did():
    event = held("small", 4)
    done = stack.program("sweep")
    lines = lines_of(done.stdout)
    equal(words(event), ["absent|3", "present|1"], "marked")
    equal(lines[-1]["events_completed"], 1, "completed in the same run")
    equal(lines[-1]["absent_flagged"], 3, "in the run's summary")
    equal(len(of(lines, "autoAbsenceBatch")), 1, "a line a batch")
    summary, = of(lines, "autoAbsenceSummary")
    wanted = {"event_id": event, "scanned": 4, "flagged": 3,
              "skipped_present": 1, "skipped_late": 0, "skipped_absent": 0,
              "skipped_excused": 0, "skipped_waitlisted": 0,
              "skipped_withdrawn": 0, "batches": 1}
    equal({key: summary[key] for key in wanted}, wanted, "the summary")
    equal(isinstance(summary["duration_ms"], int), True, "how long")
    equal(of(lines_of(stack.program("sweep").stdout), "autoAbsenceSummary"),
          [], "the next run does nothing")


def changes_nothing_in_a_dry_run():
    asked, flagged = held("asked", 3, 0), held("dry", 4)
    stack.sql("select advance_events()")
    said = lines_of(stack.program("sweep", "--dry-run").stdout)
    equal([(line["event"], line["event_id"], line["participants"])
           for line in said if line["event"].endswith("_absences")],
          [("would_ask_of_absences", asked, 3),
           ("would_flag_absences", flagged, 3)], "what it would do")
    equal(words(flagged), ["present|1", "unknown|3"], "nothing done")
    equal(stack.sweep()["absent_asked"], 1, "then asked")
    equal(words(asked), ["unknown|3"], "and nobody flagged")
    equal(words(flagged), ["absent|3", "present|1"], "flagged")


def peak_kib(sweep):
    """The most memory a process has had, looked at until it ends."""
    peak = 0
    while sweep.poll() is None:
        try:
            with open(f"/proc/{sweep.pid}/status", encoding="ascii") as file:
                text = file.read()
        except OSError:
            break
        if "Name:\tsweep" in text and "VmHWM" in text:
            peak = int(text.split("VmHWM:")[1].split()[0])
        time.sleep(0.005)
    return peak


def two_at_once_and_bounded():
    held("few", 600)
    small = peak_kib(stack.begin("sweep"))
    event = held("crowd", PEOPLE)
    sweeps = [stack.begin("sweep"), stack.begin("sweep")]
    large = peak_kib(sweeps[0])
    spoken = [sweep.communicate(timeout=120)[0] for sweep in sweeps]
    lines = lines_of(*spoken)
    equal([sweep.returncode for sweep in sweeps], [0, 0], "both are well")
    equal(words(event), [f"absent|{PEOPLE - 1}", "present|1"], "all of them")
    equal(stack.sql(
        "select count(*), count(distinct participant_id) from "
        f"event_attendance_audit where event_id = {event}"),
        f"{PEOPLE - 1}|{PEOPLE - 1}", "one audit row each")
    equal(stack.sql("select * from verify_audit('crowd')"), "", "the chain")
    summary, = of(lines, "autoAbsenceSummary")
    equal((summary["scanned"], summary["flagged"], summary["batches"]),
          (PEOPLE, PEOPLE - 1, PEOPLE // 500), "batches of 500")
    steps = of(lines, "autoAbsenceBatch")
    equal(max(line["scanned"] for line in steps), 500, "none is larger")
    print(f"# {PEOPLE} participants in "
          f"{sum(line['duration_ms'] for line in steps)} ms; peak memory "
          f"{large} KiB, with 600 of them {small} KiB")
    if not 0 < large <= small + 2048:
        raise AssertionError(f"{large} KiB instead of {small} KiB")


if __name__ == "__main__":
    sys.exit(run([
        ("R-B5 a line a batch and a summary an event", says_what_it_did),
        ("R-B5 a dry run of the sweep changes nothing",
         changes_nothing_in_a_dry_run),
        ("R-B5 two sweeps at once: each participant once, in batches of 500 "
         "and bounded memory", two_at_once_and_bounded),
    ]))
