"""Care that begins and ends with treatment, as another context orders it."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.identity.contract import CareEndedV1, CareStartedV1
from mindlyfe.identity.contract.care_orders import CareOrders
from mindlyfe.identity.contract.ties import Ties


@pytest.fixture
async def clinic(house: Any) -> Any:
    return await house.clinic()


async def told(house: Any, kind: type[Any]) -> list[Any]:
    return [event for _, event in await house.published() if isinstance(event, kind)]


async def test_care_begins_once_and_ends_once(house: Any, clinic: Any) -> None:
    therapist, patient = await clinic.staff("therapist"), await clinic.patient()
    orders, care = house.module.answers[CareOrders], uuid4()
    pair = {"patient": UUID(patient.id), "clinician": UUID(therapist.id)}
    for _ in range(2):
        assert await orders.begin(tenant=clinic.tenant, care=care, **pair)
    [begun] = await told(house, CareStartedV1)
    assert (begun.care, begun.patient, begun.clinician) == (care, *pair.values())
    house.clock.pass_(seconds=60)
    for _ in range(2):
        await orders.end(tenant=clinic.tenant, care=care, by=UUID(therapist.id))
    [over] = await told(house, CareEndedV1)
    assert over.until == house.clock()
    assert not await orders.begin(tenant=clinic.tenant, care=care, **pair), "what ended does not begin again"
    assert await house.module.answers[Ties].held(tenant=clinic.tenant, holder=UUID(therapist.id)) == []


async def test_care_that_runs_already_is_care(house: Any, clinic: Any) -> None:
    therapist, patient = await clinic.staff("therapist"), await clinic.patient()
    wish = {"patient": patient.id, "clinician": therapist.id}
    assert (await clinic.admin.put(f"/v1/care-relationships/{uuid4()}", wish)).status_code == 200
    pair = {"patient": UUID(patient.id), "clinician": UUID(therapist.id)}
    assert await house.module.answers[CareOrders].begin(tenant=clinic.tenant, care=uuid4(), **pair)
    assert len(await told(house, CareStartedV1)) == 1


async def test_nobody_of_another_clinic_comes_into_care(house: Any, clinic: Any) -> None:
    patient, stranger = await clinic.patient(), await (await house.clinic("Meadow")).staff("therapist")
    orders = house.module.answers[CareOrders]
    for clinician in (stranger.id, patient.id, str(uuid4())):
        pair = {"patient": UUID(patient.id), "clinician": UUID(clinician)}
        assert not await orders.begin(tenant=clinic.tenant, care=uuid4(), **pair)
    await orders.end(tenant=clinic.tenant, care=uuid4(), by=UUID(patient.id))
    assert await told(house, CareStartedV1) == await told(house, CareEndedV1) == []
