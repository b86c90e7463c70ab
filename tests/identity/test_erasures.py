"""Erasure over HTTP: asked for, judged, held, granted, and how far it is."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from tests.identity.conftest import House, assembled
from tests.identity.rights import Therapy, case, officer_of, working

from mindlyfe.identity.adapters.rights import erasing
from mindlyfe.identity.adapters.streams import identity_streams
from mindlyfe.identity.contract import Recipients, RegistrationStartedV1
from mindlyfe.identity.contract.erasures import ErasureCompletedV1, ErasureOrderedV1, ErasureRefusedV1
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import REGION, PersonId
from mindlyfe.kernel.personal import PersonData
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.stand_ins import MemoryObjects

WHY = {"reason": "Records of treatment are kept for 20 years."}


@pytest.fixture
def therapy() -> Therapy:
    return Therapy()


@pytest.fixture
def house(database: Database, therapy: Therapy) -> House:
    house = assembled(database, MemoryObjects(), ("identity", "therapy"))
    house.platform.asks.bind({PersonData: therapy}, context="therapy")
    return house


@pytest.fixture
async def clinic(house: House) -> Any:
    return await house.clinic()


@pytest.fixture
async def officer(clinic: Any) -> Any:
    return await officer_of(clinic)


async def finished(house: House, officer: Any, person: Any) -> dict[str, Any]:
    """The case, once the keys are destroyed, and then once all is done."""
    jumped = False
    async with working(house.module, "erasures"), asyncio.timeout(30):
        while True:
            progress: dict[str, Any] = (await case(officer, person))["progress"] or {}
            if progress.get("completed_at"):
                return progress
            if progress.get("keys_destroyed_at") and not jumped:
                house.clock.pass_(seconds=70)
                jumped = True
            await asyncio.sleep(0.1)


async def test_an_account_without_records_goes_at_once(house: Any, clinic: Any, officer: Any, therapy: Therapy) -> None:
    pat = await clinic.patient()
    asked = await pat.post("/v1/me/erasure-request")
    assert (asked.status_code, asked.json()["status"]) == (202, "granted")
    progress = await finished(house, officer, pat)
    assert (progress["contexts_confirmed"], progress["contexts_awaited"]) == (["identity", "therapy"], [])
    assert {tenant for tenant, _ in therapy.erased} == {clinic.tenant, REGION}
    refused(await pat.renew(), 401, "session-ended")
    refused(await pat.sign_in(), 401, "sign-in-failed")
    tenant, ordered = await house.newest(ErasureOrderedV1)
    assert (tenant, str(ordered.person)) == (clinic.tenant, pat.id)
    assert str((await house.newest(ErasureCompletedV1))[1].person) == pat.id
    [row] = [one for one in (await officer.get("/v1/erasure-requests")).json()["items"] if one["person"] == pat.id]
    assert row["status"] == "erased"
    again = await clinic.patient("pat@mail.example")
    assert again.id != pat.id


async def test_records_of_treatment_hold_it_back_and_the_person_reads_why(
    house: Any, clinic: Any, officer: Any, therapy: Therapy
) -> None:
    pat = await clinic.patient()
    therapy.latest = datetime(2026, 5, 1, tzinfo=UTC)
    assert (await pat.post("/v1/me/erasure-request")).json()["status"] == "waiting"
    assert (await pat.post("/v1/me/erasure-request")).json()["version"] == 1
    found = await case(officer, pat)
    [stays] = found["advice"]["must_stay"]
    assert (stays["context"], stays["until"], found["advice"]["may_go"]) == ("therapy", "2046-05-01", ["identity"])
    assert "NHS England" in stays["because"]
    path = f"/v1/erasure-requests/{pat.id}/decision"
    refused(await officer.post(path, {"decision": "grant"} | WHY), 409, "retention-forbids")
    refused(await officer.post(path, {"decision": "refuse"} | WHY, if_match='"7"'), 412, "version-conflict")
    assert (await officer.post(path, {"decision": "refuse"} | WHY)).json()["status"] == "refused"
    refused(await officer.post(path, {"decision": "refuse"} | WHY), 409, "erasure-not-asked")
    assert await house.newest(ErasureRefusedV1) == (clinic.tenant, ErasureRefusedV1(PersonId(UUID(pat.id)), True))
    own = (await pat.get("/v1/me/erasure-request")).json()
    assert (own["status"], own["reason"], own["possible_on"]) == ("refused", WHY["reason"], "2046-05-01")


async def test_a_legal_hold_blocks_and_is_never_shown(house: Any, clinic: Any, officer: Any) -> None:
    pat, hold = await clinic.patient(), {"reason": "A claim before the court"}
    path = f"/v1/legal-holds/{pat.id}"
    refused(await officer.post(f"{path}/end", hold), 409, "not-held")
    for _ in range(2):
        assert (await officer.put(path, hold)).status_code == 204
    asked = await pat.post("/v1/me/erasure-request")
    assert (asked.json()["status"], "cannot be erased now" in asked.json()["reason"]) == ("waiting", True)
    assert "claim" not in asked.text
    assert (await case(officer, pat))["hold"]["reason"] == hold["reason"]
    decision = f"/v1/erasure-requests/{pat.id}/decision"
    refused(await officer.post(decision, {"decision": "grant"} | WHY), 409, "legal-hold")
    assert (await officer.post(f"{path}/end", hold)).status_code == 204
    assert (await officer.post(decision, {"decision": "grant"} | WHY)).json()["status"] == "granted"
    refused(await officer.put(path, hold), 409, "erasure-runs")
    await finished(house, officer, pat)
    refused(await officer.put(path, hold), 404, "not-found")


async def test_it_is_withdrawn_while_it_waits(clinic: Any, officer: Any, therapy: Therapy) -> None:
    pat = await clinic.patient()
    refused(await pat.delete("/v1/me/erasure-request"), 409, "erasure-not-asked")
    assert (await pat.get("/v1/me/erasure-request")).json()["status"] == "none"
    therapy.latest = datetime(2026, 5, 1, tzinfo=UTC)
    await pat.post("/v1/me/erasure-request")
    assert (await pat.delete("/v1/me/erasure-request")).status_code == 204
    assert (await case(officer, pat))["status"] == "none"
    therapy.latest = None
    await pat.post("/v1/me/erasure-request")
    # Erasing has begun: the session is over, and there is nothing left to withdraw.
    refused(await pat.delete("/v1/me/erasure-request"), 401, "invalid-token")


async def test_asvs_2_3_5_nobody_decides_alone_about_themselves(clinic: Any, officer: Any) -> None:
    assert (await officer.post("/v1/me/erasure-request")).json()["status"] == "waiting"
    path = f"/v1/erasure-requests/{officer.id}/decision"
    refused(await officer.post(path, {"decision": "grant"} | WHY), 403, "own-case")
    refused(await officer.put(f"/v1/legal-holds/{officer.id}", WHY), 403, "own-case")
    other = await officer_of(clinic, "other@harbour.example")
    assert (await other.put(f"/v1/legal-holds/{officer.id}", WHY)).status_code == 204
    refused(await officer.post(f"/v1/legal-holds/{officer.id}/end", WHY), 403, "own-case")


async def test_the_only_administrator_stays(clinic: Any, officer: Any) -> None:
    assert (await clinic.admin.post("/v1/me/erasure-request")).json()["status"] == "waiting"
    path = f"/v1/erasure-requests/{clinic.admin.id}/decision"
    refused(await officer.post(path, {"decision": "grant"} | WHY), 409, "last-administrator")
    assert (await case(officer, clinic.admin))["status"] == "waiting"


async def test_nothing_is_judged_on_half_the_records(clinic: Any, officer: Any, therapy: Therapy) -> None:
    pat = await clinic.patient()
    therapy.away = True
    refused(await pat.post("/v1/me/erasure-request"), 503, "unavailable")
    refused(await officer.get(f"/v1/erasure-requests/{pat.id}"), 503, "unavailable")
    assert (await pat.get("/v1/me/erasure-request")).json()["status"] == "none"


async def test_another_clinic_and_a_stranger(house: Any, clinic: Any) -> None:
    meadow = await house.clinic("Meadow")
    pat, theirs = await clinic.patient(), await officer_of(meadow, "officer@meadow.example")
    for person in (pat.id, str(uuid4())):
        refused(await theirs.get(f"/v1/erasure-requests/{person}"), 404, "not-found")
        refused(await theirs.put(f"/v1/legal-holds/{person}", WHY), 404, "not-found")
        refused(await theirs.post(f"/v1/legal-holds/{person}/end", WHY), 404, "not-found")
        decision = {"decision": "refuse"} | WHY
        refused(await theirs.post(f"/v1/erasure-requests/{person}/decision", decision), 404, "not-found")


async def test_asvs_7_5_3_erasing_wants_a_recent_sign_in(house: Any, clinic: Any) -> None:
    pat = await clinic.patient()
    house.clock.pass_(seconds=601)
    await pat.renew()
    refused(await pat.post("/v1/me/erasure-request"), 403, "sign-in-too-old")


async def test_a_silent_context_is_asked_until_it_confirms(
    house: Any, clinic: Any, officer: Any, therapy: Therapy
) -> None:
    pat = await clinic.patient()
    await pat.post("/v1/me/erasure-request")
    therapy.stuck = True
    async with working(house.module, "erasures"), asyncio.timeout(20):
        while (await case(officer, pat))["progress"]["contexts_awaited"] != ["therapy"]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await asyncio.sleep(1.2)
        assert (await case(officer, pat))["progress"]["keys_destroyed_at"] is None
    therapy.stuck = False
    await finished(house, officer, pat)


async def test_nothing_goes_before_the_last_word_is_said(
    house: Any, clinic: Any, officer: Any, therapy: Therapy
) -> None:
    pat = await clinic.patient()
    therapy.speaking = True
    await pat.post("/v1/me/erasure-request")
    recipients = cast("Recipients", house.module.answers[Recipients])
    person = PersonId(UUID(pat.id))
    async with working(house.module, "erasures"), asyncio.timeout(20):
        while len(therapy.told) < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        assert (await recipients.contact(tenant=clinic.tenant, person=person)).email == pat.email
    assert (await case(officer, pat))["progress"]["contexts_confirmed"] == []
    refused(await pat.renew(), 401, "session-ended")
    therapy.speaking = False
    await finished(house, officer, pat)
    told = len(therapy.told)
    await finished(house, officer, pat)
    assert len(therapy.told) == told


async def test_who_never_belonged_here_is_told_nothing(house: Any, clinic: Any, therapy: Therapy) -> None:
    """An attempt to register that nobody confirmed: its address may be a stranger's."""
    await house.visitor().post("/v1/registrations", await clinic.wish("stranger@mail.example"))
    tenant, started = await house.newest(RegistrationStartedV1)
    worker = erasing(house.platform, identity_streams(house.platform.database, house.platform.keys))
    await worker.begin(tenant, started.person, listed=False)
    await worker.advance(tenant, started.person)
    assert therapy.told == []
    with pytest.raises(Erased):
        await house.platform.keys.of(tenant, started.person)


async def test_a_second_clinic_keeps_the_account(house: Any, clinic: Any, officer: Any) -> None:
    pat = await clinic.patient("both@mail.example")
    meadow = await house.clinic("Meadow")
    await meadow.staff("therapist", email="both@mail.example", strong=False)
    await pat.post("/v1/me/erasure-request")
    await finished(house, officer, pat)
    signed_in = await pat.sign_in()
    assert (signed_in.status_code, signed_in.json()["organisation"]) == (201, str(meadow.tenant))
    assert (await pat.get("/v1/me")).json()["email"] == "both@mail.example"
    refused(await pat.sign_in(organisation=str(clinic.tenant)), 401, "sign-in-failed")
