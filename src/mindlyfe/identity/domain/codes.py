"""Codes in links: what they stand for, and a proof that we made it. Nothing secret is stored to check one."""

import base64
import binascii
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import msgspec

from mindlyfe.identity.domain.refusals import CodeExpired, CodeInvalid
from mindlyfe.kernel.messages import TenantId

type Purpose = Literal[
    "verification",
    "invitation",
    "registration-link",
    "setup",
    "recovery",
    "address-change",
    "address-change-stop",
]
type Mac = Callable[[str, bytes], bytes]
"""`Keys.mac`: purpose, data → proof."""

BYTES = 16 + 16 + 8


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """One flow of one tenant. The same ticket makes the same code, each time."""

    purpose: Purpose
    tenant: TenantId
    id: UUID
    expires_at: datetime | None
    """UTC, whole seconds count; None: until it is closed."""


def written(ticket: Ticket, mac: Mac) -> str:
    """The code: what it stands for, a dot, the proof."""
    stands_for = _packed(ticket)
    return f"{_text(stands_for)}.{_text(mac(_label(ticket.purpose), stands_for))}"


def read(purpose: Purpose, code: str, mac: Mac) -> Ticket:
    """The ticket of a code that we made for this purpose, expired or not. Raises CodeInvalid."""
    first, _, second = code.partition(".")
    try:
        stands_for, proof = _bytes(first), _bytes(second)
    except (ValueError, binascii.Error):
        raise CodeInvalid from None
    if len(stands_for) != BYTES or not hmac.compare_digest(proof, mac(_label(purpose), stands_for)):
        raise CodeInvalid
    seconds = int.from_bytes(stands_for[32:])
    return Ticket(
        purpose=purpose,
        tenant=TenantId(UUID(bytes=stands_for[:16])),
        id=UUID(bytes=stands_for[16:32]),
        expires_at=datetime.fromtimestamp(seconds, UTC) if seconds else None,
    )


def in_time(ticket: Ticket, now: datetime) -> Ticket:
    """The ticket, unless it has expired. Raises CodeExpired."""
    if ticket.expires_at is not None and now >= ticket.expires_at:
        raise CodeExpired
    return ticket


def _label(purpose: Purpose) -> str:
    return f"identity/code/{purpose}"


def _packed(ticket: Ticket) -> bytes:
    seconds = int(ticket.expires_at.timestamp()) if ticket.expires_at else 0
    return ticket.tenant.bytes + ticket.id.bytes + seconds.to_bytes(8)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
