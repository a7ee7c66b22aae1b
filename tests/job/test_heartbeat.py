"""HEARTBEAT_URL is fetched after each good run, and never in a run's way."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stack import Stack, equal, run

stack = Stack()
asked = []


class Watch(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        if self.path == "/hang":
            HANG.wait()
        self.send_response(500 if self.path == "/broken" else 204)
        self.end_headers()

    def log_message(self, format, *args):
        pass


HANG = threading.Event()
watch = ThreadingHTTPServer(("127.0.0.1", 0), Watch)
watch.daemon_threads = True
threading.Thread(target=watch.serve_forever, daemon=True).start()


def sweep(path, *args):
    asked.clear()
    url = f"http://127.0.0.1:{watch.server_port}{path}"
    return stack.program("sweep", *args, HEARTBEAT_URL=url)


def is_fetched_once_a_run():
    equal(sweep("/secret-42").returncode, 0)
    equal(asked, ["/secret-42"])
    sweep("/secret-42", "--dry-run")
    equal(asked, [])


def does_no_harm(path):
    def test():
        done = sweep(path)
        equal(done.returncode, 0)
        equal(asked, [path])
        equal('"event":"heartbeat"' in done.stdout, True, done.stdout)
        equal(path in done.stdout + done.stderr, False, done.stdout)
        equal('"event":"run"' in done.stdout.splitlines()[-1], True)
    return test


def is_silent_without_a_database():
    stack.script("cluster", "stop")
    equal(sweep("/secret-42").returncode, 75)
    equal(asked, [])
    stack.script("cluster", "start")


STATUS = run([
    ("R-F6 a good run fetches HEARTBEAT_URL, once", is_fetched_once_a_run),
    ("R-F6 an error there does no harm, and is told without the address",
     does_no_harm("/broken")),
    ("R-F6 nor does silence", does_no_harm("/hang")),
    ("R-F6 a run that failed does not fetch it", is_silent_without_a_database),
])
HANG.set()
watch.shutdown()
stack.stop()
sys.exit(STATUS)
