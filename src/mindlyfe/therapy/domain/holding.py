"""Keeping a slot until it becomes the appointment: an offer to who waits, or a hold while a form is filled in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import AlreadyBooked
from mindlyfe.therapy.contract.holds import HoldOver, OfferOver
from mindlyfe.therapy.domain.appointment import Appointment, Change
from mindlyfe.therapy.domain.booking import Wish
from mindlyfe.therapy.domain.matching import Trace
from mindlyfe.therapy.domain.placed import Booked, Held, HoldEnded, HoldOutcome

HOLD_FOR: Final = timedelta(minutes=10)


def offer(state: Appointment | None, then: Booked, *, until: datetime, trace: Trace) -> Sequence[Change]:
    """Keep a slot for somebody who waits."""
    assert state is None
    return [Held(then=then, holder=then.patient, until=until, trace=trace)]


def keeps(state: Appointment, wish: Wish, *, therapist: PersonId) -> Sequence[Change]:
    """Hold what is held already: it is kept no longer by that. Raises HoldOver, AlreadyBooked."""
    _held_for(state, wish, therapist)
    return []


def take_up(state: Appointment, wish: Wish, *, therapist: PersonId, now: datetime) -> Sequence[Change]:
    """Book what is held, or ask for it: there is no moment in between. Raises HoldOver, AlreadyBooked.

    Until the slot is given to others it can be taken up, be it some seconds late.
    """
    held = _held_for(state, wish, therapist)
    return [_ended(state, "used", now), msgspec.structs.replace(held.then, patient=state.patient)]


def release(state: Appointment | None, *, now: datetime) -> Sequence[Change]:
    """Keep it no longer; again, nothing. Raises NotFound, AlreadyBooked."""
    if state is None or state.hold is None or state.hold.trace is not None:
        raise NotFound
    if state.status != "held":
        raise AlreadyBooked
    return [] if state.hold_outcome else [_ended(state, "released", now)]


def accept(state: Appointment | None, *, by: PersonId, now: datetime) -> Sequence[Change]:
    """The patient wants the offered slot: it is their appointment. Again, nothing. Raises NotFound, OfferOver."""
    held = offered(state)
    assert state is not None
    if state.hold_outcome == "accepted":
        return []
    if state.hold_outcome or held.until <= now:
        raise OfferOver
    booked = msgspec.structs.replace(held.then, patient=state.patient, by=None if by == state.patient else by)
    return [_ended(state, "accepted", now), booked]


def decline(state: Appointment | None, *, now: datetime) -> Sequence[Change]:
    """The patient does not want it. Again, nothing. Raises NotFound, OfferOver."""
    offered(state)
    assert state is not None
    if state.hold_outcome == "declined":
        return []
    if state.hold_outcome:
        raise OfferOver
    return [_ended(state, "declined", now)]


def end(state: Appointment | None, *, waits: bool, now: datetime) -> Sequence[Change]:
    """The time is over, or nobody is there to take it; whatever else became of it stays."""
    if state is None or state.hold is None or state.hold_outcome or state.status != "held":
        return []
    if state.hold.until <= now:
        return [_ended(state, "expired" if state.hold.trace else "released", now)]
    return [] if waits else [_ended(state, "withdrawn" if state.hold.trace else "released", now)]


def offered(state: Appointment | None) -> Held:
    """The offer that it is, or was before it was accepted. Raises NotFound."""
    if state is None or state.hold is None or state.hold.trace is None:
        raise NotFound
    return state.hold


def _held_for(state: Appointment, wish: Wish, therapist: PersonId) -> Held:
    """The open hold of this very slot. Raises HoldOver, AlreadyBooked."""
    if state.status != "held":
        raise AlreadyBooked
    if state.hold is None or state.hold.trace is not None or state.hold_outcome:
        raise HoldOver
    then = state.hold.then
    kept = (then.therapist, then.starts_at, then.schedule, then.appointment_type, then.room)
    wished = (therapist, wish.starts_at, wish.schedule or then.schedule, wish.appointment_type, wish.room or then.room)
    if wished != kept:
        raise HoldOver("this id keeps something else")
    return state.hold


def _ended(state: Appointment, outcome: HoldOutcome, now: datetime) -> HoldEnded:
    held = state.hold
    assert held is not None
    whose = {"patient": state.patient, "therapist": state.therapist}
    return HoldEnded(**whose, offered=held.trace is not None, outcome=outcome, at=now)
