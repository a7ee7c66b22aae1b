"""Keys are rotated and retired under programs that run, and all follow."""

import base64
import os
import sys
import urllib.error
import urllib.request

from stack import Club, Stack, equal, run, wait_for

PEOPLE = ["ada", "bob", "eve", "joe"]

stack = Stack()
followers = []
links = {}  # to sign in, by the id of their key; 0: a prompt's, of key 1


def key_of(link):
    return int.from_bytes(base64.urlsafe_b64decode(link.split("/")[2])[1:3],
                          "big")


def seen(link):
    """The answers of every worker: of two, six times tell."""
    found = set()
    for _ in range(6):
        try:
            with urllib.request.urlopen(stack.url + link) as answer:
                found.add(answer.status)
        except urllib.error.HTTPError as error:
            found.add(error.code)
    return sorted(found)


def sign_in_link(name):
    """What the sweep that keeps running mails to somebody who asks."""
    address = f"{name}@keys.example"
    stack.sql(f"select sign_in_ask('{address}', sha256('{address}'))",
              "rollcall_member")

    def mail():
        return [mail for mail in stack.mails(address)
                if "/signin/" in mail.part("plain")]
    return wait_for(mail, f"a link for {name}", 10)[0].link("signin")


def signs_with_the_newest():
    stack.clock("2030-06-14 12:00+00")
    club = Club(stack, "keys", dict.fromkeys(PEOPLE, ""),
                start="20300614T130000Z", end="20300614T150000Z")
    stack.clock("2030-06-14 16:01+00")
    stack.sweep()
    prompt = club.mails()[0].link("r")
    equal(key_of(prompt), 1)
    followers.append(stack.begin("sweep", "--follow"))
    for key, name in enumerate(PEOPLE, 1):
        links[key] = sign_in_link(name)
        equal(key_of(links[key]), key, "the key of the link")
        equal(seen(links[key]), [200], f"a link of key {key}")
        if key < len(PEOPLE):
            stack.ctl("keys", "rotate")
    links[0] = prompt


def verifies_with_all():
    """After three rotations, in both programs."""
    for link in links.values():
        equal(seen(link), [200], link[:8])


def leaves_what_is_retired():
    said = stack.ctl("keys", "retire", "1")
    equal("stops are lost" in said, True, said)
    equal(seen(links[0]), [404])
    equal(seen(links[1]), [404])
    for key in (2, 3, 4):
        equal(seen(links[key]), [200])


def keeps_keys_when_the_file_is_bad():
    path = stack.path("var", "keys")
    os.chmod(path, 0o644)
    equal(seen(links[4]), [200], "a file everyone may read")
    os.rename(path, path + ".away")
    equal(seen(links[4]), [200], "no file")
    os.rename(path + ".away", path)
    os.chmod(path, 0o640)
    equal(seen(links[4]), [200])
    stack.ctl("keys", "retire", "2")
    equal(seen(links[2]), [404])


STATUS = run([
    ("R-G2 a running sweep signs with a key from its rotation on",
     signs_with_the_newest),
    ("R-G2 running programs take links of new and old keys, after three "
     "rotations", verifies_with_all),
    ("a retired key's links are 404 at once", leaves_what_is_retired),
    ("a keys file of no use leaves running programs the keys they have",
     keeps_keys_when_the_file_is_bad),
])
for follower in followers:
    follower.terminate()
    follower.wait(20)
stack.stop()
sys.exit(STATUS)
