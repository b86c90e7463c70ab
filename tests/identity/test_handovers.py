"""Handovers of caseloads over HTTP, and the worker that carries them out."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.identity.rights import working

from mindlyfe.identity.contract import CareEndedV1, CareStartedV1
from mindlyfe.identity.contract.care_orders import CareOrders
from mindlyfe.identity.contract.handovers import CaseloadHandedOverV1, Handovers
from mindlyfe.identity.contract.ties import Ties
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.testing.answers import refused


class Caseload:
    """A therapist with patients, and a colleague."""

    def __init__(self, house: Any, clinic: Any) -> None:
        self.house, self.clinic, self.admin = house, clinic, clinic.admin
        self.path = f"/v1/handovers/{uuid4()}"

    async def fill(self, patients: int) -> "Caseload":
        await self.admin.strengthen()
        self.ruiz, self.sato = await self.clinic.staff("therapist"), await self.clinic.staff("supervisor")
        self.patients = [await self.clinic.patient(f"pat{one}@mail.example") for one in range(patients)]
        for patient in self.patients:
            await self.care(patient, self.ruiz)
        self.wish = {"giver": self.ruiz.id, "receiver": self.sato.id}
        return self

    async def care(self, patient: Any, clinician: Any, **more: Any) -> str:
        care = str(uuid4())
        wish = {"patient": patient.id, "clinician": clinician.id} | more
        answer = await self.admin.put(f"/v1/care-relationships/{care}", wish)
        assert answer.status_code == 200, answer.text
        return care

    async def finished(self) -> dict[str, Any]:
        view: dict[str, Any] = {}
        async with working(self.house.module, "handovers"):
            for _ in range(200):
                view = (await self.admin.get(self.path)).json()
                if view["status"] == "finished":
                    break
                await asyncio.sleep(0.05)
        assert view["status"] == "finished", view
        return view

    async def treated_by(self, clinician: Any) -> set[str]:
        held = await self.house.module.answers[Ties].held(tenant=self.clinic.tenant, holder=UUID(clinician.id))
        return {str(one.subject) for one in held if one.until is None}

    async def told(self, kind: type[Any]) -> list[Any]:
        return [event for _, event in await self.house.published() if isinstance(event, kind)]


@pytest.fixture
async def caseload(house: Any) -> Caseload:
    return await Caseload(house, await house.clinic()).fill(3)


async def test_a_caseload_moves_and_what_is_there_already_is_told(house: Any, caseload: Caseload) -> None:
    first, second, third = caseload.patients
    await caseload.care(third, caseload.sato)
    preview = (await caseload.admin.post("/v1/handovers/preview", caseload.wish)).json()
    assert (preview["total"], preview["moves"]) == (3, 2)
    assert await caseload.told(CaseloadHandedOverV1) == []
    ordered = await caseload.admin.put(caseload.path, caseload.wish)
    assert (ordered.status_code, ordered.json()["status"], ordered.json()["done"]) == (200, "running", 0)
    view = await caseload.finished()
    assert (view["total"], view["done"], view["moved"]) == (3, 3, 2)
    outcomes = {one["patient"]: one["outcome"] for one in view["relations"]}
    assert outcomes == {first.id: "moved", second.id: "moved", third.id: "treats-already"}
    assert await caseload.treated_by(caseload.sato) == {first.id, second.id, third.id}
    assert await caseload.treated_by(caseload.ruiz) == set()
    [told] = await caseload.told(CaseloadHandedOverV1)
    assert (str(told.giver), str(told.receiver)) == (caseload.ruiz.id, caseload.sato.id)
    ends, begins = await caseload.told(CareEndedV1), await caseload.told(CareStartedV1)
    assert {one.until for one in ends} == {one.since for one in begins[4:]} == {house.clock()}
    handed = await house.module.answers[Handovers].handed(tenant=caseload.clinic.tenant, handover=told.handover)
    assert handed.moved == 2
    assert (await caseload.admin.put(caseload.path, caseload.wish)).json() == view


async def test_some_patients_move_later_and_keep_what_was_agreed(house: Any, caseload: Caseload) -> None:
    first, second, _ = caseload.patients
    at = house.clock() + timedelta(days=9000)
    wish = caseload.wish | {"patients": [first.id, second.id], "at": at.isoformat()}
    assert (await caseload.admin.put(caseload.path, wish)).json()["total"] == 2
    assert (await caseload.finished())["moved"] == 2
    assert {one.until for one in await caseload.told(CareEndedV1)} == {at}
    assert {one.since for one in (await caseload.told(CareStartedV1))[3:]} == {at}
    assert (await caseload.admin.put(caseload.path, wish)).status_code == 200


async def test_killed_in_the_middle_it_goes_on_and_nothing_is_done_twice(
    caseload: Caseload, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Death comes before each of its writes in turn."""
    await caseload.admin.put(caseload.path, caseload.wish)
    decide, left, died = Streams[Any, Any].decide, 0, asyncio.Event()

    async def mortal(*args: Any, **more: Any) -> Any:
        nonlocal left
        if left == 0:
            died.set()
            raise RuntimeError
        left -= 1
        return await decide(*args, **more)

    monkeypatch.setattr(Streams, "decide", mortal)
    for life in range(1, 5):
        left = life
        died.clear()
        async with working(caseload.house.module, "handovers"):
            await died.wait()
    monkeypatch.undo()
    assert (await caseload.finished())["moved"] == 3
    assert len(await caseload.told(CareStartedV1)) == 6
    assert len(await caseload.told(CareEndedV1)) == 3
    assert len(await caseload.told(CaseloadHandedOverV1)) == 1


async def test_the_same_order_twice_at_once_is_one(caseload: Caseload) -> None:
    answers = await asyncio.gather(*(caseload.admin.put(caseload.path, caseload.wish) for _ in range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (await caseload.finished())["moved"] == 3
    assert len(await caseload.told(CaseloadHandedOverV1)) == 1


async def test_two_orders_of_one_caseload_move_each_patient_once(caseload: Caseload) -> None:
    other = f"/v1/handovers/{uuid4()}"
    mensah = await caseload.clinic.staff("therapist", email="mensah@x.example")
    await caseload.admin.put(caseload.path, caseload.wish)
    assert (await caseload.admin.put(other, caseload.wish | {"receiver": mensah.id})).status_code == 200
    assert (await caseload.finished())["moved"] == 3
    caseload.path = other
    view = await caseload.finished()
    assert {one["outcome"] for one in view["relations"]} == {"ended"}
    assert await caseload.treated_by(mensah) == set()


async def test_a_receiver_who_is_suspended_meanwhile_receives_nobody(caseload: Caseload) -> None:
    await caseload.admin.put(caseload.path, caseload.wish)
    await caseload.admin.put(f"/v1/members/{caseload.sato.id}/suspension", {"reason": "Ill."})
    view = await caseload.finished()
    assert (view["moved"], {one["outcome"] for one in view["relations"]}) == (0, {"no-receiver"})
    assert len(await caseload.treated_by(caseload.ruiz)) == 3


async def test_handovers_are_refused(house: Any, caseload: Caseload) -> None:
    meadow = await house.clinic("Meadow")
    await meadow.admin.strengthen()
    stranger, wish = await meadow.staff("therapist"), caseload.wish
    yesterday = (house.clock() - timedelta(days=1)).isoformat()
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"giver": str(uuid4())}, 404, "not-found"),
        ({"giver": stranger.id}, 404, "not-found"),
        ({"receiver": stranger.id}, 422, "no-receiver"),
        ({"receiver": caseload.patients[0].id}, 422, "no-receiver"),
        ({"receiver": caseload.ruiz.id}, 422, "same-clinician"),
        ({"patients": [caseload.patients[0].id, str(uuid4())]}, 422, "not-in-caseload"),
        ({"at": yesterday}, 422, "handover-backdated"),
    ]
    for wrong, status, code in cases:
        refused(await caseload.admin.put(caseload.path, wish | wrong), status, code)
        refused(await caseload.admin.post("/v1/handovers/preview", wish | wrong), status, code)
    await caseload.admin.put(f"/v1/members/{caseload.sato.id}/suspension", {"reason": "Ill."})
    refused(await caseload.admin.put(caseload.path, wish), 422, "no-receiver")
    await caseload.admin.post(f"/v1/members/{caseload.sato.id}/reinstatement")
    assert (await caseload.admin.put(caseload.path, wish, idempotency_key="h")).status_code == 200
    other = wish | {"patients": [caseload.patients[0].id]}
    refused(await caseload.admin.put(caseload.path, other), 409, "handover-runs")
    answer = await caseload.admin.put(f"/v1/handovers/{uuid4()}", wish, idempotency_key="h")
    refused(answer, 422, "idempotency-key-reused")


async def test_another_clinic_and_other_roles_reach_nothing(house: Any, caseload: Caseload) -> None:
    meadow, weak = await house.clinic("Meadow"), await caseload.clinic.staff("clinic-admin", strong=False)
    await meadow.admin.strengthen()
    await caseload.admin.put(caseload.path, caseload.wish)
    refused(await meadow.admin.get(caseload.path), 404, "not-found")
    refused(await meadow.admin.put(caseload.path, caseload.wish), 404, "not-found")
    refused(await weak.get(caseload.path), 403, "assurance-too-low")
    refused(await caseload.sato.put(caseload.path, caseload.wish), 403, "forbidden")
    handover = UUID(caseload.path.rpartition("/")[2])
    with pytest.raises(NotFound):
        await house.module.answers[Handovers].handed(tenant=meadow.tenant, handover=handover)
    assert (await caseload.finished())["moved"] == 3


async def test_care_that_treatment_began_ends_with_it_whoever_has_it_by_then(house: Any, caseload: Caseload) -> None:
    patient, orders = await caseload.clinic.patient("later@mail.example"), house.module.answers[CareOrders]
    treated = {"tenant": caseload.clinic.tenant, "care": uuid4()}
    await orders.begin(**treated, patient=UUID(patient.id), clinician=UUID(caseload.ruiz.id))
    last = await caseload.clinic.staff("therapist", email="last@staff.example")
    for giver, receiver in ((caseload.ruiz, caseload.sato), (caseload.sato, last)):
        caseload.path = f"/v1/handovers/{uuid4()}"
        wish = {"giver": giver.id, "receiver": receiver.id, "patients": [patient.id]}
        assert (await caseload.admin.put(caseload.path, wish)).status_code == 200
        await caseload.finished()
        house.clock.pass_(seconds=60)
    assert patient.id in await caseload.treated_by(last)
    for _ in range(2):
        await orders.end(**treated, by=UUID(last.id))
    assert await caseload.treated_by(last) == set()
    handed = [one.passed_to for one in await caseload.told(CareEndedV1) if str(one.patient) == patient.id]
    assert handed == [UUID(caseload.sato.id), UUID(last.id), None]


async def test_treatment_that_ends_before_the_handover_leaves_no_care_to_come(house: Any, caseload: Caseload) -> None:
    patient, orders = await caseload.clinic.patient("ahead@mail.example"), house.module.answers[CareOrders]
    treated = {"tenant": caseload.clinic.tenant, "care": uuid4()}
    await orders.begin(**treated, patient=UUID(patient.id), clinician=UUID(caseload.ruiz.id))
    at = (house.clock() + timedelta(days=3)).isoformat()
    wish = {"giver": caseload.ruiz.id, "receiver": caseload.sato.id, "patients": [patient.id], "at": at}
    assert (await caseload.admin.put(caseload.path, wish)).status_code == 200
    await caseload.finished()
    assert patient.id in await caseload.treated_by(caseload.sato)
    await orders.end(**treated, by=UUID(caseload.ruiz.id))
    for clinician in (caseload.ruiz, caseload.sato):
        held = await house.module.answers[Ties].held(tenant=caseload.clinic.tenant, holder=UUID(clinician.id))
        assert all(
            one.until == one.since or one.until == house.clock() for one in held if str(one.subject) == patient.id
        )
