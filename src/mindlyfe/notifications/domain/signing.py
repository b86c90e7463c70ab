"""Signatures of those who send receipts. Pure."""

import hmac
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

WINDOW: Final = timedelta(minutes=5)
"""A signed receipt is taken for so long, in either direction: clocks differ, and what is older may be a replay."""
LONGEST_TIMESTAMP: Final = 12


def sms_signature(token: str, url: str, form: Iterable[tuple[str, str]]) -> str:
    """What Twilio puts into X-Twilio-Signature: HMAC-SHA1 of the address and the sorted fields of the form."""
    signed = url + "".join(f"{name}{value}" for name, value in sorted(form))
    return b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()


def mail_signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=` and the HMAC-SHA256 of timestamp, full stop and body, in hexadecimal digits."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def same(given: str, expected: str) -> bool:
    """Whether two signatures are equal, in a time that does not tell how far."""
    return hmac.compare_digest(given.encode(), expected.encode())


def timely(timestamp: str, now: datetime) -> bool:
    """Whether `timestamp`, in seconds since 1970, is close enough to now."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= LONGEST_TIMESTAMP):
        return False
    return abs(now.timestamp() - int(timestamp)) <= WINDOW.total_seconds()
