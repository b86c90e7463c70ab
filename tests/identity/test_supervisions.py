"""Supervision over HTTP, and what it opens."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.identity.contract.supervision import SupervisionEndedV1, SupervisionStartedV1
from mindlyfe.identity.contract.ties import Ties
from mindlyfe.kernel.testing.answers import refused


@pytest.fixture
async def clinic(house: Any) -> Any:
    return await house.clinic()


async def test_a_supervisor_is_bound_to_the_patients_of_whom_they_supervise(house: Any, clinic: Any) -> None:
    sato, ruiz, patient = await clinic.staff("supervisor"), await clinic.staff("therapist"), await clinic.patient()
    care = {"patient": patient.id, "clinician": ruiz.id}
    await clinic.admin.put(f"/v1/care-relationships/{uuid4()}", care)
    path, wish = f"/v1/supervisions/{uuid4()}", {"supervisor": sato.id, "clinician": ruiz.id}
    for _ in range(2):
        assert (await clinic.admin.put(path, wish)).json()["version"] == 1
    ask = house.module.answers[Ties]
    [held] = await ask.held(tenant=clinic.tenant, holder=UUID(sato.id))
    assert (held.kind, str(held.subject), held.until) == ("supervision", patient.id, None)
    _, told = await house.newest(SupervisionStartedV1)
    assert (str(told.supervisor), str(told.clinician)) == (sato.id, ruiz.id)
    refused(await clinic.admin.post(f"{path}/end", if_match='"9"'), 412, "version-conflict")
    assert (await clinic.admin.post(f"{path}/end")).json()["version"] == 2
    refused(await clinic.admin.post(f"{path}/end"), 409, "supervision-ended")
    refused(await clinic.admin.put(path, wish), 409, "supervision-ended")
    assert await ask.held(tenant=clinic.tenant, holder=UUID(sato.id)) == []
    _, over = await house.newest(SupervisionEndedV1)
    assert over.supervision == told.supervision


async def test_who_may_arrange_and_who_sees_it(house: Any, clinic: Any) -> None:
    sato, ruiz = await clinic.staff("supervisor"), await clinic.staff("therapist")
    meadow = await house.clinic("Meadow")
    wish, path = {"supervisor": sato.id, "clinician": ruiz.id}, f"/v1/supervisions/{uuid4()}"
    refused(await sato.put(path, wish), 403, "forbidden")
    refused(await meadow.admin.put(path, wish), 422, "not-in-supervision")
    refused(await clinic.admin.put(path, {"supervisor": ruiz.id, "clinician": sato.id}), 422, "not-in-supervision")
    assert (await clinic.admin.put(path, wish)).status_code == 200
    refused(await clinic.admin.put(f"/v1/supervisions/{uuid4()}", wish), 409, "supervision-runs")
    refused(await meadow.admin.post(f"{path}/end"), 404, "not-found")
    for person in (clinic.admin, sato, ruiz):
        [one] = (await person.get("/v1/supervisions")).json()["items"]
        assert (one["supervisor"], one["clinician"]) == (sato.id, ruiz.id)
    other = await clinic.staff("therapist", email="kwame@x.example")
    assert (await other.get("/v1/supervisions")).json()["items"] == []
    assert (await meadow.admin.get("/v1/supervisions")).json()["items"] == []
    refused(await ruiz.get("/v1/supervisions", cursor="x"), 400, "malformed")


async def test_a_key_is_for_one_supervision(clinic: Any) -> None:
    sato, ruiz = await clinic.staff("supervisor"), await clinic.staff("therapist")
    wish = {"supervisor": sato.id, "clinician": ruiz.id}
    path = f"/v1/supervisions/{uuid4()}"
    assert (await clinic.admin.put(path, wish, idempotency_key="s")).status_code == 200
    answer = await clinic.admin.put(f"/v1/supervisions/{uuid4()}", wish, idempotency_key="s")
    refused(answer, 422, "idempotency-key-reused")
    refused(await clinic.admin.post(f"{path}/end", idempotency_key="s"), 422, "idempotency-key-reused")
