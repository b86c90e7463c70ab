"""Identifiers: random ones as an argument, derived ones from what they stand for."""

import secrets
import time
from collections.abc import Callable
from typing import Final
from uuid import UUID, uuid5

from mindlyfe.kernel.messages import MessageId

type Ids = Callable[[], UUID]

MINDLYFE: Final = UUID("6f1c9e0a-3f57-5d0f-9a51-6d0e6b1b7a10")
"""Namespace of every derived identifier."""


def uuid7() -> UUID:
    """A random identifier that sorts by its making (RFC 9562, version 7, millisecond precision)."""
    millis = time.time_ns() // 1_000_000
    value = (millis << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62) | secrets.randbits(62)
    return UUID(int=value)


def derived(*parts: object) -> UUID:
    """The same identifier for the same parts, everywhere and always."""
    return uuid5(MINDLYFE, "/".join(str(part) for part in parts))


def message_id(context: str, stream: UUID, version: int) -> MessageId:
    """The identity of a published event: one per recorded event, however often it is sent."""
    return MessageId(derived("message", context, stream, version))
