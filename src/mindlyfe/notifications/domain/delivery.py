"""One delivery: a message to one recipient, attempted until it is handed over or given up. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Instant, PersonId
from mindlyfe.notifications.contract import Channel, Kind, Priority, Status, Step, Try
from mindlyfe.notifications.domain.backoff import ATTEMPTS, delay
from mindlyfe.notifications.domain.changes import (
    Change,
    DeadLettered,
    Failed,
    Held,
    Readdressed,
    Redriven,
    Requested,
    Sent,
    Withdrawn,
)
from mindlyfe.notifications.domain.receipts import Bounced, Delivered, Report
from mindlyfe.notifications.domain.tracing import traced

__all__ = ["Change", "DeadLettered", "Failed", "Held", "Readdressed", "Redriven", "Requested", "Sent", "Withdrawn"]


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
    sample: str = ""
    status: Status = "waiting"
    attempts: int = 0
    address: str = ""
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
                sample=wish.sample,
                steps=traced((), "requested", wish.at),
            )
        case Sent(at=at, tries=tries, address=address):
            d = _attempted(state, "sent", traced(tries, "handed-over", at))
            return msgspec.structs.replace(d, address=address)
        case Delivered(at=at, provider=provider):
            return _gone_on(state, traced((), "delivered", at, why=provider), status="sent")
        case Bounced(at=at, code=code):
            return _gone_on(state, traced((), "bounced", at, why=code))
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


def sent(state: Delivery | None, *, tries: Sequence[Try], now: datetime, address: str = "") -> Sequence[Change]:
    """Record a hand-over to the last provider tried, though it was given up meanwhile; only the first one counts."""
    if known(state).status == "sent":
        return []
    last = tries[-1]
    return [Sent(provider=last.provider, answer=last.answer, at=now, tries=tuple(tries), address=address)]


def received(state: Delivery | None, report: Report) -> Sequence[Change]:
    """Take a receipt, once for each thing it can say. What arrived was sent, whatever we know of it ourselves."""
    d = known(state)
    if any(step.what == report.what for step in d.steps):
        return []
    if report.what == "delivered":
        return [Delivered(provider=report.provider, at=report.at, address=d.address)]
    return [
        Bounced(
            provider=report.provider,
            at=report.at,
            code=report.code,
            hard=report.hard,
            channel=d.channel,
            recipient=d.recipient,
            address=d.address,
        )
    ]


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


def known(state: Delivery | None) -> Delivery:
    """The delivery, or NoDelivery."""
    if state is None:
        raise NoDelivery
    return state
