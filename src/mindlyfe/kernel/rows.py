"""What a transaction of the event store writes, line by line."""

from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from mindlyfe.kernel.messages import Event, MessageId, PersonId, Recorded
from mindlyfe.kernel.snapshots import Kept


class Row(NamedTuple):
    """An event to insert."""

    position: int
    stream: UUID
    version: int
    type: str
    subject: PersonId | None
    data: bytes
    meta: str


class AuditLine(NamedTuple):
    """An audit row to insert: one per command that changed something."""

    actor: PersonId
    action: str
    subject: PersonId | None
    object: str
    correlation: str
    client: str
    detail: str


class KeyLine(NamedTuple):
    """An idempotency row to insert."""

    actor: PersonId
    key: str
    digest: bytes
    stream: UUID
    version: int
    epoch: int
    tx: str
    position: int


class MessageLine(NamedTuple):
    """An inbox row to insert."""

    consumer: str
    message: MessageId


@dataclass(slots=True)
class Rows[E: Event]:
    """All that a transaction writes."""

    events: list[Row] = field(default_factory=list[Row])
    recorded: list[Recorded[E]] = field(default_factory=list[Recorded[E]])
    audit: list[AuditLine] = field(default_factory=list[AuditLine])
    keys: list[KeyLine] = field(default_factory=list[KeyLine])
    messages: list[MessageLine] = field(default_factory=list[MessageLine])
    snapshots: dict[UUID, Kept] = field(default_factory=dict[UUID, Kept])

    def __bool__(self) -> bool:
        return bool(self.events or self.keys or self.messages)

    def extend(self, more: "Rows[E]") -> None:
        """Add what one command writes."""
        self.events += more.events
        self.recorded += more.recorded
        self.audit += more.audit
        self.snapshots |= more.snapshots
