"""A stack of a job test's own (tests/stack.sh) and a TAP printer.

Knows how to run our programs, ask the database and read the caught mail;
knows no rule.
"""

import email
import email.policy
import json
import os
import pwd
import re
import signal
import subprocess
import sys
import time
import traceback

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
HOST = "/proc/self/cwd/var/run"
LINK = re.compile(r"https?://[^\s<>\"/]+(/[^\s<>\"]*)")


class Mail:
    """One caught message, parsed strictly: a defect is an exception."""

    def __init__(self, path):
        self.number = int(os.path.basename(path)[:-4])
        with open(path, "rb") as file:
            self.raw = file.read()
        with open(path[:-4] + ".json", encoding="utf-8") as file:
            self.envelope = json.load(file)
        self.to = self.envelope["to"][0]
        policy = email.policy.SMTP.clone(raise_on_defect=True)
        self.message = email.message_from_bytes(self.raw, policy=policy)

    def part(self, kind):
        return self.message.get_body(preferencelist=(kind,)).get_content()

    def link(self, folder):
        """The path of the text part's link below /folder/."""
        for path in LINK.findall(self.part("plain")):
            if path.startswith(f"/{folder}/"):
                return path
        raise AssertionError(f"no /{folder}/ link in:\n{self.part('plain')}")


class Stack:
    """Stands from the first call to stop(), or to this process's end."""

    def __init__(self, kind="all"):
        self.process = subprocess.Popen(
            ["bash", "tests/stack.sh", kind], cwd=CHECKOUT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        told = {}
        for line in self.process.stdout:
            name, _, value = line.rstrip("\n").partition("=")
            told[name] = value
            if name == "ready":
                break
        if "ready" not in told:
            raise SystemExit("tests/stack.sh made no stack")
        self.directory = told["directory"]
        self.spoken = []
        self.url = told.get("url")
        self.bin = f"build/{os.environ.get('V', 'release')}"
        self.service = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("rollcall")
            self.service = ["setpriv", f"--reuid={user.pw_uid}",
                            f"--regid={user.pw_gid}", "--clear-groups"]

    def stop(self):
        self.process.stdin.close()
        self.process.wait()

    def path(self, *parts):
        return os.path.join(self.directory, *parts)

    def command(self, *words):
        return [*self.service, "env", "ROLLCALL_CONFIG=var/rollcall.conf",
                *words]

    def program(self, name, *args, **settings):
        """Runs one of our programs to its end; settings are environment."""
        extra = [f"{key}={value}" for key, value in settings.items()]
        done = subprocess.run(
            self.command(*extra, f"{self.bin}/{name}", *args),
            cwd=self.directory, text=True, capture_output=True, timeout=120,
            stdin=subprocess.DEVNULL, check=False)
        if name == "sweep":
            self.spoken += [done.stdout, done.stderr]
        return done

    def begin(self, name, *args, **settings):
        """The same, without waiting."""
        extra = [f"{key}={value}" for key, value in settings.items()]
        return subprocess.Popen(
            self.command(*extra, f"{self.bin}/{name}", *args),
            cwd=self.directory, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ctl(self, *args):
        done = self.program("rollcallctl", *args)
        if done.returncode:
            raise AssertionError(f"rollcallctl {args}: {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return done.stdout

    def sweep(self, *args, **settings):
        """A good run's summary, its last line."""
        done = self.program("sweep", *args, **settings)
        if done.returncode:
            raise AssertionError(f"sweep: {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def sql(self, statement, role="postgres"):
        done = subprocess.run(
            ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-h", HOST, "-U", role,
             "-d", "rollcall", "-c", statement],
            cwd=self.directory, text=True, capture_output=True, check=False)
        if done.returncode:
            raise AssertionError(f"{statement}\n{done.stderr}")
        return done.stdout.rstrip("\n")

    def number(self, statement):
        return int(self.sql(statement))

    def script(self, name, *args):
        """etc/demo/NAME.sh of the stack, such as cluster stop."""
        done = subprocess.run(
            ["bash", f"etc/demo/{name}.sh", *args], cwd=self.directory,
            text=True, capture_output=True, check=False,
            env={"FAST": "1", **os.environ, "SEED": "no", "SWEEP": "no"})
        if done.returncode:
            raise AssertionError(f"{name} {args}: {done.stdout}{done.stderr}")

    def clock(self, moment):
        """The database's clock stands at moment, until the next call."""
        self.sql(f"update test_clock set at = '{moment}'")

    def later(self, interval):
        """Moves the standing clock on."""
        self.sql(f"update test_clock set at = at + interval '{interval}'")

    def write(self, name, content):
        """A file that our programs may read."""
        path = self.path("var", name)
        data = content if isinstance(content, bytes) else content.encode()
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, 0o644)
        return f"var/{name}"

    def rules(self, *lines):
        """What the mail catcher refuses from now on."""
        path = self.path("var", "mail", "rules")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in lines))
        os.chmod(path + ".new", 0o644)
        os.replace(path + ".new", path)

    def mails(self, to=None):
        """Caught so far, in the order of coming."""
        folder = self.path("var", "mail")
        found = [Mail(os.path.join(folder, name))
                 for name in sorted(os.listdir(folder))
                 if re.fullmatch(r"\d+\.eml", name)]
        return [mail for mail in found if to in (None, mail.to)]

    def logs(self):
        """Everything any log holds, by file; what sweeps said is one."""
        found = {"sweep": "".join(self.spoken).encode()}
        for folder, _, names in os.walk(self.path("var", "log")):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found[path] = file.read()
        return found


class Club:
    """An organisation with people and one event, and what it asks them."""

    def __init__(self, stack, slug, people, **event):
        self.stack, self.slug = stack, slug
        stack.ctl("org", "add", slug, f"The {slug} club", "--timezone",
                  "Europe/Berlin")
        rows = "".join(f"{name}@{slug}.example,{name.title()},{zone},\n"
                       for name, zone in people.items())
        path = stack.write(f"{slug}.csv", "email,name,timezone,role\n" + rows)
        stack.ctl("people", "import", "--org", slug, path)
        self.addresses = sorted(f"{name}@{slug}.example" for name in people)
        if event:
            self.event = self.add_event(**event)

    def add_event(self, start, end, uid="one", title="Spring regatta"):
        """Imports it from a calendar, and everybody looks at it; its id."""
        path = self.stack.write(
            f"{self.slug}.ics", calendar(uid, title, start, end))
        self.stack.ctl("import-events", "--org", self.slug, path)
        event = self.stack.number(
            "select e.id from events e join organizations o on "
            f"o.id = e.org_id where slug = '{self.slug}' and uid = '{uid}'")
        self.look(event)
        return event

    def look(self, event):
        self.stack.sql(
            "insert into event_views (event_id, user_id, org_id) select "
            "e.id, m.user_id, e.org_id from events e join memberships m on "
            f"m.org_id = e.org_id where e.id = {event}")

    def mails(self):
        """The caught prompts of this club, by the order of coming."""
        return [mail for mail in self.stack.mails()
                if mail.to.endswith(f"@{self.slug}.example")]

    def asked(self):
        return sorted(mail.to for mail in self.mails())

    def waiting(self):
        return self.stack.sql(
            "select u.email || ' ' || coalesce(q.cause, '-') from "
            "scheduled_notifications q join users u on u.id = q.user_id "
            "join organizations o on o.id = q.org_id "
            f"where o.slug = '{self.slug}' order by 1").splitlines()


def calendar(uid, title, start, end):
    """A calendar of one event; times as 20300614T130000Z."""
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n"
            f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20300101T000000Z\r\n"
            f"DTSTART:{start}\r\nDTEND:{end}\r\nSUMMARY:{title}\r\n"
            "END:VEVENT\r\nEND:VCALENDAR\r\n")


def wait_for(condition, what, seconds=20):
    """Looks until condition() holds; its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def equal(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def run(tests):
    """Runs (name, function) pairs and ends the process; prints TAP."""
    # Told to stop, take the stack along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    failed = 0
    print(f"1..{len(tests)}", flush=True)
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} - {name}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {name}")
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
            sys.stdout.flush()
    return 1 if failed else 0
