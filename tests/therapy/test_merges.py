"""Two accounts of one patient become one: their appointments are the survivor's, once, and old ids lead there."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import uuid4

import pytest
from tests.therapy.following import Following

from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.therapy.domain.appointment import Booked, Cancelled, PatientMerged, evolve, follow_merge

NINE: Final = datetime(2026, 12, 1, 9, tzinfo=UTC)
OLD, NEW, TIM = (PersonId(uuid4()) for _ in range(3))
BOOKED = Booked(patient=OLD, therapist=TIM, starts_at=NINE, minutes=60)
CANCELLED = Cancelled(patient=OLD, therapist=TIM, by=OLD, reason="Ill.", late=False)
MOVED = PatientMerged(patient=NEW, was=OLD, therapist=TIM)


def test_an_appointment_moves_once_whatever_became_of_it() -> None:
    follow = partial(follow_merge, duplicate=OLD, survivor=NEW)
    after = given(evolve, BOOKED).when(follow).then(MOVED)
    assert after is not None
    assert (after.patient, after.status) == (NEW, "booked")
    given(evolve, BOOKED, CANCELLED).when(follow).then(MOVED)
    given(evolve, BOOKED, MOVED).when(follow).then()
    given(evolve, BOOKED).when(partial(follow, duplicate=TIM)).then()
    given(evolve).when(follow).then()


@pytest.fixture
def following(clinic: Any) -> Following:
    return Following(clinic)


async def starts(person: Any, path: str) -> list[str]:
    answer = await person.get(path)
    assert answer.status_code == 200, answer.text
    return [one["starts_at"] for one in answer.json()["items"]]


async def test_the_survivor_has_all_appointments_and_both_ids_lead_to_them(
    clinic: Any, following: Following, tomorrow: datetime
) -> None:
    therapist, old, new = await clinic.therapist(), clinic.person("patient"), clinic.person("patient")
    hours = [tomorrow + timedelta(hours=one) for one in range(3)]
    for patient, at in zip((old, new, old), hours, strict=True):
        assert (await patient.book(therapist, at)).status_code == 201
    assert not await following.moved(old)
    await following.tell(old, new, times=2)
    assert await following.moved(old)
    assert len(await starts(new, "/v1/appointments")) == 3
    assert await starts(old, "/v1/appointments") == []
    following.treats(therapist, new)
    for patient in (old, new):
        assert len(await starts(therapist, f"/v1/patients/{patient.id}/appointments")) == 3
    items = (await new.get("/v1/appointments")).json()["items"]
    assert {(one["patient"], one["version"]) for one in items} == {(str(new.id), 1), (str(new.id), 2)}
    assert (await new.cancel(items[0]["id"])).status_code == 200


async def test_who_is_booked_twice_at_one_time_keeps_both_until_one_is_cancelled(
    clinic: Any, following: Following, tomorrow: datetime
) -> None:
    one, other = await clinic.therapist(), await clinic.therapist()
    old, new = clinic.person("patient"), clinic.person("patient")
    assert (await old.book(one, tomorrow)).status_code == 201
    assert (await new.book(other, tomorrow)).status_code == 201
    await following.tell(old, new)
    assert await following.moved(old)
    items = (await new.get("/v1/appointments", status="booked")).json()["items"]
    assert [item["starts_at"] for item in items] == [items[0]["starts_at"]] * 2
    assert {item["therapist"] for item in items} == {str(one.id), str(other.id)}
    for item in items:
        assert (await new.cancel(item["id"])).status_code == 200
    assert (await new.book(one, tomorrow)).status_code == 201


async def test_a_booking_that_came_late_is_moved_when_it_is_told_again(
    clinic: Any, following: Following, tomorrow: datetime
) -> None:
    therapist, old, new = await clinic.therapist(), clinic.person("patient"), clinic.person("patient")
    await following.tell(old, new)
    assert await following.moved(old)
    assert (await old.book(therapist, tomorrow)).status_code == 201
    assert not await following.moved(old)
    await following.tell(old, new)
    assert await following.moved(old)
    assert len(await starts(new, "/v1/appointments")) == 1


async def test_merges_follow_one_another(clinic: Any, following: Following, tomorrow: datetime) -> None:
    therapist, third = await clinic.therapist(), clinic.person("patient")
    old, new = clinic.person("patient"), clinic.person("patient")
    assert (await old.book(therapist, tomorrow)).status_code == 201
    await following.tell(old, new)
    await following.tell(new, third)
    following.treats(therapist, third)
    for patient in (old, new, third):
        assert len(await starts(therapist, f"/v1/patients/{patient.id}/appointments")) == 1


async def test_a_context_that_was_not_told_has_not_followed(clinic: Any, following: Following) -> None:
    """Though it holds nothing of the duplicate's: an old id would lead nowhere."""
    assert not await following.moved(clinic.person("patient"))
