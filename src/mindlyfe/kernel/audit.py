"""Who did what to whose data, written durably before the answer leaves."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from mindlyfe.kernel.messages import Act, PersonId, TenantId
from mindlyfe.kernel.postgres import Database


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit. Ids only: never content, a name or an address of a person."""

    tenant: TenantId
    actor: PersonId
    action: str
    """What was done: a permission (`appointment:read`) or an event's tag."""
    subject: PersonId | None = None
    """Whose data, if it is one person's."""
    object: str = ""
    """Which thing: an id, a path, a stream."""
    outcome: str = "done"
    """`done`, or the code of the refusal."""
    correlation: str = ""
    client: str = ""
    detail: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])


def row_of(
    act: Act,
    action: str,
    *,
    subject: PersonId | None = None,
    object: str = "",  # noqa: A002 - the column's name
    outcome: str = "done",
    detail: Mapping[str, Any] | None = None,
) -> AuditRow:
    """What `act` did, as a line of the audit."""
    return AuditRow(
        tenant=act.tenant,
        actor=act.actor,
        action=action,
        subject=subject,
        object=object,
        outcome=outcome,
        correlation=act.correlation,
        client=act.client,
        detail=detail or {},
    )


class Audit:
    """Writes what leaves no event: reads and refusals. Rows of one moment share a transaction."""

    def __init__(self, database: Database, *, window_s: float = 0.005) -> None:
        self._database, self._window_s = database, window_s

    async def read(self, rows: Sequence[AuditRow]) -> None:
        """Returns when `rows` are durable. Raises Unavailable: then the answer must not be sent."""
        raise NotImplementedError
