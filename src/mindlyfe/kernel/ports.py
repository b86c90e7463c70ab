"""The port the event store calls: what fills tables from events."""

from collections.abc import Mapping, Sequence
from typing import LiteralString, Protocol

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Recorded
from mindlyfe.kernel.postgres import Tx


class Projection[E](Protocol):
    """Fills tables from the events of one tenant, whose name `app.tenant` holds.

    SQL names tables without a schema, so that a rebuild can put shadows in their place. `apply` only sends statements:
    they run in pipeline mode, so each fetched result costs a round trip. It must depend on nothing but its arguments
    and its own tables: no clock, no new ids.
    """

    @property
    def name(self) -> str:
        """Names its cursor and its rebuild; unique in the context."""
        ...

    @property
    def tables(self) -> Sequence[LiteralString]:
        """What it fills, and nobody else does. None: it notes what is new for a while, and is never rebuilt."""
        ...

    @property
    def constraints(self) -> Mapping[str, type[DomainError]]:
        """Name of a constraint → the refusal its violation means."""
        ...

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[E]], /) -> None:
        """Fill the tables, in the order of the events."""
        ...
