"""A real mail server, Postfix out of Debian's package, which is unpacked beside
what is built and not installed: it would be this machine's mail server then.

Knows how to set one up that passes everything on to one next hop, and hands
what comes back to a command; knows no rule.  Needs root, as Postfix does.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

from stack import CHECKOUT, wait_for

SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
comes-back unix - n n - 4 pipe
  flags=DOR user={user} argv={command}
"""


def unpack():
    """The folder of its files."""
    done = subprocess.run(["sh", os.path.join(CHECKOUT, "tests", "postfix.sh")],
                          check=True, text=True, stdout=subprocess.PIPE)
    return done.stdout.strip()


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Postfix:
    """Stands on 127.0.0.1 until stop(); url is for SMTP_URL.

    next_port: where all mail goes on to.  back: the address whose mail, with
    any extension, is handed to command (words, without a shell), which runs
    as the user.
    """

    def __init__(self, next_port, back, command, user):
        # Its parts run as users of their own, who must reach it.
        self.folder = tempfile.mkdtemp(prefix="rollcall-postfix.", dir="/tmp")
        os.chmod(self.folder, 0o755)
        self.files = os.path.join(self.folder, "files")
        shutil.copytree(unpack(), self.files, symlinks=True)
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self._write(next_port, back, command, user)
        self.master = subprocess.Popen(
            [f"{self.files}/usr/lib/postfix/sbin/master", "-c",
             f"{self.folder}/etc", "-d"],
            env={**os.environ, "LD_LIBRARY_PATH":
                 f"{self.files}/usr/lib/postfix"},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        wait_for(self._answers, "Postfix")

    def _write(self, next_port, back, command, user):
        for name in ("etc", "queue", "data"):
            os.mkdir(os.path.join(self.folder, name))
        owner = pwd.getpwnam("mail")
        os.mkdir(os.path.join(self.folder, "queue", "pid"))
        for name in ("active", "bounce", "corrupt", "defer", "deferred",
                     "flush", "hold", "incoming", "maildrop", "private",
                     "public", "saved", "trace"):
            path = os.path.join(self.folder, "queue", name)
            os.mkdir(path, 0o700)
            os.chown(path, owner.pw_uid, -1)
        os.chown(os.path.join(self.folder, "data"), owner.pw_uid, -1)
        lib = f"{self.files}/usr/lib/postfix"
        self._settings(
            compatibility_level="3.6", queue_directory=f"{self.folder}/queue",
            data_directory=f"{self.folder}/data", mail_owner="mail",
            setgid_group="operator",
            daemon_directory=f"{lib}/sbin", shlib_directory=lib,
            command_directory=f"{self.files}/usr/sbin",
            import_environment="MAIL_CONFIG LD_LIBRARY_PATH",
            maillog_file=f"{self.folder}/log",
            maillog_file_prefixes=self.folder, inet_protocols="ipv4",
            myhostname="mail.rollcall.example", mydestination="",
            mynetworks="127.0.0.0/8", recipient_delimiter="+",
            relayhost=f"[127.0.0.1]:{next_port}",
            smtpd_relay_restrictions="permit_mynetworks, reject",
            transport_maps="inline:{ { %s = comes-back: } }" % back,
            alias_maps="", local_recipient_maps="",
            **{"comes-back_destination_recipient_limit": "1"})
        with open(f"{self.folder}/etc/master.cf", "w",
                  encoding="ascii") as file:
            file.write(SERVICES.format(port=self.port, user=user,
                                       command=" ".join(command)))

    def _settings(self, **settings):
        with open(f"{self.folder}/etc/main.cf", "w",
                  encoding="ascii") as file:
            for name, value in settings.items():
                file.write(f"{name} = {value}\n")

    def _answers(self):
        if self.master.poll() is not None:
            raise AssertionError(f"Postfix ended: {self.log()}")
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def log(self):
        try:
            with open(f"{self.folder}/log", encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def stop(self):
        os.killpg(self.master.pid, signal.SIGTERM)
        self.master.wait()
        shutil.rmtree(self.folder)
