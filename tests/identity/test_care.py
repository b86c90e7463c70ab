"""Care relationships over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.identity.contract import CareEndedV1, CareStartedV1
from mindlyfe.identity.contract.ties import Ties
from mindlyfe.kernel.testing.answers import refused


@pytest.fixture
async def clinic(house: Any) -> Any:
    return await house.clinic()


async def test_care_begins_is_told_is_answered_and_ends(house: Any, clinic: Any) -> None:
    therapist, patient = await clinic.staff("therapist"), await clinic.patient()
    wish, path = {"patient": patient.id, "clinician": therapist.id}, f"/v1/care-relationships/{uuid4()}"
    for _ in range(2):
        assert (await clinic.admin.put(path, wish)).json()["version"] == 1
    tenant, started = await house.newest(CareStartedV1)
    assert (tenant, str(started.patient), str(started.clinician)) == (clinic.tenant, patient.id, therapist.id)
    [held] = await house.module.answers[Ties].held(tenant=clinic.tenant, holder=UUID(therapist.id))
    assert (held.kind, held.id, held.since, held.until) == ("care", started.care, started.since, None)
    house.clock.pass_(seconds=60)
    refused(await therapist.post(f"{path}/end", if_match='"9"'), 412, "version-conflict")
    ended = await therapist.post(f"{path}/end", if_match='"1"')
    assert (ended.status_code, ended.headers["etag"]) == (200, '"2"')
    refused(await therapist.post(f"{path}/end"), 409, "care-ended")
    refused(await clinic.admin.put(path, wish), 409, "care-ended")
    _, over = await house.newest(CareEndedV1)
    assert over.until == house.clock()
    assert await house.module.answers[Ties].held(tenant=clinic.tenant, holder=UUID(therapist.id)) == []
    again = await clinic.admin.put(f"/v1/care-relationships/{uuid4()}", wish)
    assert again.status_code == 200


async def test_the_same_two_have_one_relationship_at_a_time(clinic: Any) -> None:
    therapist, patient = await clinic.staff("therapist"), await clinic.patient()
    wish, care = {"patient": patient.id, "clinician": therapist.id}, uuid4()
    assert (await clinic.admin.put(f"/v1/care-relationships/{care}", wish)).status_code == 200
    refused(await clinic.admin.put(f"/v1/care-relationships/{uuid4()}", wish), 409, "care-runs")
    supervisor = await clinic.staff("supervisor")
    other = wish | {"clinician": supervisor.id}
    refused(await clinic.admin.put(f"/v1/care-relationships/{care}", other), 409, "care-runs")
    assert (await clinic.admin.put(f"/v1/care-relationships/{uuid4()}", other)).status_code == 200


async def test_only_a_patient_and_a_clinician_of_the_clinic(house: Any, clinic: Any) -> None:
    therapist, patient = await clinic.staff("therapist"), await clinic.patient()
    meadow = await house.clinic("Meadow")
    stranger = await meadow.staff("therapist")
    for one, two in (
        (therapist.id, patient.id),
        (patient.id, clinic.admin.id),
        (patient.id, stranger.id),
        (str(uuid4()), therapist.id),
    ):
        wish = {"patient": one, "clinician": two}
        refused(await clinic.admin.put(f"/v1/care-relationships/{uuid4()}", wish), 422, "not-in-care")


async def test_the_id_of_something_else_is_as_good_as_any_other(clinic: Any) -> None:
    """The caller makes the id: that of a person or an organisation must not reach their streams."""
    therapist, patient = await clinic.staff("therapist"), await clinic.patient()
    wish = {"patient": patient.id, "clinician": therapist.id}
    assert (await clinic.admin.put(f"/v1/care-relationships/{clinic.tenant}", wish)).status_code == 200
    refused(await clinic.admin.post(f"/v1/care-relationships/{patient.id}/end"), 404, "not-found")


async def test_another_clinician_and_another_clinic_do_not_see_it(house: Any, clinic: Any) -> None:
    therapist, patient = await clinic.staff("therapist"), await clinic.patient()
    path = f"/v1/care-relationships/{uuid4()}"
    await clinic.admin.put(path, {"patient": patient.id, "clinician": therapist.id})
    colleague, meadow = await clinic.staff("supervisor"), await house.clinic("Meadow")
    refused(await colleague.post(f"{path}/end"), 404, "not-found")
    refused(await meadow.admin.post(f"{path}/end"), 404, "not-found")
    assert (await colleague.get("/v1/care-relationships")).json()["items"] == []
    assert (await meadow.admin.get("/v1/care-relationships")).json()["items"] == []
    [own] = (await therapist.get("/v1/care-relationships")).json()["items"]
    assert (own["patient"], own["until"], own["version"]) == (patient.id, None, 1)
    refused(await therapist.get("/v1/care-relationships", cursor="x"), 400, "malformed")


async def test_a_key_is_for_one_relationship(clinic: Any) -> None:
    therapist, patient = await clinic.staff("therapist"), await clinic.patient()
    wish, care = {"patient": patient.id, "clinician": therapist.id}, uuid4()
    assert (await clinic.admin.put(f"/v1/care-relationships/{care}", wish, idempotency_key="c")).status_code == 200
    answer = await clinic.admin.put(f"/v1/care-relationships/{uuid4()}", wish, idempotency_key="c")
    refused(answer, 422, "idempotency-key-reused")
    answer = await clinic.admin.post(f"/v1/care-relationships/{care}/end", idempotency_key="c")
    refused(answer, 422, "idempotency-key-reused")


async def test_care_is_agreed_for_later_and_ends_by_itself(house: Any, clinic: Any) -> None:
    therapist, patient = await clinic.staff("therapist"), await clinic.patient()
    now = house.clock()
    wish = {"patient": patient.id, "clinician": therapist.id}
    times = {"since": (now + timedelta(minutes=1)).isoformat(), "until": (now + timedelta(minutes=2)).isoformat()}
    care = f"/v1/care-relationships/{uuid4()}"
    assert (await clinic.admin.put(care, wish | times)).status_code == 200
    refused(await clinic.admin.put(f"/v1/care-relationships/{uuid4()}", wish), 409, "care-runs")
    ask = house.module.answers[Ties]
    [held] = await ask.held(tenant=clinic.tenant, holder=UUID(therapist.id))
    assert (held.since, held.until) == (now + timedelta(minutes=1), now + timedelta(minutes=2))
    house.clock.pass_(minutes=2)
    assert await ask.held(tenant=clinic.tenant, holder=UUID(therapist.id)) == []
    refused(await clinic.admin.post(f"{care}/end"), 409, "care-ended")
    assert (await clinic.admin.put(f"/v1/care-relationships/{uuid4()}", wish)).status_code == 200


async def test_care_never_begins_in_the_past_nor_ends_before_it_begins(house: Any, clinic: Any) -> None:
    therapist, patient = await clinic.staff("therapist"), await clinic.patient()
    now, wish = house.clock(), {"patient": patient.id, "clinician": therapist.id}
    for times in (
        {"since": (now - timedelta(seconds=1)).isoformat()},
        {"until": now.isoformat()},
        {"since": (now + timedelta(hours=1)).isoformat(), "until": (now + timedelta(minutes=1)).isoformat()},
    ):
        answer = await clinic.admin.put(f"/v1/care-relationships/{uuid4()}", wish | times)
        refused(answer, 422, "care-backdated")


async def test_what_was_agreed_for_later_can_be_called_off(house: Any, clinic: Any) -> None:
    therapist, patient = await clinic.staff("therapist"), await clinic.patient()
    since = (house.clock() + timedelta(minutes=1)).isoformat()
    care = f"/v1/care-relationships/{uuid4()}"
    await clinic.admin.put(care, {"patient": patient.id, "clinician": therapist.id, "since": since})
    assert (await therapist.post(f"{care}/end")).status_code == 200
    house.clock.pass_(minutes=1)
    assert await house.module.answers[Ties].held(tenant=clinic.tenant, holder=UUID(therapist.id)) == []
