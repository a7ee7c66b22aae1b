"""Mail over TLS and with a login, to a real server that has both."""

import sys
import tempfile
import urllib.parse

from crowd import Stack, equal, finish, make_crowd, run
from relay import PASSWORD, USER, Relay, make_certificates

folder = tempfile.TemporaryDirectory()
# Our programs run as somebody else, who must be able to read the CA's file.
stack = Stack()


def authority(name):
    made, its_context = make_certificates(folder.name)
    with open(made, "rb") as file:
        return stack.write(name, file.read()), its_context


OTHER, _ = authority("other.pem")
CA, context = authority("ca.pem")
LOGIN = ":".join(urllib.parse.quote(part) for part in (USER, PASSWORD))


def url(relay, scheme="smtp", login=LOGIN, host="0.0.0.0"):
    """On Linux 0.0.0.0 is this machine, and does not look like it."""
    return f"{scheme}://{login}{'@' if login else ''}{host}:{relay.port}"


def delivers(slug, relay, **how):
    def test():
        club = make_crowd(stack, slug, 20)
        try:
            summary = stack.sweep(SMTP_URL=url(relay, **how),
                                  SSL_CERT_FILE=CA)
            equal(summary["sent"], 20)
            equal(sorted(to for to, _ in relay.kept), sorted(
                f"p{n}@{slug}.example" for n in range(1, 21)))
            equal(relay.under_tls, 20, "under TLS")
            if relay.connections > 8:
                raise AssertionError(f"{relay.connections} connections")
            if relay.login:
                equal(relay.logins, relay.connections, "a login each")
            equal(club.waiting(), [])
        finally:
            relay.stop()
    return test


def refuses(slug, relay, ca, why, **how):
    def test():
        make_crowd(stack, slug, 2)
        try:
            summary = stack.sweep(SMTP_URL=url(relay, **how),
                                  SSL_CERT_FILE=ca)
            equal((summary["sent"], summary["retried"]), (0, 2))
            equal(relay.logins, 0, "logins")
            equal(relay.kept, [])
            equal(stack.sql("select string_agg(distinct last_error, ', ') "
                            "from scheduled_notifications where last_error "
                            "is not null"), why)
        finally:
            relay.stop()
        other = Relay()
        finish(stack, other.url)
        other.stop()
    return test


STATUS = run([
    ("R-F3 STARTTLS and a login, on connections that are kept",
     delivers("start", Relay(context=context, login=True))),
    ("R-F3 TLS from the start and a login",
     delivers("smtps", Relay(context=context, implicit=True, login=True),
              scheme="smtps")),
    ("R-F3 the same with PIPELINING",
     delivers("piped", Relay(context=context, implicit=True, login=True,
                             pipelining=True), scheme="smtps")),
    ("R-F3 another machine's STARTTLS is used without being asked for",
     delivers("plain", Relay(context=context), login="")),
    ("R-F2 a certificate of nobody we know: no TLS, later",
     refuses("unknown", Relay(context=context, login=True),
             OTHER, "no TLS")),
    ("R-F2 nor where no login is needed",
     refuses("nobody", Relay(context=context), OTHER, "no TLS", login="")),
    ("R-F2 no STARTTLS there: no password is told",
     refuses("clear", Relay(login=True), CA, "no TLS")),
])
stack.stop()
folder.cleanup()
sys.exit(STATUS)
