"""One delivery: a message to one recipient, attempted until it is handed over or given up. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.notifications.contract import Channel, Kind, Priority, Status, Step, Try
from mindlyfe.notifications.domain.tracing import traced

FIRST_DELAY: Final = timedelta(seconds=2)
LONGEST_DELAY: Final = timedelta(hours=1)
ATTEMPTS: Final = 14
"""With delays doubling from 2 s to 1 h, about five hours in all."""


class Requested(Event, frozen=True, kw_only=True, tag="delivery.requested.v1"):
    """Somebody is to be told something about a thing known by its id alone."""

    kind: Kind
    recipient: PersonId | None
    about: UUID
    flow: UUID | None = None
    at: Instant
    happened_at: Instant | None = None
    """When what is told of happened, if the message says so."""
    channel: Channel = "email"
    priority: Priority = "normal"
    moment: Instant | None = None
    """When what is told of takes place: at another time, or not at all, it is not told any more."""
    items: int = 1
    """How many things it tells of."""


class Sent(Event, frozen=True, kw_only=True, tag="delivery.sent.v1"):
    """A provider took the message."""

    provider: str
    answer: str
    at: Instant
    tries: tuple[Try, ...] = ()
    """All providers asked in this attempt, this one last."""


class Failed(Event, frozen=True, kw_only=True, tag="delivery.failed.v1"):
    """An attempt failed; another follows."""

    error: str
    next_at: Instant
    at: Instant | None = None
    tries: tuple[Try, ...] = ()


class Held(Event, frozen=True, kw_only=True, tag="delivery.held.v1"):
    """It waits for the hours at which its recipient wants to be reached."""

    until: Instant
    at: Instant | None = None
    why: str = "best-hours"


class Withdrawn(Event, frozen=True, kw_only=True, tag="delivery.withdrawn.v1"):
    """It is not told any more: what it was about changed before it could be handed over."""

    why: str
    at: Instant


class DeadLettered(Event, frozen=True, kw_only=True, tag="delivery.dead-lettered.v1"):
    """Given up: no attempt follows by itself."""

    error: str
    at: Instant | None = None
    tries: tuple[Try, ...] = ()


class Redriven(Event, frozen=True, kw_only=True, tag="delivery.redriven.v1"):
    """Somebody had a dead letter tried again."""

    by: PersonId
    at: Instant


class Readdressed(Event, frozen=True, kw_only=True, tag="delivery.readdressed.v1"):
    """Its recipient's account became another one."""

    recipient: PersonId
    was: PersonId


type Change = Requested | Sent | Failed | Held | Withdrawn | DeadLettered | Redriven | Readdressed
OWN: Final[frozenset[Kind]] = frozenset({"account-merged-away"})
"""Said to the merged account's own address: it may be somebody else's after all."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Where a delivery stands. `attempts` counts since it was requested or last redriven."""

    kind: Kind
    recipient: PersonId | None
    about: UUID
    flow: UUID | None
    happened_at: Instant | None = None
    channel: Channel = "email"
    priority: Priority = "normal"
    moment: Instant | None = None
    items: int = 1
    status: Status = "waiting"
    attempts: int = 0
    steps: tuple[Step, ...] = ()
    """What happened so far, for who asks."""


class NotDead(DomainError):
    """The message is not a dead letter."""

    code = "not-a-dead-letter"
    advice = "Only a message that was given up can be tried again."


class NoDelivery(DomainError):
    """There is no such message."""

    status = 404
    code = "not-found"


def evolve(state: Delivery | None, change: Change) -> Delivery:  # noqa: PLR0911 # one line per event
    """Fold one event."""
    match change:
        case Requested() as wish:
            return Delivery(
                kind=wish.kind,
                recipient=wish.recipient,
                about=wish.about,
                flow=wish.flow,
                happened_at=wish.happened_at,
                channel=wish.channel,
                priority=wish.priority,
                moment=wish.moment,
                items=wish.items,
                steps=traced((), "requested", wish.at),
            )
        case Sent(at=at, tries=tries):
            return _attempted(state, "sent", traced(tries, "handed-over", at))
        case Failed(error=error, next_at=next_at, at=at, tries=tries):
            return _attempted(state, None, traced(tries, "postponed", at, until=next_at, why=error))
        case Held(until=until, at=at, why=why):
            return _gone_on(state, traced((), "held", at, until=until, why=why))
        case Withdrawn(why=why, at=at):
            return _gone_on(state, traced((), "withdrawn", at, why=why), status="withdrawn")
        case DeadLettered(error=error, at=at, tries=tries):
            return _attempted(state, "dead", traced(tries, "given-up", at, why=error))
        case Redriven(at=at):
            return _gone_on(state, traced((), "redriven", at), status="waiting", attempts=0)
        case Readdressed(recipient=recipient):
            return _gone_on(state, traced((), "readdressed", None), recipient=recipient)


def _attempted(state: Delivery | None, status: Status | None, steps: Sequence[Step]) -> Delivery:
    d = known(state)
    return _gone_on(d, steps, status=status or d.status, attempts=d.attempts + 1)


def _gone_on(state: Delivery | None, steps: Sequence[Step], **now: Any) -> Delivery:
    d = known(state)
    return msgspec.structs.replace(d, steps=(*d.steps, *steps), **now)


def request(state: Delivery | None, wish: Requested) -> Sequence[Change]:
    """Ask for a delivery; asking again for the same one changes nothing."""
    return [] if state is not None else [wish]


def sent(state: Delivery | None, *, tries: Sequence[Try], now: datetime) -> Sequence[Change]:
    """Record a hand-over to the last provider tried, though it was given up meanwhile; only the first one counts."""
    if known(state).status == "sent":
        return []
    return [Sent(provider=tries[-1].provider, answer=tries[-1].answer, at=now, tries=tuple(tries))]


def failed(
    state: Delivery | None,
    *,
    error: str,
    permanent: bool,
    now: datetime,
    jitter: float,
    tries: Sequence[Try] = (),
) -> Sequence[Change]:
    """Record a failed attempt. `jitter` in 0…1 spreads the next one over the second half of its delay."""
    d = known(state)
    if d.status != "waiting":
        return []
    if permanent or d.attempts + 1 >= ATTEMPTS:
        return [DeadLettered(error=error, at=now, tries=tuple(tries))]
    next_at = now + delay(d.attempts) * (0.5 + 0.5 * jitter)
    return [Failed(error=error, next_at=next_at, at=now, tries=tuple(tries))]


def held(state: Delivery | None, *, until: datetime, now: datetime) -> Sequence[Change]:
    """Leave it until then; what is out or given up stays so."""
    return [Held(until=until, at=now)] if known(state).status == "waiting" else []


def withdrawn(state: Delivery | None, *, why: str, now: datetime) -> Sequence[Change]:
    """Tell it no more; what is out or given up stays so."""
    return [Withdrawn(why=why, at=now)] if known(state).status == "waiting" else []


def redrive(state: Delivery | None, *, by: PersonId, now: datetime) -> Sequence[Change]:
    """Have a dead letter tried again. Raises NotDead, NoDelivery."""
    if known(state).status != "dead":
        raise NotDead
    return [Redriven(by=by, at=now)]


def follow_merge(state: Delivery | None, *, duplicate: PersonId, survivor: PersonId) -> Sequence[Change]:
    """What waits to be sent to the duplicate goes to the survivor; what was sent stays theirs."""
    d = known(state)
    if d.recipient != duplicate or d.status != "waiting" or d.kind in OWN:
        return []
    return [Readdressed(recipient=survivor, was=duplicate)]


def delay(attempts: int) -> timedelta:
    """The longest wait after `attempts` earlier failures: doubling, bounded."""
    return min(FIRST_DELAY * (1 << min(attempts, 20)), LONGEST_DELAY)


def known(state: Delivery | None) -> Delivery:
    """The delivery, or NoDelivery."""
    if state is None:
        raise NoDelivery
    return state
