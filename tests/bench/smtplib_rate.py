"""Messages a second by Python's smtplib: PORT COUNT FILE, one connection."""

import smtplib
import sys
import time

PORT, COUNT, FILE = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]

with open(FILE, "rb") as file:
    MESSAGE = file.read()
begun = time.monotonic()
with smtplib.SMTP("127.0.0.1", PORT) as relay:
    for _ in range(COUNT):
        relay.sendmail("from@example.org", ["to@example.org"], MESSAGE)
print(COUNT / (time.monotonic() - begun))
