"""A new password over HTTP: the owner shows the current one; other sessions end."""

from typing import Any

import pytest

from mindlyfe.identity.contract.flows import PasswordChangedV1
from mindlyfe.kernel.testing.answers import refused

PASSWORD, NEW = "umbrella-tortoise-lagoon", "lantern-gravel-sonnet"
PATH = "/v1/me/password"
CHANGE = {"current_password": PASSWORD, "new_password": NEW}


async def test_asvs_6_2_3_the_owner_replaces_it_by_the_current_one_and_is_told(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    assert (await pat.put(PATH, CHANGE)).status_code == 204
    assert (await pat.sign_in(PASSWORD)).status_code == 401
    assert (await pat.sign_in(NEW)).status_code == 201
    _, changed = await house.newest(PasswordChangedV1)
    assert str(changed.person) == pat.id


async def test_asvs_7_4_3_all_other_sessions_end_and_this_one_goes_on(house: Any) -> None:
    clinic = await house.clinic()
    pat, phone = await clinic.patient("pat@mail.example"), house.visitor()
    phone.email = pat.email
    await phone.sign_in()
    assert (await pat.put(PATH, CHANGE)).status_code == 204
    refused(await phone.renew(), 401, "session-ended")
    assert (await pat.renew()).status_code == 200
    assert (await clinic.admin.renew()).status_code == 200


async def test_asvs_6_3_1_the_current_password_cannot_be_guessed(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    for guess in range(6):
        wrong = CHANGE | {"current_password": f"a-wrong-password-{guess}"}
        refused(await pat.put(PATH, wrong), 403, "wrong-password")
    refused(await pat.put(PATH, CHANGE), 429, "too-many-requests")
    house.clock.pass_(seconds=2)
    assert (await pat.put(PATH, CHANGE)).status_code == 204


@pytest.mark.parametrize("new", ["short", "password1234!", "1qaz2wsx3edc", "abababababab", "pat-mail-example"])
async def test_asvs_6_2_4_a_weak_one_is_refused_and_nothing_changes(house: Any, new: str) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    refused(await pat.put(PATH, CHANGE | {"new_password": new}), 422, "weak-password")
    assert (await pat.sign_in(PASSWORD)).status_code == 201


async def test_repeated_by_its_key_it_is_done_once(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    for _ in range(2):
        assert (await pat.put(PATH, CHANGE, idempotency_key="p")).status_code == 204
    changed = [event for _, event in await house.published() if isinstance(event, PasswordChangedV1)]
    assert len(changed) == 1
    other = {"current_password": NEW, "new_password": "another-long-password"}
    refused(await pat.put(PATH, other, idempotency_key="p"), 422, "idempotency-key-reused")
    refused(await pat.put(PATH, CHANGE), 403, "wrong-password")
