"""The longest names, titles and addresses there may be still make a mail."""

import sys

from stack import Club, Stack, equal, run

stack = Stack()
LARGEST = 20 * 1024


def mails_the_longest(slug, letters):
    def test():
        stack.clock("2030-06-14 12:00+00")
        club = Club(stack, slug, {"a": ""}, start="20300614T130000Z",
                    end="20300614T150000Z")
        to = f"{slug:a<64}@{'b' * 60}.{'c' * 60}.{'d' * 59}.example"
        stack.sql(
            f"with l(l) as (select left(repeat('{letters}', 500), 500)), "
            "o as (update organizations set name = left(l, 200), timezone = "
            "'America/Argentina/ComodRivadavia', postal_address = left(l, "
            f"249) || e'\\n' || left(l, 250) from l where slug = '{slug}'), "
            f"e as (update events set title = l from l where id = "
            f"{club.event}) update users set name = left(l, 200), "
            f"quiet = false, email = '{to}' from l "
            f"where email = 'a@{slug}.example'")
        stack.clock("2030-06-14 16:01+00")
        equal(stack.sweep()["sent"], 1)
        mail = stack.mails()[-1]
        # Room for templates that say a little more, and longer addresses.
        if len(mail.raw) > LARGEST - 2048:
            raise AssertionError(f"{len(mail.raw)} bytes")
        for kind in ("plain", "html"):
            if "…" not in mail.part(kind):
                raise AssertionError(f"nothing is cut in {kind}")
    return test


STATUS = run([
    (f"R-F4 a mail of the longest {what} is under 20 KB",
     mails_the_longest(slug, letters))
    for slug, what, letters in (
        ("emoji", "emoji", "\U0001f389"),
        ("quotes", "quotes", '"'),
        ("both", "emoji and quotes", '\U0001f389"""'),
        ("latin", "umlauts", "ü"))
])
stack.stop()
sys.exit(STATUS)
