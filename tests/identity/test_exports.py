"""Exports over HTTP, with a real object store: asked for, made from all contexts, fetched by their owner alone."""

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from fhir.resources.R4B.bundle import Bundle
from tests.identity.conftest import House, assembled
from tests.identity.rights import working
from tests.identity.test_photos import colour, picture, send
from tests.identity.twice import Twice

from mindlyfe.kernel.config import ObjectSettings
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.personal import Entry, PersonData, Told
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.retained import Retained
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.stack.seaweedfs import ACCESS_KEY, Seaweedfs

APPOINTMENT = {
    "resourceType": "Appointment",
    "id": str(uuid4()),
    "status": "booked",
    "start": "2026-06-02T09:00:00+00:00",
    "end": "2026-06-02T09:50:00+00:00",
    "participant": [{"actor": {"identifier": {"value": "somebody"}}, "status": "accepted"}],
}


class Therapy:
    """A neighbour that tells in two parts, once it answers at all."""

    away = False

    async def export(self, *, tenant: TenantId, person: PersonId, after: str | None) -> Told:
        if self.away:
            raise Unavailable
        values = {"starts_at": APPOINTMENT["start"], "part": after or "first"}
        entry = Entry(topic="appointments", values=values, resource=None if after else APPOINTMENT)
        return Told(entries=[entry], next=None if after else "second")

    async def retained(self, *, tenant: TenantId, person: PersonId) -> list[Retained]:
        return []

    async def erase(self, *, tenant: TenantId, person: PersonId) -> None: ...

    async def barred(self, *, tenant: TenantId, person: PersonId) -> bool:
        return False

    async def moved(self, *, tenant: TenantId, person: PersonId) -> bool:
        return True


@pytest.fixture
async def objects(seaweedfs: Seaweedfs) -> Objects:
    settings = ObjectSettings(
        endpoint=seaweedfs.endpoint,
        bucket=f"exports-{uuid4().hex[:8]}",
        access_key=ACCESS_KEY,
        secret_key_file=seaweedfs.secret_key,
    )
    objects = Objects(settings, "identity")
    await objects.make_bucket()
    return objects


@pytest.fixture
def therapy() -> Therapy:
    return Therapy()


@pytest.fixture
async def house(database: Database, objects: Objects, therapy: Therapy) -> AsyncIterator[House]:
    house = assembled(database, objects, ("identity", "therapy"))
    house.platform.asks.bind({PersonData: therapy}, context="therapy")
    async with working(house.module, "exports"):
        yield house


async def until(person: Any, export: str, status: str, told: int = 0) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            view: dict[str, Any] = (await person.get(f"/v1/me/exports/{export}")).json()
            if view["status"] == status and len(view["contexts_told"]) >= told:
                return view
            await asyncio.sleep(0.1)


async def test_everything_that_is_known_comes_in_two_forms(house: Any, objects: Objects) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    asked = await pat.post("/v1/me/exports")
    assert (asked.status_code, asked.json()["status"]) == (202, "waiting")
    view = await until(pat, asked.json()["id"], "ready")
    assert (view["contexts_told"], view["contexts_awaited"]) == (["identity", "therapy"], [])
    answer = await pat.get(f"/v1/me/exports/{view['id']}/data")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    known = answer.json()["known_by"]
    assert known["identity"]["account"][0]["e_mail_address"] == "pat@mail.example"
    profile = known["identity"]["profile"][0]
    assert (profile["name"], profile["date_of_birth"], profile["person"]) == ("Pat", "1990-04-02", pat.id)
    assert known["identity"]["sessions"][0]["ended_at"] is None
    assert [one["part"] for one in known["therapy"]["appointments"]] == ["first", "second"]
    assert {one["action"] for one in known["identity"]["audit"]} >= {"member.joined.v1", "export.requested.v1"}
    assert "Psychotherapy notes" in answer.json()["left_out"][0]
    [listed] = (await pat.get("/v1/me/exports")).json()["items"]
    assert listed["id"] == view["id"]
    assert "exports.fetched" in {row.action for row in house.audit.rows}


async def test_the_bundle_is_fhir_r4(house: Any) -> None:
    clinic = await house.clinic()
    for person, kind in ((await clinic.patient(), "Patient"), (clinic.admin, "Practitioner")):
        export = (await person.post("/v1/me/exports")).json()["id"]
        await until(person, export, "ready")
        answer = await person.get(f"/v1/me/exports/{export}/fhir")
        assert answer.headers["content-type"].startswith("application/fhir+json")
        bundle = Bundle.model_validate_json(answer.content)
        assert bundle.type == "collection"
        kinds = [one["resource"]["resourceType"] for one in json.loads(answer.content)["entry"]]
        assert {kind, "Appointment", "AuditEvent"} <= set(kinds)
        assert kinds.count(kind) == 1
        addresses = [one["fullUrl"] for one in json.loads(answer.content)["entry"]]
        assert len(addresses) == len(set(addresses))


async def test_the_export_of_who_had_two_accounts_holds_both(house: Any) -> None:
    twice = await Twice(house, await house.clinic()).open()
    for one, shade in ((twice.old, "red"), (twice.new, "blue")):
        assert (await send(one, picture(shade))).status_code == 200
    await twice.merged()
    export = (await twice.new.post("/v1/me/exports")).json()["id"]
    await until(twice.new, export, "ready")
    copy = (await twice.new.get(f"/v1/me/exports/{export}/data")).json()
    assert (copy["person"], copy["merged_accounts"]) == (twice.new.id, [twice.old.id])
    known = copy["known_by"]["identity"]
    assert {one["e_mail_address"] for one in known["account"]} == {twice.old.email, twice.new.email}
    profiles = [one for one in known["profile"] if "photo" not in one]
    assert {one["person"]: one["merged_into"] for one in profiles} == {twice.new.id: None, twice.old.id: twice.new.id}
    photos = [b64decode(one["photo"]["base64"]) for one in known["profile"] if "photo" in one]
    assert {colour(one) for one in photos} == {(True, False), (False, True)}
    entries = (await twice.new.get(f"/v1/me/exports/{export}/fhir")).json()["entry"]
    assert {one["resource"]["id"] for one in entries if one["resource"]["resourceType"] == "Patient"} == {
        twice.new.id,
        twice.old.id,
    }


async def test_a_silent_context_is_asked_again_and_never_left_out(house: Any, therapy: Therapy) -> None:
    pat = await (await house.clinic()).patient()
    therapy.away = True
    export = (await pat.post("/v1/me/exports")).json()["id"]
    view = await until(pat, export, "waiting", told=1)
    assert (view["contexts_told"], view["contexts_awaited"]) == (["identity"], ["therapy"])
    refused(await pat.get(f"/v1/me/exports/{export}/data"), 409, "export-not-ready")
    refused(await pat.get(f"/v1/me/exports/{export}/fhir"), 409, "export-not-ready")
    refused(await pat.post("/v1/me/exports"), 409, "export-runs")
    therapy.away = False
    await until(pat, export, "ready")


async def test_the_copy_is_sealed_and_for_its_owner_alone(house: Any, objects: Objects) -> None:
    clinic = await house.clinic()
    pat, other = await clinic.patient("pat@mail.example"), await clinic.patient("other@mail.example")
    meadow = await house.clinic("Meadow")
    export = (await pat.post("/v1/me/exports", idempotency_key="copy")).json()["id"]
    assert (await pat.post("/v1/me/exports", idempotency_key="copy")).json()["id"] == export
    await until(pat, export, "ready")
    stored = [one.path async for one in objects.list()]
    assert sorted(path.rpartition(".")[2] for path in stored) == ["fhir", "json"]
    for path in stored:
        assert b"pat@mail" not in await raw(objects, path)
    for somebody in (other, clinic.admin, meadow.admin):
        refused(await somebody.get(f"/v1/me/exports/{export}"), 404, "not-found")
        refused(await somebody.get(f"/v1/me/exports/{export}/data"), 404, "not-found")
        assert (await somebody.get("/v1/me/exports")).json()["items"] == []


async def test_asvs_14_2_7_a_copy_is_deleted_after_seven_days(house: Any, objects: Objects) -> None:
    pat = await (await house.clinic()).patient()
    export = (await pat.post("/v1/me/exports")).json()["id"]
    await until(pat, export, "ready")
    house.clock.pass_(days=7)
    await pat.sign_in()
    refused(await pat.get(f"/v1/me/exports/{export}/data"), 410, "export-expired")
    await until(pat, export, "expired")
    assert [one async for one in objects.list()] == []
    assert (await pat.post("/v1/me/exports")).status_code == 202


async def test_asvs_7_5_3_a_copy_wants_a_recent_sign_in(house: Any) -> None:
    pat = await (await house.clinic()).patient()
    export = (await pat.post("/v1/me/exports")).json()["id"]
    await until(pat, export, "ready")
    house.clock.pass_(seconds=601)
    await pat.renew()
    refused(await pat.post("/v1/me/exports"), 403, "sign-in-too-old")
    refused(await pat.get(f"/v1/me/exports/{export}/data"), 403, "sign-in-too-old")
    refused(await pat.get(f"/v1/me/exports/{export}/fhir"), 403, "sign-in-too-old")
    assert (await pat.get(f"/v1/me/exports/{export}")).status_code == 200


async def raw(objects: Objects, path: str) -> bytes:
    """The object as the store has it."""
    found = await objects.store.get_async(f"identity/{path}")
    return bytes(await found.bytes_async())
