"""Breaking the glass over HTTP, and its review."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.identity.contract.break_glass import (
    BreakGlassClosedV1,
    BreakGlassOpenedV1,
    BreakGlassReviewedV1,
    Officers,
)
from mindlyfe.identity.contract.ties import Ties
from mindlyfe.kernel.testing.answers import refused

WHY = "The emergency department called; nobody else can be reached."
JUDGED = {"outcome": "justified", "words": "Rightly so.", "notice": "send"}


@pytest.fixture
async def clinic(house: Any) -> Any:
    return await house.clinic()


@pytest.fixture
async def people(clinic: Any) -> tuple[Any, Any, Any]:
    """A therapist, a patient they do not treat, and the privacy officer."""
    therapist = await (await clinic.staff("therapist")).strengthen()
    officer = await (await clinic.staff("privacy-officer")).strengthen()
    return therapist, await clinic.patient(), officer


def wish(patient: Any) -> dict[str, str]:
    return {"patient": patient.id, "reason": WHY}


async def broken(therapist: Any, patient: Any) -> str:
    answer = await therapist.post("/v1/break-glass", wish(patient))
    assert answer.status_code == 201, answer.text
    return f"/v1/break-glass/{answer.json()['id']}"


async def test_it_opens_for_two_hours_is_told_by_ids_alone_and_seen_by_the_officer(
    house: Any, clinic: Any, people: Any
) -> None:
    therapist, patient, officer = people
    glass = await broken(therapist, patient)
    refused(await therapist.post("/v1/break-glass", wish(patient)), 409, "glass-broken")
    tenant, told = await house.newest(BreakGlassOpenedV1)
    assert (tenant, str(told.patient), str(told.clinician)) == (clinic.tenant, patient.id, therapist.id)
    assert told.until - told.since == timedelta(hours=2)
    [held] = await house.module.answers[Ties].held(tenant=clinic.tenant, holder=UUID(therapist.id))
    assert (held.kind, held.subject, held.until) == ("break-glass", told.patient, told.until)
    assert await house.module.answers[Officers].officers(tenant=clinic.tenant) == [UUID(officer.id)]
    [waiting] = (await officer.get("/v1/break-glass/reviews")).json()["items"]
    assert (waiting["patient"], waiting["overdue"]) == (patient.id, False)
    assert "reason" not in waiting
    assert (await officer.get(glass)).json()["reason"] == WHY
    assert (await therapist.get(glass)).json()["review"] is None
    refused(await officer.get("/v1/break-glass/reviews", cursor="x"), 400, "malformed")


async def test_the_reason_is_sealed_for_the_patient(house: Any, people: Any) -> None:
    therapist, patient, _ = people
    await broken(therapist, patient)
    async with house.platform.database.worker() as tx:
        rows = await (await tx.execute("select subject, data from event where type like 'break-glass%'")).fetchall()
        tables = await (await tx.execute("select t::text from break_glass t")).fetchall()
    assert [str(subject) for subject, _ in rows] == [patient.id]
    assert WHY.encode() not in b"".join(bytes(data) for _, data in rows) + str(tables).encode()


async def test_asvs_2_3_5_whoever_broke_it_never_judges_it(clinic: Any) -> None:
    both = await (await clinic.staff("therapist", "privacy-officer")).strengthen()
    glass = await broken(both, await clinic.patient())
    refused(await both.post(f"{glass}/review", JUDGED), 403, "own-glass")
    officer = await (await clinic.staff("privacy-officer")).strengthen()
    assert (await officer.post(f"{glass}/review", JUDGED)).status_code == 200
    refused(await officer.post(f"{glass}/review", JUDGED), 409, "already-reviewed")


async def test_a_review_decides_whether_the_patient_is_told(house: Any, clinic: Any, people: Any) -> None:
    therapist, patient, officer = people
    glass = await broken(therapist, patient)
    secret = JUDGED | {"notice": "withhold"}
    refused(await officer.post(f"{glass}/review", secret), 422, "notice-unexplained")
    refused(await officer.post(f"{glass}/review", JUDGED, if_match='"9"'), 412, "version-conflict")
    answer = await officer.post(f"{glass}/review", secret | {"withheld_because": "Shared mailbox."})
    assert answer.status_code == 200, answer.text
    _, told = await house.newest(BreakGlassReviewedV1)
    assert (str(told.patient), told.notice) == (patient.id, False)
    assert (await officer.get("/v1/break-glass/reviews")).json()["items"] == []
    assert (await therapist.get(glass)).json()["review"]["withheld_because"] == "Shared mailbox."
    [held] = await house.module.answers[Ties].held(tenant=clinic.tenant, holder=UUID(therapist.id))
    assert held.kind == "break-glass", "what was justified stays open for its time"


async def test_what_was_not_justified_closes_at_once(house: Any, clinic: Any, people: Any) -> None:
    therapist, patient, officer = people
    glass = await broken(therapist, patient)
    wrong = JUDGED | {"outcome": "not-justified"}
    assert (await officer.post(f"{glass}/review", wrong)).json()["version"] == 3
    _, closed = await house.newest(BreakGlassClosedV1)
    assert closed.until == house.clock()
    assert await house.module.answers[Ties].held(tenant=clinic.tenant, holder=UUID(therapist.id)) == []


async def test_it_is_ended_early_and_may_be_broken_again(clinic: Any, people: Any) -> None:
    therapist, patient, _ = people
    glass = await broken(therapist, patient)
    colleague = await (await clinic.staff("supervisor")).strengthen()
    refused(await colleague.post(f"{glass}/end"), 404, "not-found")
    refused(await colleague.get(glass), 404, "not-found")
    refused(await therapist.post(f"{glass}/end", if_match='"7"'), 412, "version-conflict")
    assert (await therapist.post(f"{glass}/end")).status_code == 200
    refused(await therapist.post(f"{glass}/end"), 409, "glass-closed")
    assert await broken(therapist, patient) != glass


async def test_an_overdue_review_is_loud(house: Any, people: Any) -> None:
    therapist, patient, officer = people
    await broken(therapist, patient)
    house.clock.pass_(hours=72)
    await officer.sign_in()
    await officer.strengthen()
    [waiting] = (await officer.get("/v1/break-glass/reviews")).json()["items"]
    assert waiting["overdue"] is True
    async with house.platform.database.worker() as tx:
        assert await (await tx.execute("select count(*) from break_glass")).fetchone() == (1,)


async def test_only_patients_of_the_clinic_and_never_oneself(house: Any, clinic: Any, people: Any) -> None:
    therapist, patient, _ = people
    meadow = await house.clinic("Meadow")
    stranger = await (await meadow.staff("therapist")).strengthen()
    for nobody in (uuid4(), therapist.id, clinic.admin.id):
        answer = await therapist.post("/v1/break-glass", {"patient": str(nobody), "reason": WHY})
        refused(answer, 404, "not-found")
    refused(await stranger.post("/v1/break-glass", wish(patient)), 404, "not-found")
    both = await (await clinic.staff("therapist", "patient", email="both@x.example")).strengthen()
    refused(await both.post("/v1/break-glass", wish(both)), 403, "own-glass")
    glass = await broken(therapist, patient)
    judge = await (await meadow.staff("privacy-officer")).strengthen()
    refused(await judge.get(glass), 404, "not-found")
    refused(await judge.post(f"{glass}/review", JUDGED), 404, "not-found")
    assert (await judge.get("/v1/break-glass/reviews")).json()["items"] == []


async def test_it_takes_a_second_factor_a_recent_proof_and_words(house: Any, clinic: Any, people: Any) -> None:
    therapist, patient, _ = people
    weak = await clinic.staff("supervisor", strong=False)
    refused(await weak.post("/v1/break-glass", wish(patient)), 403, "assurance-too-low")
    refused(await clinic.admin.post("/v1/break-glass", wish(patient)), 403, "forbidden")
    for reason in ("too short", " " * 30, "x" * 2001):
        refused(await therapist.post("/v1/break-glass", {"patient": patient.id, "reason": reason}), 400, "malformed")
    house.clock.pass_(minutes=5)
    await therapist.renew()
    await therapist.strengthen()
    house.clock.pass_(minutes=5, seconds=1)
    refused(await therapist.post("/v1/break-glass", wish(patient)), 403, "sign-in-too-old")


async def test_a_repeat_opens_nothing_anew(people: Any) -> None:
    therapist, patient, _ = people
    first = await therapist.post("/v1/break-glass", wish(patient), idempotency_key="once")
    again = await therapist.post("/v1/break-glass", wish(patient), idempotency_key="once")
    assert first.json() == again.json()
    other = wish(patient) | {"reason": WHY + " Again."}
    refused(await therapist.post("/v1/break-glass", other, idempotency_key="once"), 422, "idempotency-key-reused")
