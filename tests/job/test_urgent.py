"""Sign-in links: they wait for no flood of prompts, and are kept nowhere."""

import subprocess
import sys
import threading

from stack import HOST, Club, Stack, equal, run, wait_for

stack = Stack()


def ask_for_link(email):
    stack.sql(f"select sign_in_ask('{email}', sha256('{email}'))",
              "rollcall_member")


def follow():
    """A sweep that runs, and what ends it."""
    sweep = stack.begin("sweep", "--follow")
    lines = []
    reader = threading.Thread(
        target=lambda: lines.extend(sweep.stdout), daemon=True)
    reader.start()

    def end():
        sweep.terminate()
        sweep.wait(20)
        reader.join(10)
        stack.spoken.extend(lines)
    return end


def passes_slow_prompts():
    stack.clock("2030-06-14 12:00+00")
    club = Club(stack, "slow", {f"p{n}": "" for n in range(12)},
                start="20300614T130000Z", end="20300614T150000Z")
    stack.clock("2030-06-14 16:01+00")
    stack.rules("p*@slow.example slow-2 99")
    end = follow()
    try:
        wait_for(lambda: stack.number(
            "select count(*) from scheduled_notifications where "
            "first_attempt_at is not null"), "a prompt on its way")
        stack.rules(*[f"p{n}@slow.example slow-2 99" for n in range(1, 12)])
        ask_for_link("p0@slow.example")
        wait_for(lambda: [mail for mail in stack.mails("p0@slow.example")
                          if "/signin/" in mail.part("plain")],
                 "the sign-in mail", 5)
        if len(club.asked()) > 10:
            raise AssertionError("the prompts were not slow")
    finally:
        end()
        stack.rules()
        stack.sql("delete from events")


def passes_the_planning():
    stack.clock("2030-06-14 12:00+00")
    Club(stack, "flood", {"ada": ""},
         start="20300614T130000Z", end="20300614T150000Z")
    stack.sql("with made as (insert into users (email, name) select "
              "'f' || g || '@flood.example', 'F' from generate_series(1, "
              "30000) g returning id) insert into event_views (event_id, "
              "user_id, org_id) select e.id, made.id, e.org_id from made, "
              "events e")
    stack.clock("2030-06-14 16:01+00")
    ask_for_link("ada@flood.example")
    end = follow()
    try:
        wait_for(lambda: stack.mails("ada@flood.example"), "the sign-in mail")
        planned = stack.number(
            "select count(*) from scheduled_notifications") + stack.number(
            "select count(*) from notification_log")
        if planned > 25000:
            raise AssertionError(f"only after {planned} were planned")
    finally:
        end()
        stack.sql("delete from events; delete from users where name = 'F'")


def is_stored_nowhere():
    stack.clock("2030-06-14 12:00+00")
    Club(stack, "token", {"ada": ""})
    stack.rules("ada@token.example drop-kept 1")
    ask_for_link("ada@token.example")
    stack.sweep()
    token = stack.mails("ada@token.example")[0].link("signin")[8:]
    dump = subprocess.run(
        ["pg_dump", "-h", HOST, "-U", "postgres", "rollcall"], text=True,
        cwd=stack.directory, capture_output=True, check=True).stdout
    equal(token in dump, False)
    equal(stack.sql("select retry_count, message is null from "
                    "scheduled_notifications"), "1|t")
    stack.later("61 seconds")
    stack.sweep()
    stack.rules()
    first, again = stack.mails("ada@token.example")
    equal(first.raw, again.raw)


STATUS = run([
    ("R-O3 a sign-in link passes prompts that a slow server takes",
     passes_slow_prompts),
    ("R-O3 ... and the planning of very many", passes_the_planning),
    ("R-O3 its token is never stored, and R-F1 copies are alike",
     is_stored_nowhere),
])
stack.stop()
sys.exit(STATUS)
