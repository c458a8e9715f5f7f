"""Prints webhook requests signed by Twilio's own SDK, one JSON object a line.

usage: twilio_signatures.py TOKEN URL

Each line: url, params (pairs in the order sent), body (the form as Twilio posts it) and signature.
A server that checks signatures must accept every line, and refuse it with any one byte changed.
"""

import json
import sys
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

PERSON = "+447700900101"
REQUESTS = [
    [("MessageSid", "SM01"), ("From", PERSON), ("Body", "im worried about sam, not sleeping")],
    [("MessageSid", "SM02"), ("From", PERSON), ("Body", "tea & toast £5 😀"),
     ("Tag", "b"), ("Tag", "a"), ("Tag", "b"), ("Empty", "")],
    [("MessageSid", "SM03"), ("From", PERSON), ("Body", "Źle śpi, 100% = nie + tak?\nDziękuję")],
    [("MessageSid", "SM04"), ("From", PERSON), ("Body", ""), ("NumMedia", "2"),
     ("MediaUrl0", "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/SM04/Media/ME1"),
     ("MediaContentType0", "image/jpeg"),
     ("MediaUrl1", "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/SM04/Media/ME2"),
     ("MediaContentType1", "audio/ogg")],
    [("MessageSid", "SM05"), ("From", PERSON), ("Body", "x" * 1600), ("body", "lower case")],
    [("MessageSid", "SM06"), ("MessageStatus", "delivered"), ("To", PERSON)],
]


class Fields(dict):
    """A form whose names may repeat, as the SDK expects one from a web framework."""

    def __init__(self, pairs):
        super().__init__(pairs)
        self.pairs = pairs

    def getlist(self, name):
        return [value for key, value in self.pairs if key == name]


def main():
    token, url = sys.argv[1:]
    validator = RequestValidator(token)
    for pairs in REQUESTS:
        signature = validator.compute_signature(url, Fields(pairs))
        if not validator.validate(url, Fields(pairs), signature):
            sys.exit("the SDK does not accept its own signature")
        print(json.dumps({"url": url, "params": pairs, "body": urlencode(pairs), "signature": signature}))


if __name__ == "__main__":
    main()
