"""A handover: the care relationships of one clinician that move to another, settled one by one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.handovers import Outcome
from mindlyfe.identity.domain.care import Care
from mindlyfe.identity.domain.member import Member
from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.kernel.roles import CLINICIANS


class HandoverRuns(DomainError):
    """The id is taken by another handover."""

    status = 409
    code = "handover-runs"
    advice = "Give the handover an id of its own."


class SameClinician(DomainError):
    """Nobody hands over to themselves."""

    status = 422
    code = "same-clinician"
    advice = "Name another therapist or supervisor as the receiver."


class NoReceiver(DomainError):
    """The receiver does not treat patients in this clinic now."""

    status = 422
    code = "no-receiver"
    advice = "Name a therapist or supervisor of the clinic who is not suspended."


class NotInCaseload(DomainError):
    """The giver does not treat some of the patients."""

    status = 422
    code = "not-in-caseload"
    advice = "Leave `patients` out for all, or name only those that the preview shows."


class HandoverBackdated(DomainError):
    """A handover is for now or later."""

    status = 422
    code = "handover-backdated"
    advice = "Leave `at` out to hand over now."


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """One relationship to move, as it stood when that was ordered."""

    care: UUID
    patient: PersonId
    since: Instant
    until: Instant | None = None


class Ordered(Event, frozen=True, tag="handover.ordered.v1"):
    """What the giver has of `lots` moves to the receiver `at` an instant. `patients` were named; None: all."""

    handover: UUID
    giver: PersonId
    receiver: PersonId
    at: Instant
    patients: tuple[PersonId, ...] | None
    lots: tuple[Lot, ...]
    by: PersonId


class Settled(Event, frozen=True, tag="handover.settled.v1"):
    """One of them moved, or did not."""

    care: UUID
    outcome: Outcome


class Finished(Event, frozen=True, tag="handover.finished.v1"):
    """All are settled."""

    handover: UUID
    giver: PersonId
    receiver: PersonId


type Change = Ordered | Settled | Finished


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """One handover; `settled` tells what became of which relationship."""

    ordered: Ordered
    settled: Mapping[UUID, Outcome] = msgspec.field(default_factory=dict[UUID, Outcome])
    finished: bool = False

    @property
    def waiting(self) -> list[Lot]:
        """What is still to be settled."""
        return [lot for lot in self.ordered.lots if lot.care not in self.settled]

    @property
    def moved(self) -> int:
        """How many the receiver has by it."""
        return sum(outcome == "moved" for outcome in self.settled.values())


def evolve(state: Handover | None, change: Change) -> Handover:
    """It after `change`."""
    if isinstance(change, Ordered):
        return Handover(ordered=change)
    assert state is not None
    match change:
        case Settled(care=care, outcome=outcome):
            return msgspec.structs.replace(state, settled={**state.settled, care: outcome})
        case Finished():
            return msgspec.structs.replace(state, finished=True)


def order(state: Handover | None, wish: Ordered) -> Sequence[Change]:
    """Begin it; the same again changes nothing, whatever happened since. Raises HandoverRuns."""
    if state is None:
        return [wish]
    repeated(state, giver=wish.giver, receiver=wish.receiver, patients=wish.patients, at=None)
    return []


def repeated(
    state: Handover,
    *,
    giver: PersonId,
    receiver: PersonId,
    patients: tuple[PersonId, ...] | None,
    at: datetime | None,
) -> None:
    """It is the one that was ordered. Raises HandoverRuns."""
    known = state.ordered
    named = None if patients is None else set(patients)
    before = None if known.patients is None else set(known.patients)
    if (known.giver, known.receiver, before) != (giver, receiver, named) or at not in {None, known.at}:
        raise HandoverRuns


def settle(state: Handover | None, care: UUID, outcome: Outcome) -> Sequence[Change]:
    """Note what became of one relationship, once. Raises NotFound."""
    if state is None:
        raise NotFound
    return [] if state.finished or care in state.settled else [Settled(care=care, outcome=outcome)]


def finish(state: Handover | None) -> Sequence[Change]:
    """Close it when nothing waits, once. Raises NotFound."""
    if state is None:
        raise NotFound
    if state.finished or state.waiting:
        return []
    known = state.ordered
    return [Finished(handover=known.handover, giver=known.giver, receiver=known.receiver)]


def able(giver: Member | None, receiver: Member | None, *, at: datetime, now: datetime) -> None:
    """Raises NotFound for a giver whom the clinic does not know, SameClinician, NoReceiver, HandoverBackdated."""
    if giver is None:
        raise NotFound
    if receiver is not None and giver.person == receiver.person:
        raise SameClinician
    if not receiving(receiver):
        raise NoReceiver
    if at < now:
        raise HandoverBackdated


def receiving(member: Member | None) -> bool:
    """Whether they treat patients here now."""
    return member is not None and member.standing == "active" and bool(member.roles & CLINICIANS)


def chosen(caseload: Sequence[Lot], at: datetime, patients: Sequence[PersonId] | None) -> tuple[Lot, ...]:
    """What moves: all that runs at the instant or begins later, of those named. Raises NotInCaseload."""
    lots = tuple(lot for lot in caseload if lot.until is None or lot.until > at)
    if patients is None:
        return lots
    if set(patients) - {lot.patient for lot in lots}:
        raise NotInCaseload
    return tuple(lot for lot in lots if lot.patient in set(patients))


def foreseen(lot: Lot, at: datetime, received: Sequence[Lot]) -> Outcome:
    """What becomes of a relationship, by what the receiver has already of that patient."""
    begins = max(at, lot.since)
    same = [one for one in received if one.patient == lot.patient]
    if any(
        one.since <= begins and (one.until is None or (lot.until is not None and lot.until <= one.until))
        for one in same
    ):
        return "treats-already"
    if lot.until is not None and lot.until <= begins:
        return "ended"
    if any((one.until is None or one.until > begins) and (lot.until is None or one.since < lot.until) for one in same):
        return "overlaps"
    return "moved"


def standing(care: Care) -> Lot:
    """A relationship as a lot."""
    return Lot(care=care.care, patient=care.patient, since=care.since, until=care.until)
