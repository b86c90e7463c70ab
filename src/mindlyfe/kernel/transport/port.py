"""The port between contexts: tell (publish, consume) and ask (request, answer)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Cursor, MessageId, TenantId


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A public event on its way. `body` is its JSON; `subject` is `<region>.<context>.<event>.vN`."""

    id: MessageId
    subject: str
    tenant: TenantId
    stream: UUID
    version: int
    at: datetime
    correlation: str
    body: msgspec.Raw
    cursor: Cursor = Cursor()
    """Where it stands in its sender's log; for the sender's relay alone."""


class Held(msgspec.Struct, frozen=True):
    """What the transport keeps of one context: which keeping it is, and up to where in the context's log."""

    generation: str
    """Another one after the transport lost or rebuilt what it kept."""
    upto: Cursor | None
    """Where the last message stands in the log, Cursor() when there never was one; None when that cannot be said."""


type Failures = Mapping[MessageId, str]
"""Messages that could not be handled, each with its error's code."""
type Deliver = Callable[[Sequence[Envelope]], Awaitable[Failures]]
"""Handles a batch, which holds no message twice, and returns what failed of it; the rest is done.

After a failure in a stream it leaves the later messages of that stream alone. Raising `Unavailable` means that nothing
could be tried at present.
"""
type Answer = Callable[[bytes], Awaitable[bytes]]


class Transport(Protocol):
    """At-least-once delivery in the order of each stream; the receiver's inbox makes it once."""

    async def open(self, context: str) -> Held:
        """Make room for what `context` publishes, and say what is kept already. Raises `Unavailable`."""
        ...

    async def publish(self, batch: Sequence[Envelope]) -> None:
        """Durably hand over up to 500 envelopes of one context, all or none. Raises `Unavailable`."""
        ...

    async def consume(self, consumer: str, subjects: Sequence[str], deliver: Deliver) -> None:
        """Feed `deliver` until cancelled. A message that fails for good goes to the dead letters."""
        ...

    async def ask(self, subject: str, request: bytes, *, timeout_s: float) -> bytes:
        """One answer from whoever serves `subject`. Raises `Unavailable`."""
        ...

    async def answer(self, subject: str, answer: Answer) -> None:
        """Serve `subject` until cancelled, many requests at a time."""
        ...
