"""What a series is refused for, and by whom it is found at all."""

from typing import Any
from uuid import uuid4

import pytest
from tests.therapy.adapters.http.test_series import DAY, HOUR, MONDAY, Scene, listed

from mindlyfe.kernel.testing.answers import refused


@pytest.fixture
async def scene(clinic: Any) -> Scene:
    found = Scene(clinic)
    await found.open()
    return found


async def test_when_nothing_is_free_nothing_begins(scene: Scene) -> None:
    refused(await scene.book(starts_at=(MONDAY + 12 * HOUR).isoformat()), 409, "slot-not-offered")
    refused(await scene.patient.get(scene.path), 404, "not-found")


@pytest.mark.parametrize(
    ("starts_at", "hours", "code"),
    [
        ("2026-05-25T08:00:00Z", {}, "in-the-past"),
        ("2026-06-01T08:00:00Z", {"notice_minutes": 4320}, "too-soon"),
        ("2027-10-04T08:00:00Z", {"horizon_days": 30}, "beyond-horizon"),
    ],
)
async def test_a_series_that_cannot_begin_says_why(clinic: Any, starts_at: str, hours: Any, code: str) -> None:
    scene = Scene(clinic)
    await scene.open(**hours)
    refused(await scene.book(starts_at=starts_at, count=2, every_days=1), 409, code)


async def test_days_that_are_taken_full_or_away_refuse_a_series_of_them(clinic: Any) -> None:
    scene = Scene(clinic)
    await scene.open(per_day=1)
    other = clinic.person("patient")
    for day in (MONDAY, MONDAY + DAY):
        assert (await other.book(scene.therapist, day + HOUR)).status_code == 201
    refused(await scene.book(count=2, every_days=1), 409, "therapist-full")
    await scene.open()
    for day in (MONDAY, MONDAY + DAY):
        assert (await other.book(scene.therapist, day + 2 * HOUR)).status_code == 201
    refused(await scene.book(starts_at=(MONDAY + 2 * HOUR).isoformat(), count=2, every_days=1), 409, "slot-taken")
    off = {"zone": "Europe/London", "first": "2026-10-05", "last": "2026-10-06"}
    assert (await scene.therapist.post("/v1/time-off", json=off)).status_code == 201
    refused(await scene.book(count=2, every_days=1), 409, "therapist-away")


async def test_a_patient_who_is_elsewhere_each_time_is_told_so(scene: Scene) -> None:
    elsewhere = await scene.clinic.therapist(horizon_days=400)
    for day in (MONDAY, MONDAY + DAY):
        assert (await scene.patient.book(elsewhere, day)).status_code == 201
    refused(await scene.book(count=2, every_days=1), 409, "patient-busy")


async def test_what_is_over_neither_ends_nor_goes_on(scene: Scene) -> None:
    await scene.booked()
    refused(await scene.step("ending", number=6), 404, "not-found")
    await scene.step("ending", number=3)
    refused(await scene.step("ending", number=4), 409, "series-over")
    refused(await scene.step("extension", more=1), 409, "series-over")
    refused(await scene.step("continuation", number=4, starts_at=MONDAY.isoformat()), 409, "series-over")


async def test_a_stale_version_changes_nothing(scene: Scene) -> None:
    await scene.booked()
    for name, body in (
        ("ending", {"number": 2}),
        ("extension", {"more": 1}),
        ("continuation", {"number": 2, "starts_at": MONDAY.isoformat()}),
    ):
        refused(await scene.step(name, **body, if_match='"1"'), 412, "version-conflict")
    assert len(await listed(scene.patient)) == 5


async def test_who_takes_no_part_finds_nothing(scene: Scene) -> None:
    await scene.booked()
    strangers = [
        scene.clinic.person("patient"),
        await scene.clinic.therapist(),
        scene.clinic.person("reception", tenant=uuid4()),
    ]
    for who in strangers:
        refused(await who.get(scene.path), 404, "not-found")
        refused(await scene.step("ending", who, number=1), 404, "not-found")
        refused(await scene.step("extension", who, more=1), 404, "not-found")
        refused(await scene.step("continuation", who, number=1, starts_at=MONDAY.isoformat()), 404, "not-found")
    refused(await scene.book(strangers[0]), 404, "not-found")
    nowhere = {"number": 1, "starts_at": MONDAY.isoformat(), "schedule": str(uuid4())}
    refused(await scene.step("continuation", **nowhere), 404, "not-found")


async def test_staff_books_for_patients_and_changes_their_series(scene: Scene) -> None:
    desk, patient = scene.clinic.person("reception"), str(scene.patient.id)
    refused(await scene.book(desk), 422, "no-patient")
    refused(await scene.book(desk, patient=str(uuid4())), 404, "not-found")
    refused(await scene.book(scene.therapist, patient=patient), 404, "not-found")
    await scene.clinic.identity.begin(
        tenant=scene.clinic.tenant, care=uuid4(), patient=scene.patient.id, clinician=scene.therapist.id
    )
    scene.clinic.clock.pass_(seconds=6)
    elsewhere = await scene.clinic.therapist()
    refused(await scene.book(scene.therapist, patient=patient, therapist=str(elsewhere.id)), 403, "forbidden")
    assert (await scene.book(scene.therapist, patient=patient)).status_code == 201
    assert (await scene.step("extension", desk, more=1)).json()["count"] == 6
    assert (await scene.step("ending", scene.therapist, number=2)).json()["ended_after"] == 1
    first, scene.id = scene.id, uuid4()
    assert (await scene.book(desk, patient=patient, starts_at=(MONDAY + HOUR).isoformat())).status_code == 201
    scene.id = first
    refused(await scene.book(starts_at=(MONDAY + 2 * HOUR).isoformat()), 409, "id-taken")


async def test_identity_away_or_a_weak_sign_in_books_nothing(scene: Scene) -> None:
    patient = str(scene.patient.id)
    scene.clinic.identity.reachable = False
    refused(await scene.book(scene.therapist, patient=patient), 503, "unavailable")
    weak = scene.clinic.person("therapist")
    weak.headers = scene.clinic.signer.bearer("therapist", person=weak.id, tenant=scene.clinic.tenant, aal=1)
    refused(await scene.book(weak, patient=patient), 403, "assurance-too-low")
