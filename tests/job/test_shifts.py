"""C2 to C6: reminders of shifts and what people are told about them, by real
sweeps, as mail that arrives."""

import json
import sys

from stack import Club, Stack, equal, run

stack = Stack()


def club_of(slug, *people):
    stack.clock("2030-06-14 12:00+00")
    return Club(stack, slug, {name: "Europe/Berlin" for name in people})


def assign(club, shift, *people):
    stack.sql(
        "insert into duty_assignments (org_id, schedule_id, user_id) select "
        f"s.org_id, s.id, u.id from duty_schedules s, users u where s.id = "
        f"{shift} and u.email = any "
        f"('{{{','.join(f'{p}@{club.slug}.example' for p in people)}}}')")


def shift(club, starts, ends, *people, title="Bar", notes=""):
    made = stack.number(
        "insert into duty_schedules (org_id, title, location, notes, "
        f"start_at, end_at) select id, '{title}', 'Hall', '{notes}', "
        f"'2030-06-14 {starts}Z', '2030-06-14 {ends}Z' from organizations "
        f"where slug = '{club.slug}' returning id")
    assign(club, made, *people)
    return made


def session(club, person, role="member"):
    """A signed-in session of a person with that role, as SQL takes it."""
    return stack.sql(
        f"update memberships set role = '{role}' where user_id = (select id "
        f"from users where email = '{person}@{club.slug}.example'); "
        "insert into sessions (user_id, hash, device, created_at, "
        "last_seen_at, expires_at) select id, sha256(convert_to(email || "
        "random(), 'UTF8')), '', app_now(), app_now(), app_now() + interval "
        f"'30 days' from users where email = '{person}@{club.slug}.example' "
        "returning hash").replace("\\", "")


def told(club):
    """Who got what since the last look."""
    new = [mail for mail in club.mails() if mail.number not in seen]
    seen.update(mail.number for mail in new)
    return sorted(f"{mail.to.split('@')[0]}: {mail.message['Subject']}"
                  for mail in new)


seen = set()


def reminds_within_a_run():
    club = club_of("bar", "ada", "bob", "cem")
    bar = shift(club, "13:00", "14:00", "ada", "bob", "cem",
                notes="Bring gloves")
    stack.clock("2030-06-14 12:44:59+00")
    equal(stack.sweep()["planned_shift_start"], 0, "R-C2 not before")
    stack.clock("2030-06-14 12:45:59+00")
    stack.sql(f"select check_shift('{chr(92)}{session(club, 'ada')}', {bar}, "
              "'check_in')", "rollcall_member")
    said = [json.loads(line)
            for line in stack.program("sweep", "--dry-run").stdout.splitlines()]
    equal(sorted(line["schedule_id"] for line in said
                 if line["event"] == "would_plan"), [bar, bar],
          "R-C2 a dry run tells of the two it would plan")
    summary = stack.sweep()
    equal((summary["planned_shift_start"], summary["shift_not_needed"],
           summary["sent"]), (2, 1, 2),
          "R-C3, R-C5 a run within a minute reminds all but who checked in")
    equal(told(club), ["bob: Soon: Bar", "cem: Soon: Bar"], "R-C3")
    mail, = [m for m in club.mails() if m.to.startswith("bob")]
    for word in ("Bring gloves", "Friday 14 June 2030, 15:00–16:00",
                 "Europe/Berlin", "Hall"):
        for kind in ("plain", "html"):
            equal(word in mail.part(kind), True, f"{word} in {kind}")
    equal("List-Unsubscribe-Post" in mail.message, True, "F4")
    equal(stack.sweep()["sent"], 0, "once")

    stack.clock("2030-06-14 14:00:30+00")
    equal(stack.sweep()["planned_shift_end"], 3, "R-C2 the end")
    equal(told(club), ["ada: Done? Bar", "bob: Done? Bar", "cem: Done? Bar"],
          "R-C2 who has not checked out")


def tells_what_changed():
    club = club_of("late", "ada", "bob", "cem")
    admin = session(club, "ada", "admin")
    call = f"'{chr(92)}{admin}', 'late'"
    form = ("""jsonb_build_object('title', 'Bar', 'start_date', '2030-06-14',
        'start_time', '{}', 'end_time', '23:00')""")
    bar = stack.number(
        f"select shift_id from make_shift({call}, {form.format('20:00')})")
    bob, cem = [stack.number(
        f"select id from users where email = '{p}@late.example'")
        for p in ("bob", "cem")]
    stack.sql(f"select assign_shift({call}, {bar}, '[{bob}]', false)")
    equal(stack.sweep()["sent"], 0, "a minute for second thoughts")
    stack.later("1 minute")
    stack.sweep()
    equal(told(club), ["bob: You are assigned to a shift: Bar"], "assigned")

    stack.sql(f"select change_shift({call}, {bar}, 1, {form.format('21:00')})")
    stack.later("30 seconds")
    stack.sql(f"select change_shift({call}, {bar}, 2, {form.format('22:00')})")
    stack.later("30 seconds")
    stack.sweep()
    equal(told(club), ["bob: Your shift was changed: Bar"],
          "R-C4 moved twice, one mail")
    mail = club.mails()[-1]
    equal("22:00–23:00" in mail.part("plain"), True, "with the last time")

    # 21:59:30 in Berlin: to somebody else in the last minute.
    stack.clock("2030-06-14 19:46+00")
    stack.sweep()
    equal(told(club), ["bob: Soon: Bar"], "reminded")
    stack.clock("2030-06-14 19:59:30+00")
    stack.sql(f"select unassign_shift({call}, {bar}, {bob})")
    stack.sql(f"select assign_shift({call}, {bar}, '[{cem}]', false)")
    stack.sweep()
    equal(told(club), ["bob: You were taken off a shift: Bar",
                       "cem: Soon: Bar",
                       "cem: You are assigned to a shift: Bar"],
          "R-C4 reassigned in the last minute")
    cems = session(club, "cem")
    stack.sql(f"select say_shift_word('{chr(92)}{cems}', {bar}, 'late', 5)",
              "rollcall_member")
    stack.sweep()
    equal(told(club), ["ada: Cem will be 5 minutes late: Bar"],
          "R-C6 the team is told at once, in the quiet hours too")
    stack.sql(f"select cancel_shift({call}, {bar}, 3, null)")
    summary = stack.sweep()
    equal(told(club), ["cem: Your shift is cancelled: Bar"], "cancelled")
    stack.clock("2030-06-14 21:00:10+00")
    summary = stack.sweep()
    equal((summary["planned_shift_end"], told(club)), (0, []),
          "R-C4 no reminder of a cancelled shift")


def catches_up_after_three_days():
    club = club_of("off", "ada", "bob")
    # The clock of this test went on to the evening before.
    stack.sql("update shift_planning set starts_to = app_now(), "
              "ends_to = app_now()")
    stack.sweep()
    shift(club, "13:00", "14:00", "ada", "bob", title="Missed")
    stack.sql(
        "update duty_schedules set end_at = start_at + interval '47 hours' "
        f"where id = {shift(club, '15:00', '16:00', 'ada', title='Long')}")
    stack.sql(
        "update duty_schedules set start_at = start_at + interval '3 days', "
        "end_at = end_at + interval '3 days' where id = "
        f"{shift(club, '12:10', '13:00', 'bob', title='Next')}")
    stack.clock("2030-06-17 12:00+00")
    summary = stack.sweep()
    equal((summary["planned_shift_start"], summary["planned_shift_end"],
           summary["expired"]), (1, 0, 6),
          "R-C2 three days off: what still helps is planned, the rest counted")
    equal(told(club), ["bob: Soon: Next"], "it is sent")
    equal(stack.sql(
        "select count(*), min(state || ' ' || cause) from notification_log l "
        "join organizations o on o.id = l.org_id where slug = 'off' and kind "
        "like 'shift_%' and state <> 'sent'"), "6|expired too_late",
          "R-C2 worthless ones are in the ledger, once")
    equal(stack.sweep()["expired"], 0, "counted once")


sys.exit(run([
    ("R-C2, R-C3, R-C5 a reminder leaves in the first run after it is due, "
     "but for who is there", reminds_within_a_run),
    ("R-C4, R-C6 people and the team are told what changed",
     tells_what_changed),
    ("R-C2 a sweep that was off for three days",
     catches_up_after_three_days),
]))
