"""Corrections over HTTP."""

from typing import Any
from uuid import UUID, uuid4

from mindlyfe.identity.contract.corrections import CorrectionDecidedV1
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.answers import refused

WISH = {"what": "date of birth", "words": "I was born on 3 April, not on 2 April."}
YES = {"decision": "accept", "reason": "Corrected today."}
NO = {"decision": "decline", "reason": "Your passport says 2 April."}


async def test_a_correction_is_asked_for_and_answered(house: Any) -> None:
    clinic = await house.clinic()
    pat, desk = await clinic.patient(), await clinic.staff("reception")
    asked = await pat.post("/v1/me/corrections", WISH, idempotency_key="c")
    assert (asked.status_code, asked.json()["status"]) == (201, "waiting")
    assert (await pat.post("/v1/me/corrections", WISH, idempotency_key="c")).json()["id"] == asked.json()["id"]
    refused(
        await pat.post("/v1/me/corrections", WISH | {"what": "name"}, idempotency_key="c"),
        422,
        "idempotency-key-reused",
    )
    [waiting] = (await desk.get("/v1/corrections")).json()["items"]
    assert (waiting["words"], waiting["person"]) == (WISH["words"], pat.id)
    path = f"/v1/corrections/{waiting['id']}/decision"
    refused(await desk.post(path, YES, if_match='"4"'), 412, "version-conflict")
    assert (await desk.post(path, NO)).json()["status"] == "declined"
    refused(await desk.post(path, YES), 409, "correction-decided")
    [own] = (await pat.get("/v1/me/corrections")).json()["items"]
    assert (own["status"], own["reason"]) == ("declined", NO["reason"])
    told = CorrectionDecidedV1(PersonId(UUID(pat.id)), UUID(waiting["id"]))
    assert await house.newest(CorrectionDecidedV1) == (clinic.tenant, told)
    assert "corrections.read" in {row.action for row in house.audit.rows}


async def test_nobody_decides_about_their_own_nor_sees_those_of_others(house: Any) -> None:
    clinic, meadow = await house.clinic(), await house.clinic("Meadow")
    pat, desk = await clinic.patient(), await clinic.staff("reception")
    mine = (await desk.post("/v1/me/corrections", WISH)).json()["id"]
    refused(await desk.post(f"/v1/corrections/{mine}/decision", YES), 403, "own-correction")
    assert (await pat.get("/v1/me/corrections")).json()["items"] == []
    assert (await meadow.admin.get("/v1/corrections")).json()["items"] == []
    refused(await meadow.admin.post(f"/v1/corrections/{mine}/decision", YES), 404, "not-found")
    refused(await clinic.admin.post(f"/v1/corrections/{uuid4()}/decision", YES), 404, "not-found")
    refused(await clinic.admin.post(f"/v1/corrections/{clinic.tenant}/decision", YES), 409, "id-taken")
