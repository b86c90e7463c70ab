"""A slot that is kept: given what happened, when it is taken up, answered or over, then …"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st
from msgspec.structs import replace

from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.therapy.contract import AlreadyBooked, ScheduleId
from mindlyfe.therapy.contract.holds import HoldOver, OfferOver
from mindlyfe.therapy.contract.waiting import WaitId
from mindlyfe.therapy.domain.appointment import Appointment, Change, PatientMerged, evolve
from mindlyfe.therapy.domain.booking import Wish
from mindlyfe.therapy.domain.holding import accept, decline, end, keeps, offer, release, take_up
from mindlyfe.therapy.domain.matching import Trace
from mindlyfe.therapy.domain.placed import Booked, Held, HoldEnded, HoldOutcome, Requested

PATIENT, RUIZ, DESK, OTHER = (PersonId(UUID(int=n)) for n in (1, 2, 3, 4))
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=4)
START = NOW + timedelta(days=2)
SLOT = Booked(patient=PATIENT, therapist=RUIZ, starts_at=START, minutes=50, schedule=ScheduleId(RUIZ))
ASKED = Requested(
    patient=PATIENT, therapist=RUIZ, starts_at=START, minutes=50, schedule=ScheduleId(RUIZ), lapses_at=START
)
TRACE = Trace(wait=WaitId(UUID(int=9)), urgency="soon", met_before=True, since=NOW, waiting=3, passed=())
OFFERED = Held(then=SLOT, holder=PATIENT, until=UNTIL, trace=TRACE)
HELD = Held(then=SLOT, holder=PATIENT, until=NOW + timedelta(minutes=10))
WISH = Wish(patient=PATIENT, starts_at=START)


def ended(outcome: HoldOutcome, *, offered: bool = True, at: datetime = NOW) -> HoldEnded:
    return HoldEnded(patient=PATIENT, therapist=RUIZ, offered=offered, outcome=outcome, at=at)


def accepted(state: Appointment | None) -> Sequence[Change]:
    return accept(state, by=PATIENT, now=NOW)


def declined(state: Appointment | None) -> Sequence[Change]:
    return decline(state, now=NOW)


def released(state: Appointment | None) -> Sequence[Change]:
    return release(state, now=NOW)


def taken(state: Appointment | None, wish: Wish = WISH, therapist: PersonId = RUIZ) -> Sequence[Change]:
    assert state
    return take_up(state, wish, therapist=therapist, now=NOW)


def test_an_accepted_offer_is_the_appointment_and_again_it_is_nothing() -> None:
    state = given(evolve).when(lambda s: offer(s, SLOT, until=UNTIL, trace=TRACE)).then(OFFERED)
    assert state
    assert (state.status, state.lapses_at) == ("held", UNTIL)
    booked = given(evolve, OFFERED).when(accepted).then(ended("accepted"), SLOT)
    assert booked
    assert (booked.status, booked.starts_at, booked.lapses_at) == ("booked", START, None)
    given(evolve, OFFERED, ended("accepted"), SLOT).when(accepted).then()


def test_the_desk_accepts_for_a_patient_and_is_on_record() -> None:
    state = (
        given(evolve, OFFERED)
        .when(lambda s: accept(s, by=DESK, now=NOW))
        .then(ended("accepted"), replace(SLOT, by=DESK))
    )
    assert state
    assert state.by == DESK


def test_an_offer_is_answered_in_time_and_once() -> None:
    given(evolve, OFFERED).when(lambda s: accept(s, by=PATIENT, now=UNTIL)).refused(OfferOver)
    given(evolve, OFFERED).when(declined).then(ended("declined"))
    given(evolve, OFFERED, ended("declined")).when(declined).then()
    given(evolve, OFFERED, ended("declined")).when(accepted).refused(OfferOver)
    given(evolve, OFFERED, ended("accepted"), SLOT).when(declined).refused(OfferOver)
    for outcome in ("expired", "withdrawn"):
        given(evolve, OFFERED, ended(outcome)).when(accepted).refused(OfferOver)
        given(evolve, OFFERED, ended(outcome)).when(declined).refused(OfferOver)


def test_what_is_no_offer_is_not_answered() -> None:
    for events in ((), (HELD,), (SLOT,)):
        given(evolve, *events).when(accepted).refused(NotFound)
        given(evolve, *events).when(declined).refused(NotFound)


@pytest.mark.parametrize(
    ("held", "waits", "at", "outcome"),
    [
        (OFFERED, True, UNTIL - timedelta(seconds=1), None),
        (OFFERED, True, UNTIL, "expired"),
        (OFFERED, False, NOW, "withdrawn"),
        (HELD, True, NOW + timedelta(minutes=9), None),
        (HELD, True, NOW + timedelta(minutes=10), "released"),
        (HELD, False, NOW, "released"),
    ],
)
def test_what_is_over_ends_once(held: Held, waits: bool, at: datetime, outcome: HoldOutcome | None) -> None:
    def over(state: Appointment | None) -> Sequence[Change]:
        return end(state, waits=waits, now=at)

    events = [ended(outcome, offered=held is OFFERED, at=at)] if outcome else []
    given(evolve, held).when(over).then(*events)
    given(evolve, held, *events).when(over).then(*([] if outcome else events))
    given(evolve, SLOT).when(over).then()
    given(evolve).when(over).then()


def test_a_hold_is_booked_or_asked_for_as_its_schedule_wants() -> None:
    used = ended("used", offered=False)
    booked = given(evolve, HELD).when(taken).then(used, SLOT)
    assert booked
    assert booked.status == "booked"
    asked = given(evolve, replace(HELD, then=ASKED)).when(taken).then(used, ASKED)
    assert asked
    assert (asked.status, asked.lapses_at) == ("requested", START)
    given(evolve, HELD, used, SLOT).when(taken).refused(AlreadyBooked)
    given(evolve, HELD).when(lambda s: keeps(s, WISH, therapist=RUIZ) if s else ()).then()


@pytest.mark.parametrize(
    "taking",
    [
        lambda s: taken(s, replace(WISH, starts_at=START + timedelta(hours=1))),
        lambda s: taken(s, replace(WISH, schedule=ScheduleId(OTHER))),
        lambda s: taken(s, therapist=OTHER),
    ],
)
def test_a_hold_keeps_its_own_slot_alone(taking: Callable[[Any], Sequence[Change]]) -> None:
    given(evolve, HELD).when(taking).refused(HoldOver)


def test_an_offer_is_no_hold_and_what_was_released_is_gone() -> None:
    given(evolve, OFFERED).when(taken).refused(HoldOver)
    given(evolve, OFFERED).when(released).refused(NotFound)
    given(evolve, HELD).when(released).then(ended("released", offered=False))
    given(evolve, HELD, ended("released", offered=False)).when(released).then()
    given(evolve, HELD, ended("released", offered=False)).when(taken).refused(HoldOver)
    given(evolve, HELD, ended("used", offered=False), SLOT).when(released).refused(AlreadyBooked)
    given(evolve).when(released).refused(NotFound)


def test_what_is_kept_for_a_duplicate_becomes_the_survivors() -> None:
    merged = PatientMerged(patient=OTHER, was=PATIENT, therapist=RUIZ)
    state = (
        given(evolve, OFFERED, merged)
        .when(lambda s: accept(s, by=OTHER, now=NOW))
        .then(replace(ended("accepted"), patient=OTHER), replace(SLOT, patient=OTHER))
    )
    assert state
    assert state.patient == OTHER


STEPS: dict[str, Callable[[Appointment | None], Sequence[Change]]] = {
    "accept": accepted,
    "decline": declined,
    "expire": lambda s: end(s, waits=True, now=UNTIL),
    "withdraw": lambda s: end(s, waits=False, now=NOW),
    "take up": taken,
    "release": released,
}


@given_any(st.sampled_from([OFFERED, HELD]), st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
def test_whatever_is_tried_a_slot_ends_once_and_is_booked_once(held: Held, names: list[str]) -> None:
    state, ends, bookings = evolve(None, held), 0, 0
    for name in names:
        try:
            changes = STEPS[name](state)
        except DomainError:
            continue
        for change in changes:
            ends += isinstance(change, HoldEnded)
            bookings += isinstance(change, Booked)
            state = evolve(state, change)
        assert bookings <= ends <= 1
        assert (state.status == "booked") == (bookings == 1)
