"""Projections: tables filled from events, within the command's transaction or after it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, LiteralString, Protocol

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Cursor, Recorded
from mindlyfe.kernel.postgres import Tx

if TYPE_CHECKING:
    from mindlyfe.kernel.streams import Streams


class Projection[E](Protocol):
    """Fills tables from the events of one tenant, whose name `app.tenant` holds.

    SQL names tables without a schema, so that a rebuild can put shadows in their place. `apply` only sends statements:
    they run in pipeline mode, so each fetched result costs a round trip. It must depend on nothing but its arguments
    and its own tables.
    """

    @property
    def name(self) -> str:
        """Names its cursor and its rebuild; unique in the context."""
        ...

    @property
    def tables(self) -> Sequence[LiteralString]:
        """What it fills, and nobody else does."""
        ...

    @property
    def constraints(self) -> Mapping[str, type[DomainError]]:
        """Name of a constraint → the refusal its violation means."""
        ...

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[E]], /) -> None:
        """Fill the tables, in the order of the events."""
        ...


class AsyncProjection[E]:
    """Runs a projection after the commit: its cursor moves in the transaction of its effect."""

    def __init__(self, streams: "Streams[Any, Any]", projection: Projection[E]) -> None:
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
