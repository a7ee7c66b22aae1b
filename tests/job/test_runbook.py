"""docs/RUNBOOK.md, block by block as it stands there, on an installation that
has a million participants, and on which people go on registering and somebody
has transactions open for long.

PARTICIPANTS=n takes another number.
"""

import os
import re
import subprocess
import sys
import threading
import time

from stack import CHECKOUT, Stack, equal, run

PARTICIPANTS = int(os.environ.get("PARTICIPANTS", "1000000"))
EVENTS = 1000
# Nearly all of them at each event: some can still register.
PEOPLE = PARTICIPANTS // EVENTS + 200

stack = Stack("all")
host = stack.path("var", "run")
with open(os.path.join(CHECKOUT, "docs", "RUNBOOK.md"), encoding="utf-8") as f:
    TEXT = f.read()
# By section, the settings apart.
SECTIONS = {
    match.group(1): re.findall(r"^```sh\n(.*?)^```$", match.group(0),
                               re.M | re.S)
    for match in re.finditer(r"^## (\d)\. .*?(?=^## |\Z)", TEXT, re.M | re.S)}
SETTINGS = re.findall(r"^```sh\n(.*?)^```$", TEXT.split("\n## ")[0],
                      re.M | re.S)[0]
given = {
    "PGHOST": host, "PGDATABASE": "rollcall", "PGUSER": "rollcall_owner",
    "ROLLCALL_CONFIG": "var/rollcall.conf", "SQL": stack.path("sql"),
    "PATH": f"{stack.path(stack.bin)}:{os.environ['PATH']}",
    "SITE": stack.url, "KEEP": stack.path("keep"), "EVENT": str(EVENTS + 1)}


def sqitch(*words):
    subprocess.run(
        ["sqitch", "-C", "sql", *words, "--target",
         f"db:pg://rollcall_owner@/rollcall?host={host}"],
        cwd=stack.directory, check=True, capture_output=True)


def step(number):
    """Runs all blocks of a section; the first that fails is told."""
    def run_blocks():
        for block in SECTIONS[number]:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", block],
                cwd=stack.directory, text=True, capture_output=True,
                stdin=subprocess.DEVNULL, env={**os.environ, **given},
                check=False, timeout=600)
            if done.returncode:
                raise AssertionError(
                    f"{block}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return run_blocks


def names_all_settings():
    wanted = set(re.findall(r"(\w+)=", SETTINGS))
    equal(wanted, set(given), "settings of the runbook")
    equal(sorted(SECTIONS), list("1234567"), "sections")
    equal(all(SECTIONS.values()), True, "each has a command")


def meets_an_older_installation():
    stack.sql("alter system set log_lock_waits = on")
    stack.sql("alter system set deadlock_timeout = '100ms'")
    stack.sql("select pg_reload_conf()")
    for statement in ("drop database rollcall with (force)",
                      "create database rollcall owner rollcall_owner "
                      "template template0"):
        subprocess.run(["psql", "-qX", "-h", host, "-U", "postgres", "-d",
                        "postgres", "-c", statement], check=True)
    sqitch("deploy", "--verify", "--mode", "change", "--to",
           "participants@v0.3")
    stack.sql(f"""begin;
        set local session_replication_role = replica;
        insert into organizations (slug, name, timezone)
        select 'org-' || n, 'Club ' || n, 'Europe/Berlin'
        from generate_series(1, 20) n;
        insert into users (email, name)
        select 'person-' || n || '@example.org', 'Person ' || n
        from generate_series(1, {PEOPLE}) n;
        insert into memberships (user_id, org_id, role)
        select id, 1 + id % 20, case when id <= 20 then 'admin'
        else 'member' end from users;
        insert into events (org_id, title, starts_at, ends_at, status)
        select 1 + n % 20, 'Evening ' || n, s.at, s.at + interval '2 hours',
        'completed' from generate_series(1, {EVENTS}) n cross join lateral
        (select now() - (20 + n) * interval '1 day' as at) s;
        insert into events (org_id, title, starts_at, ends_at, status) values
        (1, 'Small one', now() - interval '5 hours',
        now() - interval '3 hours', 'completed');
        insert into event_participants (event_id, org_id, user_id)
        select e.id, e.org_id, 1 + (e.id * 37 + k) % {PEOPLE} from events e,
        generate_series(1, {PARTICIPANTS // EVENTS}) k where e.id <= {EVENTS};
        insert into event_participants (event_id, org_id, user_id)
        select {EVENTS + 1}, 1, 20 * n from generate_series(1, 5) n
        where 20 * n <= {PEOPLE};
        commit""")
    stack.sql("analyze")


class Registering(threading.Thread):
    """Somebody registers, over and over, until stop is set."""

    def __init__(self, first):
        super().__init__()
        self.stop, self.first = threading.Event(), first
        self.count, self.failed = 0, ""

    def run(self):
        with subprocess.Popen(
                ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-h", host, "-U",
                 "rollcall_owner", "-d", "rollcall"], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE) as psql:
            while not self.stop.is_set() and psql.poll() is None:
                place = (self.first + self.count * 7919) % (EVENTS * PEOPLE)
                print(f"""insert into event_participants
                    (event_id, org_id, user_id) select id, org_id,
                    {1 + place % PEOPLE} from events where id =
                    {1 + place // PEOPLE} on conflict (event_id, user_id)
                    do update set updated_at = now(); select 1;""",
                      file=psql.stdin, flush=True)
                if not psql.stdout.readline():
                    break
                self.count += 1
                time.sleep(0.001)
            psql.stdin.close()
            self.failed = psql.stderr.read()


class Holding(threading.Thread):
    """Somebody whose transactions take two seconds each, in all that people
    write to."""

    def __init__(self):
        super().__init__()
        self.stop, self.count, self.failed = threading.Event(), 0, ""

    def run(self):
        with subprocess.Popen(
                ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-h", host, "-U",
                 "rollcall_owner", "-d", "rollcall"], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE) as psql:
            while not self.stop.wait(1) and psql.poll() is None:
                print(f"""begin;
                    update event_participants set updated_at = now()
                    where event_id = {EVENTS + 1};
                    update events set location = 'Hall'
                    where id = {EVENTS + 1};
                    update users set locale = 'en' where id = {PEOPLE};
                    update organizations set name = name where id = 20;
                    select pg_sleep(2);
                    commit;""", file=psql.stdin, flush=True)
                self.count += 1
                self.stop.wait(2)
            psql.stdin.close()
            self.failed = psql.stderr.read()


def longest_waits():
    """What the server's log tells of waits of 100 ms and more."""
    with open(stack.path("var", "log", "postgresql.log"), encoding="utf-8",
              errors="replace") as log:
        return re.findall(r"acquired \w+ on \w+ (\d+) .*?after ([\d.]+) ms",
                          log.read())


def deploy_meanwhile():
    """The deploy; how long it took, and how long people who registered waited
    for it, from 100 ms on."""
    start = time.monotonic()
    before = stack.number("select count(*) from event_participants")
    told = len(longest_waits())
    people = [Registering(0), Registering(1), Holding()]
    for one in people:
        one.start()
    try:
        step("2")()
    finally:
        for one in people:
            one.stop.set()
            one.join()
    equal([one.failed for one in people], [""] * 3, "registering")
    equal(min(one.count for one in people[:2]) > 100, True, "they went on")
    equal(people[2].count > 1, True, "and somebody was in the way")
    equal(stack.number("select count(*) from event_participants") > before,
          True, "there are more participants")
    return time.monotonic() - start, longest_waits()[told:]


def slowest_changes():
    return stack.sql("""select string_agg(change || ' ' || took || ' s', ', ')
        from (select change, round(extract(epoch from committed_at - lag
        (committed_at) over (order by committed_at)), 1) as took
        from sqitch.changes order by took desc nulls last limit 12) slowest""")


def deploys_while_people_register():
    """100 ms are those of a machine with a processor for whoever wants one;
    where several wait for each, so does who holds a lock. What waits for a million rows to be gone over
    waits each time, and longer than that."""
    equal(stack.sql("show deadlock_timeout"), "100ms", "waits are logged")
    for tries in range(3):
        took, waits = deploy_meanwhile()
        allowed = 100 * max(1, os.getloadavg()[0] / os.cpu_count())
        longest = max([float(ms) for _, ms in waits], default=0)
        names = [f"{stack.sql(f'select {oid}::regclass')} {ms} ms"
                 for oid, ms in waits]
        print(f"# deployed in {took:.0f} s; waits of 100 ms and more: "
              f"{', '.join(names) or 'none'}\n# {slowest_changes()}",
              flush=True)
        if longest < allowed:
            return
        if tries < 2:
            sqitch("revert", "-y", "--to", "participants@v0.3")
    raise AssertionError("each time somebody waited")


def ends_where_it_began():
    equal(stack.sql("select column_name from information_schema.columns where "
                    "table_name = 'event_participants' order by 1").split(),
          ["created_at", "event_id", "id", "org_id", "request_id", "status",
           "updated_at", "user_id"], "columns")
    sqitch("deploy", "--verify", "--mode", "change")


STATUS = run([
    ("RUNBOOK every setting and section of it is tried here",
     names_all_settings),
    (f"RUNBOOK an installation with {PARTICIPANTS} participants",
     meets_an_older_installation),
    ("RUNBOOK 1: what there is is kept", step("1")),
    ("RUNBOOK 2: deployed past long transactions, no registration waits 100 ms",
     deploys_while_people_register),
    ("RUNBOOK 3, R-B1: tables, columns, index, triggers, all backfilled",
     step("3")),
    ("RUNBOOK 4: it works", step("4")),
    ("RUNBOOK 5, R-B5: a run on one small event", step("5")),
    ("RUNBOOK 6: what is watched", step("6")),
    ("RUNBOOK 7: audit out, triggers, table, columns away", step("7")),
    ("RUNBOOK 7: it is as before, and deploys again", ends_where_it_began),
])
stack.stop()
sys.exit(STATUS)
