"""Projections that follow the log: tables filled after the commit, by a cursor of their own."""

from typing import Any

from mindlyfe.kernel.messages import Cursor, Event
from mindlyfe.kernel.ports import Projection
from mindlyfe.kernel.streams import Streams

__all__ = ["AsyncProjection", "Projection"]


class AsyncProjection[E: Event]:
    """Runs a projection after the commit: its cursor moves in the transaction of its effect."""

    def __init__(self, streams: Streams[Any, E], projection: Projection[E]) -> None:
        self.streams, self.projection = streams, projection

    @property
    def name(self) -> str:
        """The projection's."""
        return self.projection.name

    async def run(self) -> None:
        """Follow the log until cancelled."""
        raise NotImplementedError

    async def caught_up(self, cursor: Cursor, timeout_s: float = 1.0) -> bool:
        """Whether the effect of `cursor` is there, after waiting up to `timeout_s` seconds for it."""
        raise NotImplementedError
