"""Accounts locked by operators, and waits after failed attempts forgiven by administrators."""

from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.kernel.testing.answers import refused

WHY = {"reason": "Reported stolen."}


@pytest.fixture
async def clinic(house: Any) -> Any:
    clinic = await house.clinic()
    await clinic.admin.strengthen()
    return clinic


async def test_asvs_7_4_2_a_locked_account_opens_nothing_in_any_clinic(house: Any, clinic: Any) -> None:
    meadow = await house.clinic("Meadow")
    therapist = await meadow.staff("therapist")
    path = f"/v1/accounts/{therapist.id}"
    locked = await clinic.admin.put(f"{path}/lock", WHY)
    assert (locked.status_code, locked.json()) == (200, {"person": therapist.id, "version": 2})
    assert (await clinic.admin.put(f"{path}/lock", {"reason": "Again."})).json()["version"] == 2
    shown = (await clinic.admin.get(path)).json()
    assert (shown["reason"], shown["organisations"]) == (WHY["reason"], [str(meadow.tenant)])
    assert "email" not in shown
    refused(await therapist.renew(), 401, "session-ended")
    right, wrong = await therapist.sign_in(), await therapist.sign_in("not-the-password-at-all")
    assert refused(right, 401, "sign-in-failed") | {"correlation": ""} == refused(wrong, 401, "sign-in-failed") | {
        "correlation": ""
    }
    assert (await clinic.admin.post(f"{path}/unlocking")).json()["version"] == 3
    assert (await therapist.sign_in()).status_code == 201


async def test_a_locked_account_waits_like_any_that_is_guessed(house: Any, clinic: Any) -> None:
    therapist = await clinic.staff("therapist")
    await clinic.admin.put(f"/v1/accounts/{therapist.id}/lock", WHY)
    for _ in range(6):
        refused(await therapist.sign_in(), 401, "sign-in-failed")
    refused(await therapist.sign_in(), 429, "too-many-requests")


async def test_operators_find_an_account_by_its_address(clinic: Any) -> None:
    patient = await clinic.patient()
    found = await clinic.admin.post("/v1/accounts/searches", {"email": "PAT@mail.example"})
    assert (found.status_code, found.json()["person"]) == (200, patient.id)
    refused(await clinic.admin.post("/v1/accounts/searches", {"email": "nobody@mail.example"}), 404, "not-found")


async def test_locks_are_refused(house: Any, clinic: Any) -> None:
    patient, weak = await clinic.patient(), await clinic.staff("operator", strong=False)
    path = f"/v1/accounts/{patient.id}"
    refused(await weak.put(f"{path}/lock", WHY), 403, "assurance-too-low")
    refused(await weak.post(f"{path}/unlocking"), 403, "assurance-too-low")
    refused(await weak.get(path), 403, "assurance-too-low")
    refused(await clinic.admin.put(f"/v1/accounts/{clinic.admin.id}/lock", WHY), 409, "not-yourself")
    nobody = f"/v1/accounts/{uuid4()}"
    refused(await clinic.admin.get(nobody), 404, "not-found")
    refused(await clinic.admin.put(f"{nobody}/lock", WHY), 404, "not-found")
    refused(await clinic.admin.post(f"{nobody}/unlocking"), 404, "not-found")
    assert (await clinic.admin.put(f"{path}/lock", WHY, idempotency_key="l")).status_code == 200
    refused(await clinic.admin.put(f"{path}/lock", {"reason": "B"}, idempotency_key="l"), 422, "idempotency-key-reused")
    refused(await clinic.admin.post(f"{path}/unlocking", idempotency_key="l"), 422, "idempotency-key-reused")


async def test_an_administrator_forgives_failed_attempts(house: Any, clinic: Any) -> None:
    patient, meadow = await clinic.patient(), await house.clinic("Meadow")
    path = f"/v1/members/{patient.id}/waits"
    for _ in range(6):
        refused(await patient.sign_in("not-the-password-at-all"), 401, "sign-in-failed")
    refused(await patient.sign_in(), 429, "too-many-requests")
    refused(await meadow.admin.delete(path), 404, "not-found")
    refused(await patient.sign_in(), 429, "too-many-requests")
    assert (await clinic.admin.delete(path)).status_code == 204
    assert (await patient.sign_in()).status_code == 201
    for _ in range(6):
        refused(await patient.sign_in("not-the-password-at-all"), 401, "sign-in-failed")
    refused(await patient.sign_in(), 429, "too-many-requests")
    house.cache.away = True
    refused(await clinic.admin.delete(path), 503, "unavailable")
