"""Flags over HTTP: a clinic sets its own, operators those of all; what was not declared is not there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from mindlyfe.kernel.declared import Flag
from mindlyfe.kernel.flag_routes import with_flags
from mindlyfe.kernel.flags import Flags
from mindlyfe.kernel.messages import REGION, Role, TenantId
from mindlyfe.kernel.module import Module
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.doorway import Doorway

BREAKFAST = Flag("breakfast", "Offers breakfast to all guests.", default=True)
GREETING = Flag("greeting", "Greets guests in these words.", default="Hello")


def module(*flags: Flag[Any]) -> Module:
    return Module(name="rooms", routes=[], grants={}, streams=[], publishes=lambda _: None, flags=flags)


@dataclass
class House:
    """The flags of `rooms`, behind a door."""

    doorway: Doorway
    flags: Flags
    database: Database

    async def ask(self, method: str, path: str, tenant: TenantId, *roles: Role, **body: Any) -> httpx.Response:
        headers = self.doorway.bearer(*roles, tenant=tenant, aal=2)
        address = f"/v1/flags/rooms{path}"
        return await self.doorway.client.request(method, address, json=body or None, headers=headers)

    async def shown(self, tenant: TenantId) -> dict[str, dict[str, Any]]:
        """Each flag, as an administrator of the clinic sees it."""
        answer = await self.ask("GET", "", tenant, "clinic-admin")
        assert answer.status_code == 200, answer.text
        return {one["name"]: one for one in answer.json()["items"]}


@pytest.fixture
async def house(rooms: Database) -> AsyncIterator[House]:
    async with rooms.worker() as tx:
        await tx.execute("delete from flag")
    flags = Flags(rooms)
    made = with_flags(module(BREAKFAST, GREETING), flags)
    async with Doorway(made.routes, made.grants) as doorway:
        yield House(doorway, flags, rooms)


async def test_a_flag_tells_what_it_does_and_how_it_stands(house: House) -> None:
    assert (await house.shown(TenantId(uuid4())))["greeting"] == {
        "name": "greeting",
        "does": "Greets guests in these words.",
        "kind": "text",
        "default": "Hello",
        "for_all": None,
        "own": None,
        "value": "Hello",
    }


async def test_a_clinic_sets_its_own_and_no_others(house: House) -> None:
    here, there = TenantId(uuid4()), TenantId(uuid4())
    answer = await house.ask("PUT", "/breakfast", here, "clinic-admin", value=False)
    assert (answer.status_code, answer.json()["own"], answer.json()["value"]) == (200, False, False)
    assert (await house.flags.on(BREAKFAST, here), await house.flags.on(BREAKFAST, there)) == (False, True)
    shown = await house.shown(there)
    assert (shown["breakfast"]["own"], shown["breakfast"]["value"]) == (None, True)
    for _ in range(2):
        assert (await house.ask("DELETE", "/breakfast", here, "clinic-admin")).status_code == 204
    assert await house.flags.on(BREAKFAST, here)


async def test_an_operator_sets_it_for_all_that_have_no_value_of_their_own(house: House) -> None:
    here, there = TenantId(uuid4()), TenantId(uuid4())
    await house.ask("PUT", "/greeting", here, "clinic-admin", value="Bonjour")
    answer = await house.ask("PUT", "/greeting/for-all", there, "operator", value="Hallo")
    assert (answer.status_code, answer.json()["for_all"], answer.json()["own"]) == (200, "Hallo", None)
    assert (await house.flags.text(GREETING, here), await house.flags.text(GREETING, there)) == ("Bonjour", "Hallo")
    shown = (await house.shown(here))["greeting"]
    assert (shown["own"], shown["for_all"], shown["value"]) == ("Bonjour", "Hallo", "Bonjour")
    assert (await house.ask("DELETE", "/greeting/for-all", there, "operator")).status_code == 204
    assert await house.flags.text(GREETING, there) == "Hello"


@pytest.mark.parametrize(
    "path", ["/dinner", "/0190aaaa-0000-7000-8000-000000000001", "/Breakfast", "/breakfast%20", "/%00"]
)
async def test_what_was_not_declared_is_not_there(house: House, path: str) -> None:
    here = TenantId(uuid4())
    refused(await house.ask("PUT", path, here, "clinic-admin", value=True), 404, "not-found")
    refused(await house.ask("DELETE", path, here, "clinic-admin"), 404, "not-found")
    refused(await house.ask("PUT", f"{path}/for-all", here, "operator", value=True), 404, "not-found")
    refused(await house.ask("DELETE", f"{path}/for-all", here, "operator"), 404, "not-found")


@pytest.mark.parametrize(
    ("flag", "value"),
    [("breakfast", "true"), ("breakfast", 1), ("breakfast", None), ("greeting", True), ("greeting", "x" * 501)],
)
async def test_a_value_of_another_kind_is_refused_by_its_field(house: House, flag: str, value: Any) -> None:
    for path, role in ((f"/{flag}", "clinic-admin"), (f"/{flag}/for-all", "operator")):
        headers = house.doorway.bearer(role, aal=2)  # type: ignore[arg-type]
        answer = await house.doorway.client.put(f"/v1/flags/rooms{path}", json={"value": value}, headers=headers)
        assert refused(answer, 400, "malformed")["errors"][0]["field"] == "value"


async def test_each_needs_its_role_and_a_second_factor(house: House) -> None:
    here = TenantId(uuid4())
    refused(await house.ask("PUT", "/breakfast", here, "operator", value=False), 403, "forbidden")
    refused(await house.ask("DELETE", "/breakfast", here, "operator"), 403, "forbidden")
    refused(await house.ask("PUT", "/breakfast/for-all", here, "clinic-admin", value=False), 403, "forbidden")
    refused(await house.ask("DELETE", "/breakfast/for-all", here, "clinic-admin"), 403, "forbidden")
    refused(await house.ask("GET", "", here, "therapist", "patient", "reception"), 403, "forbidden")
    for method, path, role in (("GET", "", "clinic-admin"), ("DELETE", "/breakfast", "clinic-admin")):
        weak = house.doorway.bearer(role, tenant=here, aal=1)  # type: ignore[arg-type]
        answer = await house.doorway.client.request(method, f"/v1/flags/rooms{path}", headers=weak)
        refused(answer, 403, "assurance-too-low")
    assert (await house.shown(here))["breakfast"]["value"] is True


async def test_the_audit_of_the_clinic_and_of_the_region_say_who_it_was(house: House) -> None:
    here = TenantId(uuid4())
    await house.ask("PUT", "/breakfast", here, "clinic-admin", value=False)
    await house.ask("DELETE", "/breakfast", here, "clinic-admin")
    await house.ask("PUT", "/breakfast/for-all", here, "operator", value=False)
    lines = "select action, object from audit where tenant = %s order by position"
    async with house.database.worker() as tx:
        own = await (await tx.execute(lines, (here,))).fetchall()
        regional = await (await tx.execute(lines, (REGION,))).fetchall()
    assert own == [("flags.set", "rooms/breakfast"), ("flags.unset", "rooms/breakfast")]
    assert regional[-1] == ("flags.set", "rooms/breakfast")


def test_two_flags_of_a_context_do_not_share_a_name() -> None:
    twice: Any = None
    with pytest.raises(ValueError, match="same name"):
        with_flags(module(BREAKFAST, Flag("breakfast", "Offers a second breakfast.", default="")), twice)
