"""sql/migrate.sh on a database in use, with somebody in its way."""

import os
import re
import subprocess
import sys
import time

from stack import HOST, Stack, equal, run

stack = Stack("database")
# The change after this one builds an index while people go on, and then takes
# the table for a moment.
BEFORE = "participants@HEAD^"


def psql(*words, role="rollcall_owner", **more):
    return subprocess.Popen(
        ["psql", "-qXAt", "-h", HOST, "-U", role, "-d", "used", *words],
        cwd=stack.directory, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def ask(statement):
    out, err = psql("-v", "ON_ERROR_STOP=1").communicate(statement)
    equal(err, "", statement)
    return out.strip()


def migrate(*words, patience=600):
    host = stack.path("var", "run")
    return subprocess.run(
        ["bash", "sql/migrate.sh", *words], cwd=stack.directory, text=True,
        env={**os.environ, "PGHOST": host, "PGDATABASE": "used",
             "PATIENCE": str(patience)},
        capture_output=True, check=False)


class Held:
    """A transaction of somebody else, open for as long as this is."""

    def __init__(self, statement):
        self.statement = statement

    def __enter__(self):
        self.session = psql()
        print(f"begin; {self.statement}; select pg_backend_pid();",
              file=self.session.stdin, flush=True)
        self.pid = self.session.stdout.readline().strip()
        return self.pid

    def __exit__(self, *_):
        self.session.communicate("commit;")


def index():
    return ask("select string_agg(indexrelid || ' ' || indisvalid, ',') "
               "from pg_index where indrelid = 'event_participants'::regclass "
               "and indisunique and not indisprimary")


def names_who_is_in_the_way():
    stack.sql("create database used owner rollcall_owner template template0")
    equal(migrate("--to", BEFORE).returncode, 0, "before")
    ask("""insert into organizations (slug, name) values ('choir', 'Choir');
        insert into users (email, name)
        select n || '@choir.example', 'Singer' from generate_series(1, 9) n;
        insert into events (org_id, title, starts_at) values
        (1, 'Rehearsal', app_now() + interval '1 day');
        insert into event_participants (event_id, org_id, user_id) values
        (1, 1, 1)""")
    # Who reads is in the way of the table's change only; the index is built.
    with Held("lock event_participants in access share mode") as pid:
        done = migrate(patience=1)
    equal(done.returncode, 75, done.stdout + done.stderr)
    told = re.search(rf"gave up waiting for pid {pid} \(rollcall_owner, "
                     r"idle in transaction, for \d+ s\)\.", done.stderr)
    equal(bool(told), True, done.stderr)
    equal("lock event" in done.stderr, False, "no query is told")


def goes_on_from_there():
    built = [one for one in index().split(",") if one]
    equal(len(built), 2, "the old one and the new")
    equal(all(one.endswith("true") for one in built), True, built)
    done = migrate("--to", "participants@HEAD")
    equal(done.returncode, 0, done.stdout + done.stderr)
    equal(index() in built, True, "the index was not built again")
    equal(ask("select to_regclass('sqitch.pieces') is null"), "t",
          "nothing is left of it")


def ends_at_once_for_another_reason():
    subprocess.run(["sqitch", "-C", "sql", "revert", "-y", "--to",
                    BEFORE, "--target", "db:pg://rollcall_owner@/used?host="
                    + stack.path("var", "run")],
                   cwd=stack.directory, check=True, capture_output=True)
    ask("alter table event_participants rename constraint "
        "event_participants_event_id_user_id_key to another")
    start = time.monotonic()
    done = migrate()
    equal(done.returncode not in (0, 75), True, done.stdout + done.stderr)
    equal("does not exist" in done.stderr, True, done.stderr)
    equal(time.monotonic() - start < 60, True, "at once")
    ask("alter table event_participants rename constraint another "
        "to event_participants_event_id_user_id_key")
    done = migrate()
    equal(done.returncode, 0, done.stdout + done.stderr)


def set_hash(change, value):
    """That of the script which it is said to have been deployed by."""
    was = ask(f"select script_hash from sqitch.changes where change = "
              f"'{change}'")
    ask(f"update sqitch.changes set script_hash = '{value}' where change = "
        f"'{change}'")
    return was


def knows_what_had_to_be_edited():
    now = set_hash("inbox", "424f71fda3e02e44ad28f111f59007404cd8a818")
    equal(migrate().returncode, 0)
    equal(set_hash("inbox", now), now)


def leaves_alone_what_is_not_its_own():
    was = set_hash("zones", "0" * 40)
    done = migrate()
    equal((done.returncode, "zones" in done.stderr), (65, True), done.stderr)
    set_hash("zones", was)
    equal(migrate().returncode, 0)


STATUS = run([
    ("a deploy that waits in vain says who is in the way, and ends with 75",
     names_who_is_in_the_way),
    ("the next one goes on from there", goes_on_from_there),
    ("what fails for another reason is told at once",
     ends_at_once_for_another_reason),
    ("a script that had to be edited is known by what it was",
     knows_what_had_to_be_edited),
    ("a database that another directory made is left alone",
     leaves_alone_what_is_not_its_own),
])
stack.stop()
sys.exit(STATUS)
