"""C5: PostgreSQL's own cron plans reminders of shifts in place of the sweep's
run, as docs/PGCRON.md has it: its blocks are what is run here."""

import re
import sys

from stack import CHECKOUT, Club, Stack, equal, run, wait_for

with open(f"{CHECKOUT}/docs/PGCRON.md", encoding="utf-8") as file:
    SETTINGS, BEGIN, LOOK, END = re.findall(
        r"^```(?:conf|sql)\n(.*?)^```$", file.read(), re.S | re.M)
stack = Stack()


def plans_without_a_sweep():
    stack.script("cluster", "stop")
    with open(stack.path("var", "postgresql", "postgresql.conf"), "a",
              encoding="utf-8") as settings:
        settings.write("\n" + SETTINGS)
    stack.script("cluster", "start")
    stack.sql(BEGIN)
    stack.clock("2030-06-14 12:00+00")
    Club(stack, "cron", {"ada": "", "bob": ""})
    stack.sql(
        "with made as (insert into duty_schedules (org_id, title, location, "
        "start_at, end_at) select id, 'Bar', 'Hall', '2030-06-14 12:15Z', "
        "'2030-06-14 14:00Z' from organizations returning *) "
        "insert into duty_assignments (org_id, schedule_id, user_id) "
        "select made.org_id, made.id, u.id from made, users u")
    wait_for(lambda: stack.number("select count(*) from "
                                  "scheduled_notifications where notify_type "
                                  "= 'start_15'") == 2, "two reminders", 90)
    equal(stack.sql("select distinct username from cron.job"),
          "rollcall_sweep")
    equal(stack.sql(LOOK).split("|")[0], "succeeded")


def leaves_nothing_for_the_sweep_to_plan():
    summary = stack.sweep()
    equal((summary["planned_shift_start"], summary["sent"]), (0, 2))


def goes_without_a_trace():
    stack.sql(END)
    equal(stack.sql("select to_regclass('cron.job') is null"), "t")


STATUS = run([
    ("R-C5 pg_cron plans the reminders that are due", plans_without_a_sweep),
    ("R-C5 ... and a sweep sends them, and plans none again",
     leaves_nothing_for_the_sweep_to_plan),
    ("R-C5 ... until it is taken back", goes_without_a_trace),
])
stack.stop()
sys.exit(STATUS)
