"""Escalations: somebody on duty is called until one of them answers, and again until it is said what came of it."""

from typing import Annotated, Literal, NewType, Protocol
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Instant, PersonId, TenantId
from mindlyfe.notifications.contract.workflows import Closes, Wall

EscalationId = NewType("EscalationId", UUID)

type EscalationStatus = Literal["calling", "exhausted", "acknowledged", "closed"]
"""`exhausted`: everybody on duty was called and nobody answered; they are called again, until somebody does."""
type Outcome = Literal["reached", "not-reached", "emergency-services", "handed-over", "no-action-needed"]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=1_440)]
Rank = Annotated[int, msgspec.Meta(ge=1, le=20, description="Who is called first has 1.")]
Zone = Annotated[
    str,
    msgspec.Meta(pattern=r"^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)*$", max_length=64, examples=["Europe/London"]),
]


class OpenEscalation(Command, frozen=True):
    """Call who is on duty about a patient, now."""

    subject: PersonId
    minutes: Minutes = 15
    """So long somebody has to answer, before the next is called."""
    outcome_minutes: Minutes = 60
    """So long who answered has to record an outcome."""
    again_minutes: Minutes = 30
    """So long after all were called in vain the first is called again."""


class RecordOutcome(Command, frozen=True):
    """What came of it; nothing more is said here."""

    outcome: Outcome


class EscalationSaved(msgspec.Struct, frozen=True):
    """The escalation stands at this version."""

    escalation: EscalationId
    status: EscalationStatus
    version: int


class EscalationView(msgspec.Struct, frozen=True, kw_only=True):
    """An escalation as it stands now."""

    id: EscalationId
    subject: PersonId | None
    """About whom it is: shown to who opened it, was called, or is on duty."""
    status: EscalationStatus
    round: int
    """How many times everybody is called by now."""
    called: list[PersonId]
    """Who was called in this round, in order."""
    acknowledged_by: PersonId | None
    next_at: Instant | None
    """When the next is called, unless something is done before."""
    opened_at: Instant
    version: int


class Escalations(Protocol):
    """What other contexts may ask."""

    async def open(
        self,
        *,
        tenant: TenantId,
        cause: UUID,
        subject: PersonId,
        by: PersonId,
        minutes: int,
        outcome_minutes: int,
        again_minutes: int,
    ) -> EscalationId:
        """Call who is on duty, once for a `cause` however often it is asked. Raises Unavailable, Erased."""
        ...


class Shift(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """On duty every week from this weekday (ISO: Monday is 1), by the clock of the rota's zone.

    Over midnight when `to` is not after `from`.
    """

    person: PersonId
    weekday: Annotated[int, msgspec.Meta(ge=1, le=7)]
    from_: Wall
    to: Closes
    rank: Rank = 1


class Cover(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Once, from … until: on duty instead of whoever has this rank then by the week."""

    person: PersonId
    since: Instant
    until: Instant
    rank: Rank = 1


class Away(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Not there from … until; called instead is `stands_in`, or the next."""

    person: PersonId
    since: Instant
    until: Instant
    stands_in: PersonId | None = None


class SetRota(Command, frozen=True):
    """Who is on duty when; replaces what was said before."""

    zone: Zone
    weekly: Annotated[tuple[Shift, ...], msgspec.Meta(max_length=500)] = ()
    covers: Annotated[tuple[Cover, ...], msgspec.Meta(max_length=500)] = ()
    away: Annotated[tuple[Away, ...], msgspec.Meta(max_length=500)] = ()


class RotaView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on duty when."""

    zone: str
    weekly: tuple[Shift, ...]
    covers: tuple[Cover, ...]
    away: tuple[Away, ...]
    version: int


class OnDuty(msgspec.Struct, frozen=True, kw_only=True):
    """Who is called now, the first first. Nobody: an escalation is loud at once."""

    ladder: list[PersonId]


class UnknownColleague(DomainError):
    """Somebody on the rota is no member of the clinic."""

    status = 422
    code = "unknown-colleague"
    advice = "Name members of the clinic only."


class RotaUnsound(DomainError):
    """A time of the rota has no length, or there is no such time zone."""

    status = 422
    code = "rota-unsound"
    advice = "Let each time end after it begins, in an IANA time zone."


class NotOnLadder(DomainError):
    """Only who was called, or is on duty now, can answer."""

    status = 403
    code = "not-on-the-ladder"
    advice = "Ask somebody who is on duty."


class EscalationClosed(DomainError):
    """An outcome was recorded before."""

    code = "escalation-closed"
    advice = "Open another one if somebody must be called again."
