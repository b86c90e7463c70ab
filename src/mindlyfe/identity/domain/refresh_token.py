"""Refresh tokens: 256 random bits that name their session and prove that we made them; only their hash is stored.

The proof tells a token that was ours once from a made-up one, so that inventing tokens ends nobody's session.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.identity.domain.codes import Mac
from mindlyfe.identity.domain.refusals import SessionEnded

SECRET_BYTES: Final = 32
PURPOSE: Final = "identity/refresh-token"
CODE_PURPOSE: Final = "identity/authorization-code"
"""A code of an app is made in the same way, and names its authorization."""
BYTES: Final = 16 + SECRET_BYTES + 32


class RefreshToken(msgspec.Struct, frozen=True):
    """One token of a session; `hash` is what the session remembers."""

    session: UUID
    hash: bytes
    text: str


def made(session: UUID, secret: bytes, mac: Mac, purpose: str = PURPOSE) -> RefreshToken:
    """The token of `session` with these random bytes."""
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"{SECRET_BYTES} random bytes, not {len(secret)}")
    body = session.bytes + secret
    raw = body + mac(purpose, body)
    return RefreshToken(session, hashlib.sha256(raw).digest(), base64.urlsafe_b64encode(raw).rstrip(b"=").decode())


def presented(text: str, mac: Mac, purpose: str = PURPOSE) -> RefreshToken:
    """A token somebody shows. Raises SessionEnded for one that we never made."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        raise SessionEnded from None
    body, proof = raw[: 16 + SECRET_BYTES], raw[16 + SECRET_BYTES :]
    if len(raw) != BYTES or not hmac.compare_digest(proof, mac(purpose, body)):
        raise SessionEnded
    return RefreshToken(UUID(bytes=raw[:16]), hashlib.sha256(raw).digest(), text)
