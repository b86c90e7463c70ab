"""The port between contexts: tell (publish, consume) and ask (request, answer)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import MessageId, TenantId


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A public event on its way. `body` is its JSON; `subject` is `<region>.<context>.<event>.vN`."""

    id: MessageId
    subject: str
    tenant: TenantId
    stream: UUID
    version: int
    at: datetime
    correlation: str
    body: bytes


type Deliver = Callable[[Sequence[Envelope]], Awaitable[None]]
"""Handles a batch; returning acknowledges all of it, raising has it delivered again."""
type Answer = Callable[[bytes], Awaitable[bytes]]


class Transport(Protocol):
    """At-least-once delivery in the order of each stream; the receiver's inbox makes it once."""

    async def publish(self, batch: Sequence[Envelope]) -> None:
        """Durably hand over up to 500 envelopes, all or none. Raises `Unavailable`."""
        ...

    async def consume(self, consumer: str, subjects: Sequence[str], deliver: Deliver) -> None:
        """Feed `deliver` until cancelled. A batch that fails for good goes to the dead letters."""
        ...

    async def ask(self, subject: str, request: bytes, *, timeout_s: float) -> bytes:
        """One answer from whoever serves `subject`. Raises `Unavailable`, or the refusal of the other side."""
        ...

    async def answer(self, subject: str, answer: Answer) -> None:
        """Serve `subject` until cancelled."""
        ...
