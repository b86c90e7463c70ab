"""Passkeys over HTTP, by a device in software: added, signed in by, refused when anything is wrong with them."""

import copy
from typing import Any

import httpx
import pytest

from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.authenticators import Device

OWN = "/v1/me/factors/passkeys"


async def add(person: Any, device: Device, name: str = "Phone") -> httpx.Response:
    """Have the device make a passkey for the person."""
    asked = (await person.post(f"{OWN}/challenges")).json()
    wish = {"challenge": asked["challenge"], "name": name, "credential": device.create(asked["public_key"])}
    answer: httpx.Response = await person.post(OWN, wish)
    if answer.status_code == 200:
        person.keep(answer.json()["session"])
    return answer


async def answered(visitor: Any, device: Device) -> dict[str, Any]:
    """The device's answer to a new challenge."""
    asked = (await visitor.post("/v1/passkey-challenges")).json()
    return {"challenge": asked["challenge"], "credential": device.get(asked["public_key"])}


async def sign_in(visitor: Any, device: Device, **other: Any) -> httpx.Response:
    """Sign in by the device alone."""
    wish = await answered(visitor, device) | {"delivery": "bearer"} | other
    answer: httpx.Response = await visitor.post("/v1/sessions/passkey", wish)
    if answer.status_code == 201:
        visitor.take(answer)
    return answer


async def test_a_passkey_signs_in_alone_and_strongly(house: Any) -> None:
    pat, device = await (await house.clinic()).patient(), Device()
    added = await add(pat, device)
    assert len(added.json()["backup_codes"]) == 10
    assert (pat.claims().aal, pat.claims().amr) == (2, ("pwd", "hwk", "user"))
    visitor = house.visitor()
    assert (await sign_in(visitor, device)).status_code == 201
    assert (visitor.id, visitor.claims().aal, visitor.claims().amr) == (pat.id, 2, ("hwk", "user"))
    assert (await pat.first_step()).json()["methods"] == ["backup-code", "passkey"]
    [shown] = (await pat.get("/v1/me/factors")).json()["passkeys"]
    assert (shown["name"], shown["used_at"]) == ("Phone", "2026-06-01T06:00:00Z")


async def test_several_passkeys_are_named_renamed_and_removed(house: Any) -> None:
    pat, phone, key = await (await house.clinic()).patient(), Device(), Device()
    one, two = (await add(pat, phone)).json(), (await add(pat, key, "Key")).json()
    assert two["backup_codes"] == []
    refused(await add(pat, phone), 409, "passkey-known")
    assert (await pat.put(f"{OWN}/{one['factor']}/name", {"name": "Old phone"})).status_code == 204
    shown = (await pat.get("/v1/me/factors")).json()["passkeys"]
    assert [passkey["name"] for passkey in shown] == ["Old phone", "Key"]
    assert (await pat.delete(f"/v1/me/factors/{one['factor']}")).json()["second_factor"] is True
    refused(await sign_in(house.visitor(), phone), 401, "passkey-refused")
    refused(await pat.put(f"{OWN}/{one['factor']}/name", {"name": "x"}), 404, "not-found")
    assert (await sign_in(house.visitor(), key)).status_code == 201


@pytest.mark.parametrize(
    "wrong", [{"origin": "https://evil.example"}, {"site": "evil.example"}, {"verifies": False}, {"id": b"y" * 32}]
)
async def test_asvs_6_3_3_a_passkey_of_another_site_or_unverified_is_refused(house: Any, wrong: dict[str, Any]) -> None:
    pat, device = await (await house.clinic()).patient(), Device()
    if "id" not in wrong:
        refused(await add(pat, Device(**wrong)), 401, "passkey-refused")
    assert (await add(pat, device)).status_code == 200
    vars(device).update(wrong)
    refused(await sign_in(house.visitor(), device), 401, "passkey-refused")


async def test_an_answer_works_once_and_in_time_and_for_what_was_asked(house: Any) -> None:
    pat, device, visitor = await (await house.clinic()).patient(), Device(), house.visitor()
    await add(pat, device)
    wish = await answered(visitor, device) | {"delivery": "bearer"}
    assert (await visitor.post("/v1/sessions/passkey", wish)).status_code == 201
    refused(await visitor.post("/v1/sessions/passkey", wish), 401, "challenge-ended")
    other = await answered(visitor, device)
    refused(
        await visitor.post("/v1/sessions/passkey", wish | {"challenge": other["challenge"]}), 401, "passkey-refused"
    )
    refused(await visitor.post("/v1/sessions/passkey", wish | {"challenge": "AAAA"}), 401, "challenge-ended")
    late = await answered(visitor, device) | {"delivery": "bearer"}
    house.clock.pass_(minutes=5)
    refused(await visitor.post("/v1/sessions/passkey", late), 401, "challenge-ended")


async def test_a_copied_passkey_is_noticed_by_its_count(house: Any) -> None:
    pat, device = await (await house.clinic()).patient(), Device(signs=7)
    await add(pat, device)
    clone = copy.copy(device)
    assert (await sign_in(house.visitor(), device)).status_code == 201
    refused(await sign_in(house.visitor(), clone), 401, "passkey-refused")


async def test_a_challenge_to_make_a_passkey_is_for_one_person(house: Any) -> None:
    clinic = await house.clinic()
    pat, eve = await clinic.patient(), await clinic.patient("eve@mail.example")
    asked = (await pat.post(f"{OWN}/challenges")).json()
    wish = {"challenge": asked["challenge"], "name": "x", "credential": Device().create(asked["public_key"])}
    refused(await eve.post(OWN, wish), 401, "challenge-ended")


async def test_a_passkey_of_somebody_else_proves_nothing(house: Any) -> None:
    clinic = await house.clinic()
    pat, eve, device = await clinic.patient(), await clinic.patient("eve@mail.example"), Device()
    await add(pat, device)
    proof = await answered(eve, device)
    refused(await eve.prove("passkey", **proof), 401, "passkey-refused")
    assert (await pat.prove("passkey", **await answered(pat, device))).status_code == 200
