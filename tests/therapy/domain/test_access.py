"""An appointment as each one sees it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.kernel.errors import Forbidden, NotFound
from mindlyfe.kernel.messages import PersonId, Role
from mindlyfe.kernel.testing.principals import principal
from mindlyfe.therapy.domain.access import changed, seen, unseen
from mindlyfe.therapy.domain.appointment import Appointment

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
PATIENT, THERAPIST = PersonId(uuid4()), PersonId(uuid4())
GONE = Appointment(
    patient=PATIENT,
    therapist=THERAPIST,
    starts_at=NOW + timedelta(days=1),
    minutes=50,
    status="cancelled",
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


def test_the_front_desk_looks_and_changes_nothing() -> None:
    with pytest.raises(Forbidden):
        changed(GONE, principal("reception", aal=2), NOW)
    assert changed(GONE, principal("therapist", person=THERAPIST), NOW).reason == ""
    assert changed(GONE, principal("patient", person=PATIENT), NOW) == GONE


def test_an_id_that_somebody_else_booked_under_is_not_there() -> None:
    with pytest.raises(NotFound):
        unseen(GONE, THERAPIST)
    unseen(GONE, PATIENT)
    unseen(None, THERAPIST)
