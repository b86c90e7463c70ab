"""What becomes of a note whose author left: handed over, or opened by the custodian. And who that is."""

from collections.abc import Sequence

import msgspec

from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.therapy.contract.custody import Ground


class HandedOver(Event, frozen=True, kw_only=True, tag="note.handed-over.v1"):
    """The custodian gave it to somebody, who reads it from now on."""

    to: PersonId
    by: PersonId
    ground: Ground
    words: str
    at: Instant


class Opened(Event, frozen=True, kw_only=True, tag="note.opened.v1"):
    """The custodian opened it, for a day."""

    by: PersonId
    ground: Ground
    words: str
    at: Instant


class Named(Event, frozen=True, kw_only=True, tag="custodian.named.v1"):
    """The clinic's administrator named who keeps the notes of those who leave."""

    person: PersonId
    by: PersonId


class Custodian(msgspec.Struct, frozen=True):
    """Who keeps them."""

    person: PersonId


def evolve(state: Custodian | None, event: Named) -> Custodian:  # noqa: ARG001 # the last one counts
    """The custodian after a naming."""
    return Custodian(event.person)


def name(state: Custodian | None, *, person: PersonId, by: PersonId) -> Sequence[Named]:
    """Name the custodian; the same again, nothing."""
    return [] if state is not None and state.person == person else [Named(person=person, by=by)]
