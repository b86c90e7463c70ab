"""Booking where the therapist confirms: asked, answered, lapsed."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.therapy.adapters.http.test_booking import problem

from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import SYSTEM

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def therapist(clinic: Any) -> Any:
    return await clinic.therapist(confirms=True, answer_hours=12)


async def asked(patient: Any, therapist: Any, at: datetime) -> UUID:
    appointment = uuid4()
    assert (await patient.book(therapist, at, appointment)).status_code == 201
    seen = await patient.seen(appointment)
    assert seen["status"] == "requested"
    return appointment


async def answer(who: Any, appointment: UUID, kind: str, **more: Any) -> Any:
    body = {"reason": "I am full."} if kind == "decline" else None
    return await who.post(f"/v1/appointments/{appointment}/{kind}", json=body, **more)


async def test_a_request_takes_the_slot_until_it_is_answered(clinic: Any, therapist: Any, tomorrow: datetime) -> None:
    patient, other = clinic.person("patient"), clinic.person("patient")
    appointment = await asked(patient, therapist, tomorrow)
    seen = await patient.seen(appointment)
    assert seen["lapses_at"] == f"{clinic.clock.now + 12 * HOUR:%Y-%m-%dT%H:%M:%SZ}"
    assert problem(await other.book(therapist, tomorrow)) == (409, "slot-taken")
    assert [each["id"] for each in (await therapist.get("/v1/appointments", status="requested")).json()["items"]] == [
        str(appointment)
    ]
    said = await answer(therapist, appointment, "decline")
    assert (said.status_code, said.json()["version"]) == (200, 2)
    declined = await patient.seen(appointment)
    assert (declined["status"], declined["reason"], declined["by"]) == ("declined", "I am full.", str(therapist.id))
    await asked(other, therapist, tomorrow)


@pytest.mark.parametrize("by", ["therapist", "reception", "clinic-admin"])
async def test_the_therapist_or_the_desk_says_yes(clinic: Any, therapist: Any, tomorrow: datetime, by: Any) -> None:
    patient = clinic.person("patient")
    appointment = await asked(patient, therapist, tomorrow)
    who = therapist if by == "therapist" else clinic.person(by)
    first = await answer(who, appointment, "confirmation", idempotency_key="k")
    again = await answer(who, appointment, "confirmation", idempotency_key="k")
    assert first.json() == again.json() == {"appointment": str(appointment), "version": 2}
    seen = await patient.seen(appointment)
    assert (seen["status"], seen["by"], seen["lapses_at"]) == ("booked", str(who.id), None)
    for kind in ("confirmation", "decline"):
        assert problem(await answer(who, appointment, kind)) == (409, "appointment-not-requested")


async def test_who_may_not_answer(clinic: Any, therapist: Any, tomorrow: datetime) -> None:
    patient = clinic.person("patient")
    appointment = await asked(patient, therapist, tomorrow)
    both = clinic.person("patient", "reception", known=patient.id)
    stranger, elsewhere = await clinic.therapist(), clinic.person("reception", tenant=uuid4())
    hours = derived("availability", clinic.tenant, therapist.id)
    for kind in ("confirmation", "decline"):
        assert problem(await answer(patient, appointment, kind)) == (403, "forbidden")
        assert problem(await answer(both, appointment, kind)) == (403, "forbidden")
        for nobody in (stranger, elsewhere):
            assert problem(await answer(nobody, appointment, kind)) == (404, "not-found")
        assert problem(await answer(therapist, appointment, kind, if_match='"7"')) == (412, "version-conflict")
        assert problem(await answer(therapist, hours, kind)) == (409, "id-taken")


async def test_a_request_is_moved_by_its_patient_and_answered_first_by_the_clinic(
    clinic: Any, therapist: Any, tomorrow: datetime
) -> None:
    patient = clinic.person("patient")
    appointment = await asked(patient, therapist, tomorrow)
    assert (await patient.move(appointment, tomorrow + HOUR)).status_code == 200
    assert (await patient.seen(appointment))["status"] == "requested"
    assert problem(await therapist.move(appointment, tomorrow)) == (409, "request-not-answered")
    direct = await clinic.therapist()
    certain = uuid4()
    await patient.book(direct, tomorrow + 3 * DAY, certain)
    await direct.put("/v1/availability", json=HOURS | {"confirms": True})
    assert problem(await patient.move(certain, tomorrow + 3 * DAY + HOUR)) == (409, "confirmation-needed")


HOURS = {
    "zone": "Europe/London",
    "weekly": [{"weekday": day, "from": "09:00", "to": "17:00"} for day in range(1, 6)],
    "minutes": 60,
}


@asynccontextmanager
async def lapsing(clinic: Any) -> AsyncGenerator[None]:
    """The worker runs meanwhile."""
    worker = asyncio.create_task(clinic.module.workers["requests"]())
    try:
        async with asyncio.timeout(30):
            yield
    finally:
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker


async def test_what_nobody_answers_in_time_is_declined_once(clinic: Any, therapist: Any, tomorrow: datetime) -> None:
    patient, other = clinic.person("patient"), clinic.person("patient")
    first, second = await asked(patient, therapist, tomorrow), await asked(other, therapist, tomorrow + HOUR)
    assert (await answer(therapist, second, "confirmation")).status_code == 200
    clinic.clock.now += 12 * HOUR
    assert problem(await answer(therapist, first, "confirmation")) == (409, "request-lapsed")
    async with lapsing(clinic):
        while (await patient.seen(first))["status"] == "requested":  # noqa: ASYNC110 - another task, in the database
            await asyncio.sleep(0.01)
    seen = await patient.seen(first)
    assert (seen["status"], seen["by"], seen["version"]) == ("declined", str(SYSTEM), 2)
    assert (await other.seen(second))["status"] == "booked"
    assert (await clinic.person("patient").book(therapist, tomorrow)).status_code == 201
