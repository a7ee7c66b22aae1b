"""Mail relays that behave as they are told, inside the test's own process.

Knows no rule; keeps what it accepted, in the order of coming.
"""

import asyncio
import logging
import os
import random
import ssl
import subprocess
import threading
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

# What a test provokes is no news.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)
warnings.filterwarnings("ignore", module="aiosmtpd")

USER, PASSWORD = b"roll", b"call: 100%"


class Relay:
    """Stands on 127.0.0.1 until stop(); url is for SMTP_URL.

    rcpt: what to say to a recipient, if not 250.  drop: cut off after the
    final dot, or after such a share of them.  wait: seconds before MAIL is
    answered, and after a message is kept.  context: offers STARTTLS; implicit:
    speaks TLS from the start.  login: True asks for the password, False
    refuses it.  pipelining: offers it.
    """

    def __init__(self, rcpt=None, drop=False, wait=0, context=None,
                 implicit=False, login=None, pipelining=False, port=0):
        self.rcpt, self.drop, self.wait = rcpt, drop, wait
        self.context, self.implicit, self.login = context, implicit, login
        self.kept, self.seen, self.connections = [], [], 0
        self.pipelining = pipelining
        self.dropped, self.random = 0, random.Random(5)
        self.under_tls, self.logins = 0, 0
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        self.thread = threading.Thread(
            target=self._run, args=(ready, port), daemon=True)
        self.thread.start()
        ready.wait(10)
        self.url = f"smtp://127.0.0.1:{self.port}"

    def _run(self, ready, port):
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(self.loop.create_server(
            self._connection, "127.0.0.1", port,
            ssl=self.context if self.implicit else None))
        self.port = self.server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()

    def _connection(self):
        self.connections += 1
        extra = {}
        if self.context and not self.implicit:
            extra["tls_context"] = self.context
        if self.login is not None:
            extra.update(
                authenticator=self._check, auth_required=True,
                auth_require_tls=self.context is not None
                and not self.implicit)
        return SMTP(self, hostname="relay", loop=self.loop, **extra)

    def _check(self, server, session, envelope, mechanism, data):
        self.logins += 1
        good = self.login and (data.login, data.password) == (USER, PASSWORD)
        # Not handled: the server itself says 535.
        return AuthResult(success=bool(good), handled=False)

    async def handle_EHLO(self, server, session, envelope, hostname,
                          responses):
        session.host_name = hostname
        if self.pipelining:
            responses.insert(1, "250-PIPELINING")
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.wait:
            await asyncio.sleep(self.wait)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.seen.append(address)
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.kept.append((envelope.rcpt_tos[0], envelope.original_content))
        self.under_tls += session.ssl is not None or self.implicit
        if self.wait:
            await asyncio.sleep(self.wait)
        if self.random.random() < self.drop:
            self.dropped += 1
            server.transport.abort()
        return "250 OK"

    def stop(self):
        self.loop.call_soon_threadsafe(self.server.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


class Dribble:
    """Answers everything with 250, a byte at a time."""

    def __init__(self, seconds):
        self.seconds, self.kept = seconds, 0
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        self.thread = threading.Thread(
            target=self._run, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait(10)
        self.url = f"smtp://127.0.0.1:{self.port}"

    def _run(self, ready):
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(
            asyncio.start_server(self._talk, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()

    async def _say(self, writer, line):
        for byte in line + b" dribbling along\r\n":
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(self.seconds)

    async def _talk(self, reader, writer):
        try:
            await self._say(writer, b"220")
            while line := await reader.readline():
                if line.startswith(b"DATA"):
                    await self._say(writer, b"354")
                    while await reader.readline() not in (b".\r\n", b""):
                        pass
                    self.kept += 1
                await self._say(writer, b"250")
        except (ConnectionError, asyncio.CancelledError):
            pass

    def stop(self):
        def cancel():
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
        self.loop.call_soon_threadsafe(cancel)
        Relay.stop(self)


def make_certificates(folder):
    """A CA, and a certificate of it for the addresses that tests use."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True,
                       capture_output=True)

    with open(os.path.join(folder, "names"), "w", encoding="ascii") as file:
        file.write("subjectAltName=IP:127.0.0.1,IP:0.0.0.0\n")
    key = ("-newkey", "rsa:2048", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem",
            "-days", "2", "-subj", "/CN=Test CA")
    openssl("req", *key, "-keyout", "relay.key", "-out", "relay.csr",
            "-subj", "/CN=relay")
    openssl("x509", "-req", "-in", "relay.csr", "-CA", "ca.pem", "-CAkey",
            "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names",
            "-out", "relay.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "relay.pem"),
                            os.path.join(folder, "relay.key"))
    return os.path.join(folder, "ca.pem"), context
