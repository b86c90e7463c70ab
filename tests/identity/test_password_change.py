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


async def test_a_key_gives_no_second_guess_at_the_password(house: Any) -> None:
    """A guess as the new password is no guess at the current one, though a repeated request finds it there."""
    pat = await (await house.clinic()).patient("pat@mail.example")
    sly = {"current_password": "a-wrong-password", "new_password": PASSWORD}
    for _ in range(2):
        refused(await pat.put(PATH, sly, idempotency_key="g"), 403, "wrong-password")
    refused(await pat.put(PATH, sly), 403, "wrong-password")
    changed = [event for _, event in await house.published() if isinstance(event, PasswordChangedV1)]
    assert changed == []


@pytest.mark.parametrize("key", [None, "same", "new"])
async def test_every_wrong_password_is_counted_whatever_its_key(house: Any, key: str | None) -> None:
    pat = await (await house.clinic()).patient("pat@mail.example")
    wrong = CHANGE | {"current_password": "a-wrong-password"}
    for number in range(6):
        keyed = {"idempotency_key": key if key == "same" else f"k{number}"} if key else {}
        refused(await pat.put(PATH, wrong, **keyed), 403, "wrong-password")
    refused(await pat.put(PATH, CHANGE, idempotency_key="right"), 429, "too-many-requests")


async def test_a_key_that_was_used_is_no_place_to_guess_either(house: Any) -> None:
    """Who got hold of a session and the key of the owner's request cannot find the old password by repeating it."""
    pat = await (await house.clinic()).patient("pat@mail.example")
    assert (await pat.put(PATH, CHANGE, idempotency_key="p")).status_code == 204
    for number in range(6):
        guess = CHANGE | {"current_password": f"a-wrong-password-{number}"}
        refused(await pat.put(PATH, guess, idempotency_key="p"), 422, "idempotency-key-reused")
    refused(await pat.put(PATH, CHANGE, idempotency_key="p"), 429, "too-many-requests")


async def test_a_repeat_ends_what_the_first_did_not_come_to(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = await house.clinic()
    pat, phone = await clinic.patient("pat@mail.example"), house.visitor()
    phone.email = pat.email
    await phone.sign_in()
    with monkeypatch.context() as broken:
        broken.setattr("mindlyfe.identity.application.endings.Endings.end", lambda *_, **__: 1 / 0)
        assert (await pat.put(PATH, CHANGE, idempotency_key="p")).status_code == 500
    assert (await phone.renew()).status_code == 200
    assert (await pat.put(PATH, CHANGE, idempotency_key="p")).status_code == 204
    refused(await phone.renew(), 401, "session-ended")
    assert (await pat.renew()).status_code == 200
