"""The longest names, titles and addresses there may be still make a mail."""

import sys

from stack import Club, Stack, equal, run

stack = Stack()
LARGEST = 20 * 1024


def mails_the_longest(slug, letters):
    def test():
        stack.clock("2030-06-14 12:00+00")
        club = Club(stack, slug, {"a": ""}, start="20300614T130000Z",
                    end="20300614T150000Z")
        to = f"{slug:a<64}@{'b' * 60}.{'c' * 60}.{'d' * 59}.example"
        stack.sql(
            f"with l(l) as (select left(repeat('{letters}', 500), 500)), "
            "o as (update organizations set name = left(l, 200), timezone = "
            "'America/Argentina/ComodRivadavia', postal_address = left(l, "
            f"249) || e'\\n' || left(l, 250) from l where slug = '{slug}'), "
            f"e as (update events set title = l from l where id = "
            f"{club.event}) update users set name = left(l, 200), "
            f"quiet = false, email = '{to}' from l "
            f"where email = 'a@{slug}.example'")
        stack.clock("2030-06-14 16:01+00")
        equal(stack.sweep()["sent"], 1)
        mail = stack.mails()[-1]
        # Room for templates that say a little more, and longer addresses.
        if len(mail.raw) > LARGEST - 2048:
            raise AssertionError(f"{len(mail.raw)} bytes")
        for kind in ("plain", "html"):
            if "…" not in mail.part(kind):
                raise AssertionError(f"nothing is cut in {kind}")
    return test


def mails_the_longest_shift(slug, letters):
    """As it is assigned, begins, is said to be late for, changes hands, ends."""
    def test():
        stack.clock("2030-06-14 12:00+00")
        stack.sql(
            f"with l(l) as (select left(repeat('{letters}', 2000), 2000)), "
            "s as (insert into duty_schedules (org_id, title, location, notes, "
            "start_at, end_at) select o.id, left(l, 200), left(l, 500), l, "
            "app_now() + interval '10 minutes', app_now() + interval '2 hours' "
            f"from l, organizations o where slug = '{slug}' returning *), "
            "b as (insert into users (email, name, quiet) select "
            f"'b@{slug}.example', left(l, 200), false from l returning id), "
            "m as (insert into memberships (user_id, org_id, role) select b.id, "
            "s.org_id, 'staff' from b, s) select assign_people(s::text::"
            "duty_schedules, array[u.id], null) from s, users u where u.email "
            f"like '{slug}a%'")
        before = len(stack.mails())
        stack.sweep()
        stack.sql(
            "select put_shift_word(s, a, 'late', 15, a.user_id) from "
            "duty_schedules s join duty_assignments a on a.schedule_id = s.id "
            "join organizations o on o.id = s.org_id "
            f"where slug = '{slug}'")
        stack.sweep()
        stack.sql(
            "with w as (insert into shift_swaps (org_id, schedule_id, "
            "assignment_id, user_id, taken_by, taken_at) select a.org_id, "
            "a.schedule_id, a.id, a.user_id, a.user_id, app_now() from "
            "duty_assignments a join organizations o on o.id = a.org_id "
            f"where slug = '{slug}' returning *) select tell_swap("
            "w::text::shift_swaps, s, 0) from w join duty_schedules s on "
            "s.id = w.schedule_id")
        stack.sweep()
        stack.clock("2030-06-14 14:01+00")
        stack.sweep()
        equal(stack.sql(
            "select string_agg(l.kind || ' ' || l.state, ', ' order by l.kind, "
            "l.id) from notification_log l join organizations o on o.id = "
            f"l.org_id where slug = '{slug}' and l.kind like 'shift%'"),
              "shift_change sent, shift_end sent, shift_news sent, "
              "shift_start sent, shift_swap sent, shift_swap sent")
        for mail in stack.mails()[before:]:
            if len(mail.raw) > LARGEST - 2048:
                raise AssertionError(f"{len(mail.raw)} bytes: "
                                     f"{mail.part('plain')[:200]}")
    return test


def mails_the_longest_watch(slug, letters):
    """To the silent, to a contact who is asked, told, and told the end."""
    def test():
        stack.clock("2030-06-14 12:00+00")
        stack.sql(
            f"with l(l) as (select left(repeat('{letters}', 200), 200)), "
            "m as (insert into monitoring (user_id, org_id, consent_version) "
            "select u.id, o.id, 'watch-1' from users u, organizations o where "
            f"u.email like '{slug}a%' and slug = '{slug}' returning *), "
            "r as (update memberships set responder = true from users u where "
            f"u.id = user_id and u.email = 'b@{slug}.example' returning 1) "
            "insert into monitoring_contacts (user_id, org_id, priority, name, "
            "email, state) select user_id, org_id, n, l, s || n || "
            f"'@{slug}.contact', s from l, m, (values (1, 'consented'), (2, "
            "'asked')) c(n, s), r; "
            "select update_user_status(user_id, org_id, app_now(), app_now(), "
            f"null, null) from monitoring m join organizations o on o.id = "
            f"m.org_id where slug = '{slug}'; "
            "select ask_contact(c) from monitoring_contacts c join "
            f"organizations o on o.id = c.org_id where slug = '{slug}' and "
            "state = 'asked'")
        before = len(stack.mails())
        for _ in range(4):
            stack.sweep()
            stack.sql("update alerts set step_due_at = app_now()")
        stack.sql(
            "select put_check_in(user_id, 'check_in', 'Checked in', false) "
            "from monitoring m join organizations o on o.id = m.org_id where "
            f"slug = '{slug}'")
        stack.sweep()
        equal(stack.sql(
            "select string_agg(l.kind || ' ' || l.state, ', ' order by l.kind, "
            "l.id) from notification_log l join organizations o on o.id = "
            f"l.org_id where slug = '{slug}' and l.kind ~ '^(watch|contact)'"),
              "contact_consent sent, watch_clear sent, watch_contact sent, "
              "watch_contact sent, watch_due sent, watch_responder sent, "
              "watch_soon sent, watch_told sent, watch_told sent")
        for mail in stack.mails()[before:]:
            if len(mail.raw) > LARGEST - 2048:
                raise AssertionError(f"{len(mail.raw)} bytes: "
                                     f"{mail.part('plain')[:200]}")
    return test


LETTERS = (
    ("emoji", "emoji", "\U0001f389"),
    ("quotes", "quotes", '"'),
    ("both", "emoji and quotes", '\U0001f389"""'),
    ("latin", "umlauts", "ü"))
STATUS = run([
    (f"R-F4 a mail of the longest {what} is under 20 KB",
     mails_the_longest(slug, letters))
    for slug, what, letters in LETTERS
] + [
    (f"R-F4 so is each about a shift, of {what}",
     mails_the_longest_shift(slug, letters))
    for slug, what, letters in LETTERS
] + [
    (f"R-F4 so is each about somebody silent, of {what}",
     mails_the_longest_watch(slug, letters))
    for slug, what, letters in LETTERS
])
stack.stop()
sys.exit(STATUS)
