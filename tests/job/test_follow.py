"""F1, C2: a sweep that follows sends each message within a second of its time,
and any number of sweeps share one queue.  The clock is the real one here."""

import subprocess
import sys
import time

from stack import Club, Stack, equal, run, wait_for

stack = Stack()

# Each within a second: who looked only now and then would miss one of them.
AHEAD = (3.0, 4.3, 5.6, 6.9)


def begin():
    """A sweep that follows, once its first run is over."""
    runs = stack.sql("select max(last_at) from sweep_runs")
    sweep = stack.begin("sweep", "--follow")
    wait_for(lambda: stack.sql("select max(last_at) from sweep_runs") != runs,
             "its first run")
    return sweep


def end(sweep):
    """Its exit status, which comes within ten seconds."""
    sweep.terminate()
    out, err = sweep.communicate(timeout=10)
    stack.spoken += [out, err]
    return sweep.returncode


def late(mails, due):
    """By how many seconds each came after it was due."""
    return [round(mail.envelope["at"] - moment, 3)
            for mail, moment in zip(mails, due)]


def in_time(lateness):
    if not all(0 <= seconds <= 1 for seconds in lateness):
        raise AssertionError(f"late by {lateness} seconds")


def reminds_within_a_second():
    club = Club(stack, "follow", {"ada": ""})
    sweep = begin()
    try:
        now = time.time()
        due = [now + ahead for ahead in AHEAD]
        for moment in due:
            stack.sql(
                "with made as (insert into duty_schedules (org_id, title, "
                "location, start_at, end_at) select id, 'Bar', 'Hall', "
                f"to_timestamp({moment}) + interval '15 minutes', "
                f"to_timestamp({moment}) + interval '1 hour' "
                "from organizations where slug = 'follow' returning *) "
                "insert into duty_assignments (org_id, schedule_id, user_id) "
                "select made.org_id, made.id, u.id from made, users u "
                "where u.email = 'ada@follow.example'")
        mails = wait_for(
            lambda: len(club.mails()) == len(due) and club.mails(),
            "the reminders", 20)
        in_time(late(mails, due))
    finally:
        equal(end(sweep), 0)


def sends_what_waited():
    """Queued by another session for a moment to come."""
    Club(stack, "wait", {f"p{n}": "" for n in range(len(AHEAD))})
    sweep = begin()
    try:
        now = time.time()
        due = [now + ahead for ahead in AHEAD]
        for number, moment in enumerate(due):
            address = f"p{number}@wait.example"
            stack.sql(f"begin; select sign_in_ask('{address}', "
                      f"sha256('{address}')); update scheduled_notifications "
                      f"set not_before = to_timestamp({moment}) where user_id "
                      f"= (select id from users where email = '{address}'); "
                      "commit")
        mails = [wait_for(lambda to=f"p{number}@wait.example":
                          stack.mails(to), "the mail", 20)[0]
                 for number in range(len(due))]
        in_time(late(mails, due))
    finally:
        equal(end(sweep), 0)


def share_one_queue():
    """Two that follow and one that cron starts, many messages, each once."""
    people = 300
    Club(stack, "share", {f"p{n}": "" for n in range(people)})
    sweeps = [begin(), begin()]
    try:
        stack.sql("select sign_in_ask(email, sha256(convert_to(email, "
                  "'UTF8'))) from users where email like '%@share.example'")
        sweeps.append(stack.begin("sweep"))
        wait_for(lambda: stack.number(
            "select count(*) from notification_log l join users u on "
            "u.id = l.user_id where email like '%@share.example'") == people,
            "all of them", 60)
    finally:
        for sweep in sweeps[:2]:
            equal(end(sweep), 0)
        stack.spoken += sweeps[2].communicate(timeout=20)
    got = sorted(mail.to for mail in stack.mails()
                 if mail.to.endswith("@share.example"))
    equal(got, sorted(f"p{n}@share.example" for n in range(people)))


def ends_what_is_under_way():
    """A server that takes its time: what began is ended, the rest waits."""
    people = 40
    Club(stack, "stop", {f"p{n}": "" for n in range(people)})
    stack.rules("p*@stop.example slow-2 99")
    sweep = begin()
    try:
        stack.sql("select sign_in_ask(email, sha256(convert_to(email, "
                  "'UTF8'))) from users where email like '%@stop.example'")
        wait_for(lambda: stack.number(
            "select count(*) from scheduled_notifications where "
            "first_attempt_at is not null") > 0, "one on its way")
    finally:
        try:
            status = end(sweep)
        except subprocess.TimeoutExpired:
            sweep.kill()
            raise
    equal(status, 0)
    sent = stack.number(
        "select count(*) from notification_log l join users u on "
        "u.id = l.user_id where email like '%@stop.example' and state = 'sent'")
    came = [mail.to for mail in stack.mails()
            if mail.to.endswith("@stop.example")]
    equal((len(came), len(set(came))), (sent, sent), "recorded and come")
    equal(0 < sent < people, True, f"{sent} of {people}")
    equal(stack.number("select count(*) from scheduled_notifications where "
                       "lease_until is not null"), 0, "leases left behind")
    stack.rules()


STATUS = run([
    ("R-C2 who follows sends a reminder within a second of its time",
     reminds_within_a_second),
    ("R-F1 ... and what was queued for a moment to come", sends_what_waited),
    ("R-F1 several share one queue, and nobody gets a message twice",
     share_one_queue),
    ("R-F1 told to stop, it ends what is under way and lets go of the rest",
     ends_what_is_under_way),
])
stack.stop()
sys.exit(STATUS)
