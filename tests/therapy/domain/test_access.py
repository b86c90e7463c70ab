"""An appointment as each one sees it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from mindlyfe.kernel.errors import Forbidden, NotFound
from mindlyfe.kernel.messages import PersonId, Role
from mindlyfe.kernel.testing.principals import principal
from mindlyfe.therapy.contract.bookings import Side
from mindlyfe.therapy.domain.access import answered, changed, marked, seen, unseen
from mindlyfe.therapy.domain.appointment import Appointment

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
PATIENT, THERAPIST = PersonId(uuid4()), PersonId(uuid4())
GONE = Appointment(
    patient=PATIENT,
    therapist=THERAPIST,
    starts_at=NOW + timedelta(days=1),
    minutes=50,
    status="cancelled",
    by=PATIENT,
    reason="a relapse",
)


@pytest.mark.parametrize(
    ("role", "person", "aal", "reason"),
    [
        ("patient", PATIENT, 1, "a relapse"),
        ("therapist", THERAPIST, 2, "a relapse"),
        ("therapist", THERAPIST, 1, ""),
        ("reception", None, 2, ""),
        ("clinic-admin", None, 2, ""),
    ],
)
def test_asvs_8_2_3_the_reason_is_for_those_it_concerns(role: Role, person: Any, aal: int, reason: str) -> None:
    assert seen(GONE, principal(role, person=person, aal=aal), NOW).reason == reason


@pytest.mark.parametrize("role", ["patient", "therapist", "supervisor", "operator", "service", "privacy-officer"])
def test_for_others_it_does_not_exist(role: Role) -> None:
    with pytest.raises(NotFound):
        seen(GONE, principal(role, aal=2), NOW)
    with pytest.raises(NotFound):
        changed(GONE, principal(role, aal=2), NOW)
    with pytest.raises(NotFound):
        seen(None, principal(role, person=PATIENT, aal=2), NOW)


def test_the_desk_reads_the_reasons_that_the_desk_gave() -> None:
    by_desk = replace(GONE, by=PersonId(uuid4()), reason="The therapist is ill.")
    desk: tuple[Role, ...] = ("reception", "clinic-admin")
    for role in desk:
        assert seen(by_desk, principal(role, aal=2), NOW).reason == "The therapist is ill."
    for party in (PATIENT, THERAPIST):
        assert seen(replace(GONE, by=party), principal("reception", aal=2), NOW).reason == ""


def test_the_parties_and_the_front_desk_change_it() -> None:
    assert changed(GONE, principal("reception", aal=2), NOW).reason == ""
    assert changed(GONE, principal("therapist", person=THERAPIST), NOW).reason == ""
    assert changed(GONE, principal("patient", person=PATIENT), NOW) == GONE


def test_a_patient_answers_no_request_of_their_own() -> None:
    with pytest.raises(Forbidden):
        answered(GONE, principal("patient", "reception", person=PATIENT, aal=2), NOW)
    assert answered(GONE, principal("therapist", person=THERAPIST, aal=2), NOW).patient == PATIENT
    assert answered(GONE, principal("reception", aal=2), NOW).patient == PATIENT


@pytest.mark.parametrize(
    ("role", "person", "absent", "allowed"),
    [
        ("patient", PATIENT, "patient", False),
        ("patient", PATIENT, "therapist", True),
        ("therapist", THERAPIST, "patient", True),
        ("therapist", THERAPIST, "therapist", False),
        ("reception", None, "patient", True),
        ("reception", None, "therapist", True),
    ],
)
def test_nobody_says_of_themselves_that_they_did_not_come(role: Role, person: Any, absent: Side, allowed: bool) -> None:
    who = principal(role, person=person, aal=2)
    missed = replace(GONE, status="missed", absent=PATIENT if absent == "patient" else THERAPIST)
    either: list[tuple[Side | None, Appointment]] = [(absent, GONE), (None, missed)]
    for side, state in either:
        if allowed:
            assert marked(state, side, who, NOW).patient == PATIENT
        else:
            with pytest.raises(Forbidden):
                marked(state, side, who, NOW)


def test_an_id_that_somebody_else_booked_under_is_not_there() -> None:
    with pytest.raises(NotFound):
        unseen(GONE, THERAPIST)
    unseen(GONE, PATIENT)
    unseen(None, THERAPIST)
