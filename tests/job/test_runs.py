"""The last run of the sweep, as it is kept and as it is measured."""

import re
import sys
import urllib.error
import urllib.request

from stack import Stack, equal, run

stack = Stack()
PORT = stack.url.rsplit(":", 1)[1]


def fetch(url, method="GET"):
    """(status, type, body)"""
    request = urllib.request.Request(url, method=method)
    try:
        with urllib.request.urlopen(request) as reply:
            return (reply.status, reply.headers["Content-Type"],
                    reply.read().decode())
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], ""


def metric(name):
    status, kind, body = fetch(f"http://127.0.0.2:{PORT}/metrics")
    equal((status, kind), (200, "text/plain; version=0.0.4; charset=utf-8"))
    found = re.findall(rf"^{re.escape(name)} (\S+)$", body, re.M)
    equal(len(found), 1, f"{name} in {body}")
    return float(found[0])


def kept():
    return stack.sql("select good_at, last_at, good_summary->>'took_ms', "
                     "last_summary->>'took_ms' from sweep_runs").split("|")


def keeps_a_good_run():
    stack.clock("2030-06-14 12:00+00")
    summary = stack.sweep()
    took = str(summary["took_ms"])
    equal(kept(), ["2030-06-14 12:00:00+00"] * 2 + [took, took])
    told = stack.sql("select good_summary from sweep_runs")
    equal('"claimed": 0' in told and '"started": "20' in told, True, told)


def keeps_one_that_was_not_good():
    before = kept()
    stack.clock("2030-06-14 12:10+00")
    stack.ctl("org", "add", "sail", "Sailing club", "--timezone", "UTC")
    stack.ctl("admin", "add", "--org", "sail", "ada@sail.example", "Ada")
    for number in range(3):
        stack.sql("insert into users (email, name) values "
                  f"('p{number}@sail.example', 'P')")
        stack.sql(f"select sign_in_ask('p{number}@sail.example', "
                  f"decode(lpad('{number}', 64, '0'), 'hex'))")
    done = stack.program("sweep", SMTP_URL="smtp://127.0.0.1:1")
    equal(done.returncode, 0, done.stdout + done.stderr)
    after = kept()
    equal(after[1], "2030-06-14 12:10:00+00")
    equal((after[0], after[2]), (before[0], before[2]), "the last good one")
    equal(metric('rollcall_channel_paused{channel="email"}'), 1)
    stack.clock("2030-06-14 12:20+00")
    stack.sweep()
    equal(kept()[0], "2030-06-14 12:20:00+00")


def is_measured_on_this_machine_only():
    summary = stack.sweep()
    equal(metric('rollcall_run_last{what="sent"}'), summary["sent"])
    equal(metric("rollcall_run_good_timestamp_seconds"), 1907670000)
    equal(metric("rollcall_dead_messages"), 0)
    address = f"http://127.0.0.2:{PORT}"
    equal([fetch(address + path)[0] for path in
           ("/", "/staff", "/metrics/", "/healthz")], [404] * 4)
    equal(fetch(address + "/metrics", "POST")[0], 403)
    for path in ("/metrics", "/metrics/staff"):
        equal(fetch(stack.url + path)[0], 404, path)
    # An organisation could be called that: who is not signed in may do so.
    kind, body = fetch(stack.url + "/staff/metrics")[1:]
    equal((kind, "rollcall_run" in body), ("text/html; charset=utf-8", False))


STATUS = run([
    ("R-F6 a good run is kept, with what it did", keeps_a_good_run),
    ("R-F6 one that could not send is the last, and no good one",
     keeps_one_that_was_not_good),
    ("R-F6 /metrics answers on a listener of its own, and nowhere else",
     is_measured_on_this_machine_only),
])
stack.stop()
sys.exit(STATUS)
