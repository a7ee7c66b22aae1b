#!/usr/bin/python3
"""R-F4: the mails of test_mail.c as Python's strict email parser reads them.

Prints TAP; a defect of any kind fails the mail it is in.
"""

import email
import email.header
import email.policy
import email.utils
import os
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = os.path.join(os.environ.get("BUILD", "build"),
                       os.environ.get("V", "release"), "tests/unit/test_mail")


def read_name(header):
    """Of the old parser: the new one leaves blanks between encoded words."""
    name, address = email.utils.parseaddr(header.replace("\r\n", ""))
    return str(email.header.make_header(email.header.decode_header(name))), \
        address


def get_text(part):
    return part.get_content().replace("\r\n", "\n")


def check(path):
    raw = path.read_bytes()
    policy = email.policy.SMTP.clone(raise_on_defect=True)
    message = email.message_from_bytes(raw, policy=policy)
    plain = email.message_from_bytes(raw, policy=email.policy.compat32)
    read = {end: path.with_suffix("." + end).read_text(encoding="utf-8")
            for end in ("name", "subject", "text", "html")}
    assert len(message["To"].addresses) == len(message["From"].addresses) == 1
    assert read_name(plain["To"]) == (read["name"], "someone@example.org")
    assert read_name(plain["From"]) == (read["name"], "rollcall@example.org")
    assert message["Subject"] == read["subject"], message["Subject"]
    assert message["Date"].datetime.year == 2026
    for header in message.values():
        assert not header.defects, header.defects
    parts = list(message.iter_parts())
    assert [p.get_content_type() for p in parts] == ["text/plain", "text/html"]
    assert not any(p.defects for p in parts)
    assert get_text(parts[0]) == read["text"], parts[0].get_content()
    assert get_text(parts[1]) == read["html"], parts[1].get_content()


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([PROGRAM], env={**os.environ, "MAIL_SAMPLES": folder},
                       stdout=subprocess.DEVNULL, check=True)
        paths = sorted(pathlib.Path(folder).glob("*.eml"))
        print(f"1..{len(paths)}")
        bad = 0
        for number, path in enumerate(paths, 1):
            name = path.with_suffix(".name").read_text(encoding="utf-8")
            try:
                check(path)
                print(f"ok {number} - R-F4 parsed strictly: {name[:40]}")
            except Exception as error:  # a defect is an exception too
                bad += 1
                print(f"not ok {number} - R-F4 parsed strictly: {name[:40]}")
                print(f"# {error!r}")
    return 1 if bad or not paths else 0


sys.exit(main())
