"""R-F2: mail that a server took and that comes back: sent by real sweeps, and
its reports handed to rollcallctl as a mail server hands them over."""

import os
import shutil
import subprocess
import sys

from stack import Club, Stack, equal, run

BASE = "bounce@rollcall.example"
stack = Stack()


def at(clock):
    stack.clock(f"2030-06-{clock}+00")


def sent_to(slug, *people, **settings):
    """A club whose members were asked after their event; their mails."""
    at("14 12:00")
    club = Club(stack, slug, {name: "" for name in people},
                start="20300614T130000Z", end="20300614T150000Z")
    at("14 16:01")
    stack.sweep(BOUNCE_ADDRESS=BASE, **settings)
    return {mail.to.split("@")[0]: mail for mail in club.mails()}


def report(to, status="5.1.1", action="failed",
           diagnostic="smtp; 550 5.1.1 no such user"):
    """As Postfix writes it."""
    return ("Return-Path: <>\r\n"
            f"Delivered-To: {to}\r\n"
            "From: MAILER-DAEMON@mail.rollcall.example\r\n"
            f"To: {to}\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=delivery-status;\r\n"
            '\tboundary="B/mail"\r\n\r\n'
            "--B/mail\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\r\n"
            "--B/mail\r\nContent-Type: message/delivery-status\r\n\r\n"
            "Reporting-MTA: dns; mail.rollcall.example\r\n\r\n"
            f"Final-Recipient: rfc822; somebody@club.example\r\n"
            f"Action: {action}\r\nStatus: {status}\r\n"
            f"Diagnostic-Code: {diagnostic}\r\n\r\n"
            "--B/mail--\r\n").encode()


def hand_over(mail, **settings):
    """The command's exit and what it said."""
    settings.setdefault("BOUNCE_ADDRESS", BASE)
    extra = [f"{key}={value}" for key, value in settings.items()]
    done = subprocess.run(
        stack.command(*extra, f"{stack.bin}/rollcallctl", "bounce"),
        cwd=stack.directory, input=mail, capture_output=True, timeout=60,
        check=False)
    spoken.append(done.stdout + done.stderr)
    return done.returncode, done.stdout.decode().strip()


def suppressed(slug):
    return stack.sql(
        "select string_agg(split_part(email, '@', 1) || ' ' || "
        "suppressed_cause, ', ' order by email) from users where "
        f"suppressed_at is not null and email like '%@{slug}.example'")


spoken = []


def suppresses_whose_address_does_not_exist():
    mails = sent_to("gone", "ada", "bob")
    senders = {name: mail.envelope["from"] for name, mail in mails.items()}
    equal(len(set(senders.values())), 2, "each its own envelope sender")
    equal([sender.split("+")[0] for sender in senders.values()],
          ["bounce", "bounce"])
    equal(mails["ada"].message["From"].addresses[0].addr_spec !=
          senders["ada"], True, "which people do not see")
    equal(hand_over(report(senders["ada"])), (0, "suppressed"))
    equal(suppressed("gone"), "ada 5.1.1")
    equal(hand_over(report(senders["ada"])), (0, "again"))
    # In capitals, from a relay that changed them.
    equal(hand_over(report(senders["bob"].upper(), "4.4.7")), (0, "noted"))
    equal(suppressed("gone"), "ada 5.1.1")
    equal(stack.sql("select string_agg(last_error, ', ' order by id) from "
                    "notification_log where bounced_at is not null"),
          "5.1.1 came back, 4.4.7 came back")


def believes_no_forged_report():
    mails = sent_to("forged", "ada")
    sender = mails["ada"].envelope["from"]
    number, rest = sender.split("+")[1].split("-")
    other = f"bounce+{int(number) - 1}-{rest}"
    for to in (BASE, other, "ada@forged.example",
               f"bounce+{number}-{'0' * 20}@rollcall.example"):
        equal(hand_over(report(to)), (0, "unknown"), to)
    equal(suppressed("forged"), "")
    # Signed with a key that is not ours.
    key = stack.write("other-keys", "1 " + "ab" * 32 + "\n")
    os.chmod(stack.path(key), 0o640)
    if stack.service:
        shutil.chown(stack.path(key), group="rollcall")
    equal(hand_over(report(sender), KEYS_FILE=key), (0, "unknown"))
    equal(suppressed("forged"), "")


def counts_what_says_no_more_than_no():
    mails = sent_to("bare", "ada")
    equal(hand_over(report(mails["ada"].envelope["from"], "5.0.0",
                           diagnostic="smtp; 550 No")), (0, "counted"))
    equal(suppressed("bare"), "")
    for day, wanted in ((15, "counted"), (16, "suppressed")):
        at(f"{day} 12:00")
        stack.sql("select sign_in_ask('ada@bare.example', "
                  f"decode(lpad('{day}', 64, '0'), 'hex'))")
        stack.sweep(BOUNCE_ADDRESS=BASE)
        mail = stack.mails("ada@bare.example")[-1]
        equal(hand_over(report(mail.envelope["from"], "5.0.0",
                               diagnostic="smtp; 550 No")), (0, wanted),
              f"on day {day}")
    equal(suppressed("bare"), "ada 550")


def changes_nothing_otherwise():
    mails = sent_to("calm", "ada")
    sender = mails["ada"].envelope["from"]
    equal(hand_over(report(sender, "4.4.1", "delayed")), (0, "delayed"))
    equal(hand_over(report(sender, "2.0.0", "delivered")), (0, "delivered"))
    answer = f"To: {sender}\r\nSubject: I am away\r\n\r\nStatus: 5.1.1\r\n"
    equal(hand_over(answer.encode()), (0, "no report"))
    equal(hand_over(b""), (65, ""))
    equal(hand_over(b"\0" * 5000), (65, ""))
    # However long it is, what writes it can.
    equal(hand_over(report(sender, "5.7.1", diagnostic="smtp; 550 5.7.1 spam")
                    + b"x" * 3000000), (0, "noted"))
    equal(suppressed("calm"), "")


def believes_no_old_report():
    mails = sent_to("old", "ada")
    at("30 16:02")
    stack.later("15 days")
    equal(hand_over(report(mails["ada"].envelope["from"])), (0, "old"))
    equal(suppressed("old"), "")


def is_handed_it_again_when_it_cannot():
    mails = sent_to("later", "ada")
    mail = report(mails["ada"].envelope["from"])
    code, _ = hand_over(mail, BOUNCE_ADDRESS="")
    equal(code, 75, "no BOUNCE_ADDRESS")
    code, _ = hand_over(mail, DATABASE_URL="postgresql:///none?host=/nowhere")
    equal(code, 75, "no database")
    equal(hand_over(mail), (0, "suppressed"))


def is_handed_it_again_when_it_comes_before_the_word():
    mails = sent_to("early", "ada")
    sender = mails["ada"].envelope["from"]
    number = int(sender.split("+")[1].split("-")[0])
    same = ("id, notification_id, org_id, kind, event_id, user_id, "
            "prompt_number, revision, scheduled_for")
    # As it is between the mail server's word and ours.
    stack.sql(f"create table taken as select * from notification_log "
              f"where id = {number}")
    stack.sql(f"insert into scheduled_notifications ({same}, urgency, "
              f"not_before, expires_at) overriding system value "
              f"select {same}, 3, '2031-01-01', '2031-01-02' from taken")
    stack.sql(f"delete from notification_log where id = {number}")
    equal(hand_over(report(sender)), (75, "early"))
    equal(suppressed("early"), "")
    stack.sql(f"delete from scheduled_notifications where id = {number}")
    stack.sql("insert into notification_log overriding system value "
              "select * from taken")
    stack.sql("drop table taken")
    equal(hand_over(report(sender)), (0, "suppressed"))


def sends_from_one_address_without_the_setting():
    at("14 12:00")
    club = Club(stack, "plain", {"ada": ""}, start="20300614T130000Z",
                end="20300614T150000Z")
    at("14 16:01")
    stack.sweep()
    mail = club.mails()[0]
    equal(mail.envelope["from"], mail.message["From"].addresses[0].addr_spec)


def says_ids_only():
    if b"@" in b"".join(spoken):
        raise AssertionError("an address was told")


sys.exit(run([
    ("R-F2 an address that does not exist is suppressed by its report",
     suppresses_whose_address_does_not_exist),
    ("R-F2 a report that nobody but the mail server could forge is believed",
     believes_no_forged_report),
    ("R-F2 a bare refusal suppresses at the third on a different day",
     counts_what_says_no_more_than_no),
    ("R-F2 delays, answers and faults of ours suppress nobody",
     changes_nothing_otherwise),
    ("R-F2 nothing is believed of a message of a month ago",
     believes_no_old_report),
    ("R-F2 what cannot be read now is handed over again",
     is_handed_it_again_when_it_cannot),
    ("R-F2 ... and what comes before it is recorded that the message left",
     is_handed_it_again_when_it_comes_before_the_word),
    ("R-F2 without BOUNCE_ADDRESS the envelope is as before",
     sends_from_one_address_without_the_setting),
    ("R-G3 nothing but ids is told of it", says_ids_only),
]))
