"""What waits: notes to sign, notes to co-sign; and who may co-sign what."""

from typing import Any
from uuid import uuid4

import pytest
from tests.therapy.ward import Ward

from mindlyfe.kernel.testing.answers import refused


@pytest.fixture
def ward(clinic: Any) -> Ward:
    return Ward(clinic)


async def ask(ward: Ward, note: Any, who: Any = None) -> Any:
    return await (who or ward.author).post(ward.at(note, "cosignature-request"), json=None)


async def give(ward: Ward, note: Any, who: Any = None, **headers: str) -> Any:
    return await (who or ward.supervisor).post(ward.at(note, "cosignature"), json=None, **headers)


async def outstanding(who: Any, path: str) -> list[str]:
    answer = await who.get(f"/v1/me/{path}")
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_a_supervisor_of_the_author_co_signs_what_the_author_signed(ward: Ward) -> None:
    note, revision = await ward.draft()
    refused(await ask(ward, note), 409, "note-not-signed")
    await ward.sign(note, revision)
    refused(await give(ward, note), 409, "cosignature-not-asked")
    for _ in range(2):
        assert (await ask(ward, note)).json()["version"] == 3
    assert await outstanding(ward.supervisor, "notes-to-cosign") == [str(note)]
    refused(await give(ward, note, if_match='"2"'), 412, "version-conflict")
    for _ in range(2):
        assert (await give(ward, note)).json()["version"] == 4
    assert await outstanding(ward.supervisor, "notes-to-cosign") == []
    found = (await ward.one(note)).json()["cosignature"]
    assert (found["status"], found["by"]) == ("given", str(ward.supervisor.id))
    refused(await ask(ward, note), 409, "already-cosigned")


async def test_nobody_else_co_signs(ward: Ward) -> None:
    note, _ = await ward.signed()
    await ask(ward, note)
    refused(await give(ward, note, ward.treating("supervisor")), 403, "forbidden")
    refused(await give(ward, note, ward.treating("therapist")), 403, "forbidden")
    refused(await give(ward, note, ward.clinic.person("supervisor")), 404, "not-found")
    refused(await ask(ward, note, ward.supervisor), 403, "forbidden")
    both = ward.treating("therapist", "supervisor")
    own, _ = await Signing(ward, both).signed()
    refused(await give(ward, own, both), 403, "forbidden")
    refused(await give(ward, own), 403, "forbidden")
    for who in (ward.treating("supervisor"), ward.clinic.person("supervisor")):
        assert await outstanding(who, "notes-to-cosign") == []
    second = ward.clinic.person("supervisor")
    ward.clinic.identity.told.append(ward.tie("supervision", second, uuid4(), via=ward.care))
    await give(ward, note)
    refused(await give(ward, note, second), 409, "already-cosigned")


async def test_a_supervision_that_is_over_gives_nothing(ward: Ward) -> None:
    note, _ = await ward.signed()
    await ask(ward, note)
    now = ward.clinic.clock.now
    ward.clinic.identity.told[1] = ward.tie("supervision", ward.supervisor, uuid4(), via=ward.care, until=now)
    refused(await give(ward, note), 404, "not-found")
    assert await outstanding(ward.supervisor, "notes-to-cosign") == []
    ward.clinic.identity.reachable = False
    refused(await ward.supervisor.get("/v1/me/notes-to-cosign"), 503, "unavailable")


async def test_unsigned_notes_are_outstanding_for_their_author(ward: Ward) -> None:
    first, revision = await ward.draft()
    ward.clinic.clock.pass_(seconds=1)
    second, _ = await ward.draft()
    struck, _ = await ward.draft()
    await ward.strike(struck)
    assert await outstanding(ward.author, "unsigned-notes") == [str(second), str(first)]
    page = (await ward.author.get("/v1/me/unsigned-notes", limit=1)).json()
    rest = (await ward.author.get("/v1/me/unsigned-notes", limit=1, cursor=page["next"])).json()
    assert [page["items"][0]["id"], rest["items"][0]["id"], rest["next"]] == [str(second), str(first), None]
    await ward.sign(first, revision)
    assert await outstanding(ward.author, "unsigned-notes") == [str(second)]
    assert await outstanding(ward.treating(), "unsigned-notes") == []


class Signing(Ward):
    """The same ward with another author."""

    def __init__(self, ward: Ward, author: Any) -> None:
        self.clinic, self.name, self.care, self.soap = ward.clinic, ward.name, ward.care, ward.soap
        self.author, self.patient, self.supervisor = author, ward.patient, ward.supervisor
