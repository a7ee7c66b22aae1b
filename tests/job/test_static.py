"""An installation has a .gz beside each static file, and nginx hands it out."""

import gzip
import os
import sys
import urllib.request

from stack import Stack, equal, run

stack = Stack()
PLAIN = stack.path("static", "style.css")


def fetched(**headers):
    asked = urllib.request.Request(stack.url + "/static/style.css",
                                   headers=headers)
    with urllib.request.urlopen(asked) as answer:
        return answer.headers.get("Content-Encoding"), answer.read()


def hands_out_what_is_there():
    with open(PLAIN, "rb") as file:
        plain = file.read()
    before = fetched(**{"Accept-Encoding": "gzip"})
    equal(before[0], "gzip", "without the .gz")
    packed = gzip.compress(plain, 9)
    with open(PLAIN + ".gz", "wb") as file:
        file.write(packed)
    os.chmod(PLAIN + ".gz", 0o644)
    equal(fetched(**{"Accept-Encoding": "gzip"}), ("gzip", packed))
    equal(len(packed) < len(before[1]), True, "smaller than on the way")
    equal(fetched(), (None, plain), "to who takes no gzip")


STATUS = run([
    ("compressed files are handed out as they are, to who takes them",
     hands_out_what_is_there),
])
stack.stop()
sys.exit(STATUS)
