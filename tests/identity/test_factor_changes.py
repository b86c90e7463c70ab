"""What follows from a change of factors: its owner is told, and nothing opened by what counted before goes on."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from mindlyfe.identity.application.openings import Openings
from mindlyfe.identity.contract.factors import FactorsChangedV1
from mindlyfe.identity.contract.flows import RecoveryAskedV1
from mindlyfe.identity.contract.questions import Links
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.rebuild import rebuilds
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.authenticators import Device

NEW = "lantern-gravel-sonnet"
OWN = "/v1/me/factors/passkeys"


async def told(house: Any) -> int:
    """How often the owner of a factor was told."""
    return sum(isinstance(event, FactorsChangedV1) for _, event in await house.published())


async def added(person: Any, device: Device) -> str:
    """A passkey in this device: its id."""
    asked = (await person.post(f"{OWN}/challenges")).json()
    wish = {"challenge": asked["challenge"], "name": "Phone", "credential": device.create(asked["public_key"])}
    answer = await person.post(OWN, wish)
    assert answer.status_code == 200, answer.text
    person.keep(answer.json()["session"])
    return str(answer.json()["factor"])


async def test_asvs_6_3_7_the_owner_is_told_once_of_each_change(house: Any) -> None:
    pat = await (await house.clinic(strong=False)).patient()
    await pat.post("/v1/me/factors/totp")
    assert await told(house) == 0, "a secret that nobody confirmed"
    codes = await pat.enrol()
    assert await told(house) == 1, "the app, with its backup codes"
    _, event = await house.newest(FactorsChangedV1)
    assert event == FactorsChangedV1(person=PersonId(UUID(pat.id)))
    factor = await added(pat, Device())
    assert await told(house) == 2
    assert (await pat.put(f"{OWN}/{factor}/name", {"name": "Old phone"})).status_code == 204
    await pat.prove("totp", code=pat.code())
    assert await told(house) == 2, "neither a name nor a use changes what counts"
    assert (await pat.delete(f"/v1/me/factors/{factor}")).status_code == 200
    assert await told(house) == 3
    codes = (await pat.post("/v1/me/factors/backup-codes")).json()["codes"]
    assert await told(house) == 4
    for code in codes:
        assert await told(house) == 4
        assert (await pat.prove("backup-code", code=code)).status_code == 200
    assert await told(house) == 5, "the last backup code is used"
    app = (await pat.get("/v1/me/factors")).json()["totp"]["factor"]
    assert (await pat.delete(f"/v1/me/factors/{app}")).status_code == 200
    assert await told(house) == 6


async def test_a_new_password_voids_a_sign_in_that_waits_for_its_second_step(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    await pat.enrol()
    waiting = (await pat.first_step()).json()["challenge"]
    change = {"current_password": "umbrella-tortoise-lagoon", "new_password": NEW}
    assert (await pat.put("/v1/me/password", change)).status_code == 204
    refused(await pat.second_step(waiting), 401, "challenge-ended")
    assert (await pat.sign_in(NEW)).status_code == 201


async def recovered(house: Any, pat: Any) -> None:
    """The password is lost, and replaced by the link."""
    await house.visitor().post("/v1/recoveries", {"email": pat.email})
    _, asked = await house.newest(RecoveryAskedV1)
    link = await house.module.answers[Links].recovery(person=asked.person)
    wish = {"code": link.url.split("#code=")[1], "password": NEW}
    answer = await house.visitor().post("/v1/recoveries/completion", wish)
    assert (answer.status_code, answer.json()) == (200, {"status": "renewed"}), "no tokens"
    assert not answer.headers.get_list("set-cookie")


async def test_asvs_6_4_3_a_recovery_passes_no_second_factor(house: Any) -> None:
    """Who only reads the mail gets a password, not the account: every factor is there and needed as before."""
    pat = await (await house.clinic()).patient()
    await pat.enrol()
    before = (await pat.get("/v1/me/factors")).json()
    waiting = (await pat.first_step()).json()["challenge"]
    await recovered(house, pat)
    refused(await pat.second_step(waiting), 401, "challenge-ended")
    refused(await pat.renew(), 401, "session-ended")
    answer = await pat.first_step(NEW)
    assert (answer.status_code, answer.json()["methods"]) == (202, ["totp", "backup-code"])
    assert (await pat.second_step(answer.json()["challenge"])).status_code == 201
    assert (await pat.get("/v1/me/factors")).json() == before


async def by_password(pat: Any) -> Any:
    return await pat.first_step()


async def by_code(pat: Any) -> Any:
    waiting = (await pat.first_step()).json()["challenge"]
    return await pat.second_step(waiting)


def meanwhile(monkeypatch: pytest.MonkeyPatch, change: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Has `change` happen once, after all is checked and just before the session is opened. The sessions opened."""
    original, waits, opened = Openings.open, [change], list[Any]()

    async def late(self: Openings, *args: Any, **how: Any) -> Any:
        if waits:
            await waits.pop()()
        opened.append(await original(self, *args, **how))
        return opened[-1]

    monkeypatch.setattr(Openings, "open", late)
    return opened


async def test_a_password_opens_nothing_when_a_factor_is_added_meanwhile(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pat = await (await house.clinic()).patient()
    thief = house.visitor()
    thief.email = pat.email
    opened = meanwhile(monkeypatch, pat.enrol)
    refused(await thief.sign_in(), 401, "sign-in-failed")
    thief.keep({"person": pat.id, "organisation": pat.organisation} | tokens(opened))
    refused(await thief.renew(), 401, "session-ended")
    refused(await thief.get("/v1/me"), 401, "invalid-token")
    assert (await pat.renew()).status_code == 200


async def test_a_code_opens_nothing_when_the_app_is_removed_meanwhile(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pat = await (await house.clinic()).patient()
    await pat.enrol()
    factor = (await pat.get("/v1/me/factors")).json()["totp"]["factor"]
    other = house.visitor()
    other.email, other.app = pat.email, pat.app
    opened = meanwhile(monkeypatch, lambda: pat.delete(f"/v1/me/factors/{factor}"))
    refused(await by_code(other), 401, "challenge-ended")
    other.keep({"person": pat.id, "organisation": pat.organisation} | tokens(opened))
    refused(await other.renew(), 401, "session-ended")


async def test_a_passkey_opens_nothing_when_it_is_removed_meanwhile(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pat, device, visitor = await (await house.clinic()).patient(), Device(), house.visitor()
    factor = await added(pat, device)
    opened = meanwhile(monkeypatch, lambda: pat.delete(f"/v1/me/factors/{factor}"))
    asked = (await visitor.post("/v1/passkey-challenges")).json()
    wish = {"challenge": asked["challenge"], "credential": device.get(asked["public_key"]), "delivery": "bearer"}
    refused(await visitor.post("/v1/sessions/passkey", wish), 401, "challenge-ended")
    visitor.keep({"person": pat.id, "organisation": pat.organisation} | tokens(opened))
    refused(await visitor.renew(), 401, "session-ended")


def tokens(opened: list[Any]) -> dict[str, Any]:
    [one] = opened
    return {"access_token": one.access_token, "refresh_token": one.refresh_token}


async def test_the_list_of_sessions_is_what_the_log_makes_of_it_after_proofs_too(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient()
    for _ in range(2):
        await pat.sign_in()
    await pat.enrol()
    house.clock.pass_(seconds=5)
    await pat.prove("password", password="umbrella-tortoise-lagoon")
    await pat.renew()
    before = (await pat.get("/v1/me/sessions")).json()["items"]
    [strong] = [one for one in before if one["current"]]
    assert (strong["aal"], strong["methods"]) == (2, ["pwd", "otp"])
    log = Log(house.platform.database, house.platform.keys, house.module.streams)
    for rebuild in rebuilds(log, house.module.streams):
        assert await rebuild.compare() == []
        await rebuild.run()
    assert (await pat.get("/v1/me/sessions")).json()["items"] == before
