"""Reads one context's event log in order, without gaps, as its worker role."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

import msgspec

from mindlyfe.kernel.messages import Cursor, Recorded
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.streams import Streams


class Batch(msgspec.Struct, frozen=True):
    """A stretch of the log: the readable events in it, and where it ends (erased events included)."""

    recorded: Sequence[Recorded[Any]]
    upto: Cursor


class Lag(msgspec.Struct, frozen=True):
    """How far a reader is behind, in seconds: by events nobody gave it yet, and by transactions still open."""

    unread_s: float
    open_s: float


class Log:
    """The events of one context in the order every reader sees them."""

    def __init__(self, database: Database, keys: Keys, streams: Sequence[Streams[Any, Any]]) -> None:
        self.database = database

    async def read(self, tx: Tx, after: Cursor, limit: int = 500) -> Batch:
        """The next events after a place; an empty batch when there are none yet. Erased events are left out."""
        raise NotImplementedError

    def follow(self, after: Cursor, limit: int = 500) -> AsyncGenerator[Batch]:
        """Batches for ever, none of them empty of progress; waits 5 to 200 ms between looks when there is nothing."""
        raise NotImplementedError

    async def lag(self, after: Cursor) -> Lag:
        """How far a reader at `after` is behind."""
        raise NotImplementedError
