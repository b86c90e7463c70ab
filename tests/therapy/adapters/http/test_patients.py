"""A clinician sees a patient's appointments while they treat them, and not five seconds longer."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from mindlyfe.identity.contract import CareEndedV1, CareStartedV1
from mindlyfe.kernel.ties import Begun, Held

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


async def seen(clinician: Any, patient: Any) -> int:
    return int((await clinician.get(f"/v1/patients/{patient.id}/appointments")).status_code)


@pytest.fixture
def relation(clinic: Any) -> Begun:
    """Somebody treats somebody, for an hour now."""
    clinician, patient = clinic.person("therapist"), clinic.person("patient")
    since = clinic.clock.now - HOUR
    return Begun(clinician.id, Held(kind="care", id=uuid4(), subject=patient.id, since=since, until=None))


@pytest.fixture
def people(clinic: Any, relation: Begun) -> tuple[Any, Any]:
    return clinic.person("therapist", known=relation.holder), clinic.person("patient", known=relation.held.subject)


async def test_a_relation_shows_the_appointments_with_everybody(
    clinic: Any, relation: Begun, people: tuple[Any, Any], tomorrow: datetime
) -> None:
    clinician, patient = people
    appointment = uuid4()
    await patient.book(await clinic.therapist(), tomorrow, appointment)
    assert await seen(clinician, patient) == 404
    clinic.identity.told = [relation]
    clinic.clock.now += 6 * SECOND
    found = (await clinician.get(f"/v1/patients/{patient.id}/appointments")).json()["items"]
    assert [item["id"] for item in found] == [str(appointment)]
    assert "reason" not in found[0]


async def test_own_appointments_alone_do_not_open_the_others(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    await patient.book(therapist, tomorrow)
    assert await seen(therapist, patient) == 404


async def test_a_fresh_copy_is_not_asked_for_again(clinic: Any, relation: Begun, people: tuple[Any, Any]) -> None:
    clinic.identity.told = [relation]
    for _ in range(3):
        assert await seen(*people) == 200
    assert await seen(people[0], clinic.person("patient")) == 404
    clinic.identity.reachable = False
    clinic.clock.now += 5 * SECOND
    assert await seen(*people) == 200
    assert clinic.identity.asked == 1


async def test_an_ended_relation_closes_within_five_seconds(
    clinic: Any, relation: Begun, people: tuple[Any, Any]
) -> None:
    clinic.identity.told = [relation]
    assert await seen(*people) == 200
    clinic.identity.told = [replace(relation, held=replace(relation.held, until=clinic.clock.now))]
    clinic.clock.now += 5.001 * SECOND
    assert await seen(*people) == 404


async def test_it_fails_closed_when_identity_does_not_answer(
    clinic: Any, relation: Begun, people: tuple[Any, Any]
) -> None:
    clinic.identity.reachable = False
    assert await seen(*people) == 503
    clinic.identity.told, clinic.identity.reachable = [relation], True
    assert await seen(*people) == 200
    clinic.identity.reachable = False
    clinic.clock.now += 6 * SECOND
    assert await seen(*people) == 503


async def test_events_open_and_close_a_fresh_copy_at_once(
    clinic: Any, relation: Begun, people: tuple[Any, Any]
) -> None:
    assert await seen(*people) == 404
    pair: dict[str, Any] = {"care": uuid4(), "patient": relation.held.subject, "clinician": relation.holder}
    await clinic.tell(CareStartedV1(**pair, since=relation.held.since))
    assert await seen(*people) == 200
    await clinic.tell(CareEndedV1(**pair, until=clinic.clock.now))
    assert await seen(*people) == 404
    assert clinic.identity.asked == 1


async def test_an_end_told_late_does_not_end_the_next_relation(
    clinic: Any, relation: Begun, people: tuple[Any, Any]
) -> None:
    assert await seen(*people) == 404
    one: dict[str, Any] = {"care": uuid4(), "patient": relation.held.subject, "clinician": relation.holder}
    other: dict[str, Any] = {**one, "care": uuid4()}
    begun = clinic.clock.now - SECOND
    first, second = CareStartedV1(**one, since=relation.held.since), CareStartedV1(**other, since=begun)
    ended = CareEndedV1(**one, until=begun - SECOND)
    await clinic.tell(first, second, ended, first)
    assert await seen(*people) == 200


async def test_a_relation_to_come_or_in_another_clinic_shows_nothing(
    clinic: Any, relation: Begun, people: tuple[Any, Any]
) -> None:
    pair: dict[str, Any] = {"care": uuid4(), "patient": relation.held.subject, "clinician": relation.holder}
    assert await seen(*people) == 404
    await clinic.tell(CareStartedV1(**pair, since=relation.held.since), tenant=uuid4())
    assert await seen(*people) == 404
    await clinic.tell(CareStartedV1(**pair, since=clinic.clock.now + SECOND))
    assert await seen(*people) == 404
    clinic.clock.now += SECOND
    assert await seen(*people) == 200
    assert await seen(clinic.person("therapist"), people[1]) == 404


async def test_who_is_let_in_by_a_role_alone_finds_whom_the_clinic_knows(
    clinic: Any, relation: Begun, people: tuple[Any, Any], tomorrow: datetime
) -> None:
    """An appointment or somebody's care makes a patient known here, in no other clinic; filters do not matter."""
    desk, (_, treated), booked = clinic.person("reception", "therapist"), people, clinic.person("patient")
    both = clinic.person("patient", "therapist")
    elsewhere = clinic.person("reception", "therapist", tenant=uuid4())
    assert [await seen(desk, one) for one in (treated, booked)] == [404, 404]
    assert await seen(both, both) == 404
    pair: dict[str, Any] = {"care": uuid4(), "patient": treated.id, "clinician": relation.holder}
    await clinic.tell(CareStartedV1(**pair, since=relation.held.since))
    therapist = await clinic.therapist()
    await booked.book(therapist, tomorrow)
    await both.book(therapist, tomorrow + HOUR)
    assert [await seen(desk, one) for one in (treated, booked)] == [200, 200]
    assert [await seen(elsewhere, one) for one in (treated, booked)] == [404, 404]
    assert await seen(both, both) == 200
    late = {"from": (tomorrow + 24 * HOUR).isoformat()}
    found = await desk.get(f"/v1/patients/{booked.id}/appointments", **late)
    assert (found.status_code, found.json()["items"]) == (200, [])
