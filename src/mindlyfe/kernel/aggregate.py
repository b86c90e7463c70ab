"""What the event store knows of one aggregate, and how its stored events become a state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from mindlyfe.kernel.codec import Codec, Place
from mindlyfe.kernel.errors import IdTaken
from mindlyfe.kernel.keyring import Keyring
from mindlyfe.kernel.messages import Cursor, Event, PersonId, TenantId
from mindlyfe.kernel.ports import Projection
from mindlyfe.kernel.snapshots import SnapshotCodec


class Stored(NamedTuple):
    """An event of a stream as a row, without what a fold has no use for, and the snapshot made just after it."""

    stream: UUID
    version: int
    type: str
    subject: PersonId | None
    data: bytes
    epoch: int
    tx: int
    position: int
    kept: bytes | None = None


class History[S](NamedTuple):
    """A stream folded: its state, its version, and where in the log its last event stands."""

    state: S | None = None
    version: int = 0
    cursor: Cursor = Cursor()


@dataclass(frozen=True, slots=True)
class Aggregate[S, E: Event]:
    """The streams of one kind."""

    name: str
    codec: Codec[E]
    evolve: Callable[[S | None, E], S]
    subject: Callable[[S], PersonId | None] | None
    inline: Sequence[Projection[E]]
    snapshots: SnapshotCodec[S] | None
    audited: bool = True
    """Only a measurement leaves the audit out."""

    def about(self, state: S) -> PersonId | None:
        """Whose data the event is that led to `state`."""
        return self.subject(state) if self.subject else None

    def fold(self, tenant: TenantId, rows: Sequence[Stored], keyring: Keyring) -> History[S]:
        """The state after `rows`, the first of which may bring a snapshot. Raises MissingKeys, Erased, IdTaken."""
        if any(self.codec.is_foreign(row.type) for row in rows[:1]):
            raise IdTaken
        keyring.need({row.subject for row in rows if row.subject})
        state: S | None = None
        for row in rows:
            place = Place(tenant, row.stream, row.version, row.type, row.subject)
            key = keyring.key(row.subject) if row.subject else None
            if row.kept is not None and self.snapshots is not None:
                state = self.snapshots.open(place, row.kept, key)
            else:
                state = self.evolve(state, self.codec.open(place, row.data, key))
        if not rows:
            return History()
        last = rows[-1]
        return History(state, last.version, Cursor(last.epoch, last.tx, last.position))
