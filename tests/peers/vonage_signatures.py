"""Prints webhook requests signed by Vonage's own SDK, one JSON object a line; or checks requests.

usage: vonage_signatures.py METHOD SECRET NUMBER
       vonage_signatures.py --check < forms

Each line: kind (get, form or json), status (whether it is a receipt), id, and the query or body to
call with. A server that checks signatures must accept every line, and refuse it with one byte
changed. METHOD is sha1, sha256 or sha512; NUMBER is the school's, without the plus.

With --check it reads requests to send a text, one form a line, and ends well when the SDK would
send each of them.
"""

import json
import sys
from urllib.parse import parse_qsl, urlencode

from vonage_http_client.auth import Auth
from vonage_sms.requests import SmsMessage

PERSON = "447700900101"
WORDS = [
    "im worried about sam, not sleeping",
    "tea & toast = £5 😀",
    "Źle śpi, 100% = nie + tak?\nDziękuję",
    "",
    "x" * 1600,
]


def requests(method, school):
    for number, words in enumerate(WORDS, 1):
        yield f"{method}-{number}", False, {
            "msisdn": PERSON, "to": school, "text": words, "type": "unicode",
            "keyword": words.split(" ")[0].upper(), "message-timestamp": "2026-11-24 10:00:00",
        }
    yield f"{method}-0", True, {
        "msisdn": PERSON, "to": school, "status": "delivered", "err-code": "0",
        "scts": "2611241000", "price": "0.03330000", "network-code": "23410",
        "client-ref": "00000000-0000-0000-0000-000000000000",
    }


def sign(method, secret, school):
    auth = Auth(api_key="abcd1234", signature_secret=secret, signature_method=method)
    for id, status, fields in requests(method, school):
        for kind in ("get", "form", "json"):
            params = {**fields, "messageId": f"{id}-{kind}", "nonce": f"nonce-{kind}"}
            # The SDK adds the time, as a number; Vonage sends every value in quotes.
            params["sig"] = auth.sign_params(params)
            params = {name: str(value) for name, value in params.items()}
            if not auth.check_signature(dict(params)):
                sys.exit("the SDK does not accept its own signature")
            content = json.dumps(params) if kind == "json" else urlencode(params)
            print(json.dumps({"kind": kind, "status": status, "id": params["messageId"], "content": content}))


def check():
    names = {field.serialization_alias or name: name for name, field in SmsMessage.model_fields.items()}
    for line in sys.stdin:
        fields = parse_qsl(line.strip(), keep_blank_values=True, strict_parsing=True)
        SmsMessage(**{names[name]: value for name, value in fields})


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        check()
    else:
        sign(*sys.argv[1:])
