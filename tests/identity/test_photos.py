"""A photo over HTTP: one's own to change, shown to whom the profile is, kept unreadable, gone with the person."""

import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from tests.identity.conftest import House, assembled

from mindlyfe.identity.domain.photo import MOST_BYTES
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.personal import PersonalData
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.stand_ins import MemoryObjects


def picture(colour: str = "red", kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, kind)
    return out.getvalue()


def colour(content: bytes) -> tuple[bool, bool]:
    r, _, b = Image.open(io.BytesIO(content)).getpixel((5, 5))  # type: ignore[misc]
    return r > 128, b > 128


@pytest.fixture
def objects() -> MemoryObjects:
    return MemoryObjects()


@pytest.fixture
def house(database: Database, objects: MemoryObjects) -> House:
    return assembled(database, objects)


async def send(person: Any, content: bytes, **headers: str) -> Any:
    dashed = {name.replace("_", "-"): value for name, value in headers.items()}
    return await person.http.put("/v1/me/photo", content=content, headers=person.headers | dashed)


async def test_ones_own_is_shown_replaced_and_removed(house: House, objects: MemoryObjects) -> None:
    pat = await (await house.clinic()).patient()
    refused(await pat.get("/v1/me/photo"), 404, "not-found")
    saved = await send(pat, picture("red"))
    assert (saved.status_code, saved.headers["etag"]) == (200, '"1"')
    answer = await pat.get("/v1/me/photo")
    assert answer.headers["content-type"] == "image/jpeg"
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert colour(answer.content) == (True, False)
    assert (await send(pat, picture("blue", "WEBP"))).status_code == 200
    assert colour((await pat.get("/v1/me/photo")).content) == (False, True)
    assert len(objects.held) == 1, "what is not shown any more is deleted"
    for _ in range(2):
        assert (await pat.delete("/v1/me/photo")).status_code == 204
        refused(await pat.get("/v1/me/photo"), 404, "not-found")
        assert objects.held == {}


async def test_it_is_kept_unreadable_and_goes_with_the_person(house: House, objects: MemoryObjects) -> None:
    clinic = await house.clinic()
    pat, other = await clinic.patient(), await clinic.patient("other@mail.example")
    for one in (pat, other):
        await send(one, picture())
    [path] = [path for path in objects.held if pat.id in path]
    assert b"JFIF" not in objects.held[path]
    held = PersonalData(house.platform.database, house.platform.objects, house.module.personal)
    await held.erase(tenant=clinic.tenant, person=PersonId(UUID(pat.id)))
    assert [path for path in objects.held if pat.id in path] == []
    assert len(objects.held) == 1


async def test_the_same_request_twice_makes_one(house: House, objects: MemoryObjects) -> None:
    pat = await (await house.clinic()).patient()
    first, second = [await send(pat, picture("red"), idempotency_key="p") for _ in range(2)]
    assert first.json() == second.json()
    refused(await send(pat, picture("blue"), idempotency_key="p"), 422, "idempotency-key-reused")
    assert colour((await pat.get("/v1/me/photo")).content) == (True, False)
    await send(pat, picture("red"))
    assert len(objects.held) == 1, "what was never shown is swept away"


@pytest.mark.parametrize("content", [b"", b"GIF89a", picture() + b"<script>", picture()[:-20]])
async def test_asvs_5_2_2_what_is_no_picture_is_refused(house: House, objects: MemoryObjects, content: bytes) -> None:
    pat = await (await house.clinic()).patient()
    refused(await send(pat, content), 422, "bad-picture")
    assert objects.held == {}


async def test_asvs_5_2_1_too_large_is_refused(house: House, objects: MemoryObjects) -> None:
    pat = await (await house.clinic()).patient()
    refused(await send(pat, picture() + bytes(MOST_BYTES)), 413, "too-large")
    assert objects.held == {}


async def test_a_patients_is_shown_to_whom_the_profile_is(house: House) -> None:
    harbour, meadow = await house.clinic(), await house.clinic("Meadow")
    pat, other = await harbour.patient(), await harbour.patient("other@mail.example")
    desk, therapist = await harbour.staff("reception", strong=False), await harbour.staff("therapist")
    await send(pat, picture("blue"))
    path = f"/v1/patients/{pat.id}/photo"
    refused(await desk.get(path), 403, "assurance-too-low")
    await desk.strengthen()
    assert colour((await desk.get(path)).content) == (False, True)
    assert [row.action for row in house.audit.rows if row.outcome == "done"][-1] == "profiles.read"
    await therapist.strengthen()
    refused(await therapist.get(path), 404, "not-found")
    await harbour.admin.strengthen()
    pair = {"patient": pat.id, "clinician": therapist.id}
    assert (await harbour.admin.put(f"/v1/care-relationships/{uuid4()}", pair)).status_code == 200
    assert colour((await therapist.get(path)).content) == (False, True)
    refused(await other.get(path), 403, "forbidden")
    await meadow.admin.strengthen()
    refused(await meadow.admin.get(path), 404, "not-found")
    refused(await desk.get(f"/v1/patients/{other.id}/photo"), 404, "not-found")
