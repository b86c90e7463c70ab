"""Codes of an authenticator app (RFC 6238): six digits, a new one every 30 seconds, each of use once."""

import hmac
from datetime import datetime
from typing import Final

from pyotp.totp import TOTP

PERIOD_S: Final = 30
DRIFT: Final = 1
"""So many steps a clock may be fast or slow."""
SECRET_BYTES: Final = 20
"""160 bits, what RFC 4226 recommends."""


def code_of(secret: str, step: int) -> str:
    """The code of a step."""
    return TOTP(secret, interval=PERIOD_S).generate_otp(step)


def step_of(now: datetime) -> int:
    """The step that a right clock is at."""
    return int(now.timestamp()) // PERIOD_S


def matching(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The step around now, and after the last accepted one, that `code` is of; None when there is none."""
    current = step_of(now)
    steps = (step for step in range(current - DRIFT, current + DRIFT + 1) if step > after)
    found = [step for step in steps if hmac.compare_digest(code_of(secret, step), code)]
    return max(found, default=None)


def address(secret: str, *, account: str, issuer: str) -> str:
    """What the app scans as a QR code: an otpauth URL."""
    return TOTP(secret, interval=PERIOD_S).provisioning_uri(name=account, issuer_name=issuer)
