"""Who did not come: said by the other one or the front desk, and taken back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.therapy.adapters.http.test_booking import problem

from mindlyfe.kernel.ids import derived

DAY = timedelta(days=1)


@pytest.fixture
async def people(clinic: Any, tomorrow: datetime) -> tuple[Any, Any, UUID]:
    """A therapist, a patient, and their appointment, which has just begun."""
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), uuid4()
    await patient.book(therapist, tomorrow, appointment)
    clinic.clock.now = tomorrow
    return therapist, patient, appointment


async def miss(who: Any, appointment: UUID, absent: str, **headers: str) -> Any:
    return await who.post(f"/v1/appointments/{appointment}/absence", json={"absent": absent}, **headers)


async def test_each_says_it_of_the_other_and_the_desk_of_either(clinic: Any, people: Any) -> None:
    therapist, patient, appointment = people
    desk = clinic.person("reception")
    for who, absent, missing in (
        (therapist, "patient", patient),
        (desk, "patient", patient),
        (patient, "therapist", therapist),
        (desk, "therapist", therapist),
    ):
        assert (await miss(who, appointment, absent)).status_code == 200
        seen = await patient.seen(appointment)
        assert (seen["status"], seen["absent"], seen["by"]) == ("missed", str(missing.id), str(who.id))
        for reader in (therapist, patient):
            [listed] = (await reader.get("/v1/appointments")).json()["items"]
            assert (listed["status"], listed["absent"]) == ("missed", str(missing.id))
        assert problem(await missing.delete(f"/v1/appointments/{appointment}/absence")) == (403, "forbidden")
        assert (await who.delete(f"/v1/appointments/{appointment}/absence")).status_code == 204
        assert (await patient.seen(appointment))["status"] == "booked"
        [listed] = (await patient.get("/v1/appointments")).json()["items"]
        assert (listed["status"], listed["absent"]) == ("booked", None)
        assert problem(await who.delete(f"/v1/appointments/{appointment}/absence")) == (409, "appointment-not-missed")
    for who, absent in ((therapist, "therapist"), (patient, "patient")):
        assert problem(await miss(who, appointment, absent)) == (403, "forbidden")


async def test_nobody_is_absent_before_the_start_or_from_what_is_cancelled(
    clinic: Any, people: Any, tomorrow: datetime
) -> None:
    therapist, patient, appointment = people
    clinic.clock.now = tomorrow - timedelta(seconds=1)
    assert problem(await miss(therapist, appointment, "patient")) == (409, "appointment-not-started")
    await patient.cancel(appointment)
    clinic.clock.now = tomorrow
    assert problem(await miss(therapist, appointment, "patient")) == (409, "appointment-not-booked")


async def test_it_is_corrected_within_seven_days(clinic: Any, people: Any, tomorrow: datetime) -> None:
    therapist, _, appointment = people
    first = await miss(therapist, appointment, "patient", idempotency_key="k")
    again = await miss(therapist, appointment, "patient", idempotency_key="k")
    assert first.json() == again.json() == {"appointment": str(appointment), "version": 2}
    clinic.clock.now = tomorrow + 7 * DAY + timedelta(seconds=1)
    path = f"/v1/appointments/{appointment}/absence"
    assert problem(await therapist.delete(path)) == (409, "too-late-to-correct")
    clinic.clock.now = tomorrow + 7 * DAY
    assert (await therapist.delete(path)).status_code == 204


async def test_for_others_there_is_nothing_to_mark(clinic: Any, people: Any) -> None:
    therapist, _, appointment = people
    path = f"/v1/appointments/{appointment}/absence"
    for stranger in (clinic.person("patient"), await clinic.therapist(), clinic.person("reception", tenant=uuid4())):
        assert problem(await miss(stranger, appointment, "patient")) == (404, "not-found")
        assert problem(await stranger.delete(path)) == (404, "not-found")
    assert problem(await miss(therapist, appointment, "patient", if_match='"9"')) == (412, "version-conflict")
    hours = derived("availability", clinic.tenant, therapist.id)
    assert problem(await miss(therapist, hours, "patient")) == (409, "id-taken")
    assert problem(await therapist.delete(f"/v1/appointments/{hours}/absence")) == (409, "id-taken")
