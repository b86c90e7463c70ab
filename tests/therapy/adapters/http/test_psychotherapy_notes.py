"""Psychotherapy notes over HTTP: their author's alone, and what leaves them is reviewed and on record."""

from typing import Any
from uuid import uuid4

import pytest
from tests.therapy.ward import SAID, Ward

from mindlyfe.kernel.testing.answers import refused

LETTER = {"excerpt": "She copes well.", "purpose": "Housing application", "recipient": "Dr Byrne"}


@pytest.fixture
def ward(clinic: Any) -> Ward:
    return Ward(clinic, "psychotherapy-notes")


async def test_nobody_but_the_author_learns_that_it_is_there(ward: Ward) -> None:
    note, revision = await ward.signed()
    assert (await ward.one(note)).json()["texts"][0]["sections"][0]["text"] == SAID
    broken = ward.clinic.person("therapist")
    ward.clinic.identity.told.append(ward.tie("break-glass", broken, uuid4()))
    for who in (ward.treating(), ward.supervisor, broken, ward.clinic.person("therapist", "supervisor")):
        refused(await ward.one(note, who), 404, "not-found")
        refused(await ward.sign(note, revision, who), 404, "not-found")
        for path in ("revisions", f"revisions/{revision}", "verification", "disclosures"):
            refused(await who.get(ward.at(note, path)), 404, "not-found")
    assert await ward.listed() == [str(note)]
    assert await ward.listed(ward.treating()) == []
    refused(await ward.clinic.person("therapist").get(ward.at()), 404, "not-found")
    refused(await ward.one(note, ward.clinic.person("patient", known=ward.patient.id)), 403, "forbidden")


async def test_it_is_in_no_list_of_progress_notes_and_at_none_of_their_addresses(ward: Ward) -> None:
    (note, revision), progress = await ward.draft(), f"/v1/patients/{ward.patient.id}/notes"
    assert (await ward.author.get(progress)).json()["items"] == []
    assert (await ward.author.get("/v1/me/unsigned-notes")).json()["items"] == []
    for path in ("", "/revisions", f"/revisions/{revision}", "/verification"):
        refused(await ward.author.get(f"{progress}/{note}{path}"), 404, "not-found")
    ask = await ward.author.post(f"{progress}/{note}/cosignature-request", json=None)
    refused(ask, 404, "not-found")
    body = {"template": str(ward.soap)}
    refused(await ward.author.put(f"{progress}/{note}", json=body), 404, "not-found")


async def test_it_is_written_while_care_runs_and_read_for_good(ward: Ward) -> None:
    note, revision = await ward.draft()
    ward.discharged()
    assert (await ward.one(note)).status_code == 200
    assert await ward.listed() == [str(note)]
    refused(await ward.save(note, revision), 403, "forbidden")
    refused(await ward.sign(note, revision), 403, "forbidden")
    refused(await ward.begin(uuid4()), 404, "not-found")


async def test_an_excerpt_is_let_out_by_its_author_and_stays_on_record(ward: Ward) -> None:
    (note, _), disclosure = await ward.draft(), uuid4()
    path = ward.at(note, "disclosures", disclosure)
    for version in (2, 2):
        answer = await ward.author.put(path, json=LETTER)
        assert (answer.status_code, answer.json()["version"]) == (201, version)
    refused(await ward.author.put(path, json=LETTER | {"recipient": "Somebody else"}), 409, "disclosure-taken")
    refused(await ward.author.put(path, json=LETTER | {"excerpt": "Otherwise."}), 409, "disclosure-taken")
    [item] = (await ward.author.get(ward.at(note, "disclosures"))).json()["items"]
    assert {name: item[name] for name in LETTER} == LETTER
    assert (item["by"], item["disclosure"]) == (str(ward.author.id), str(disclosure))
    refused(await ward.treating().put(path, json=LETTER), 404, "not-found")
    async with ward.clinic.database.app(ward.clinic.tenant) as tx:
        rows = await (await tx.execute("select action, subject from audit order by position")).fetchall()
    assert rows[-1] == ("note.disclosed.v1", ward.patient.id)
    state, _ = await ward.clinic.module.streams[-2].load(ward.clinic.tenant, note)
    for private in LETTER.values():  # the key of the record, which opens events, opens nothing of it
        assert private not in str(state)
    await ward.strike(note)
    refused(await ward.author.put(ward.at(note, "disclosures", uuid4()), json=LETTER), 409, "note-entered-in-error")


async def test_letting_out_needs_a_fresh_proof_of_who_one_is(ward: Ward) -> None:
    note, _ = await ward.draft()
    stale = ward.clinic.signer.bearer(
        "therapist", person=ward.author.id, tenant=ward.clinic.tenant, aal=2, auth_time=1_000_000_000
    )
    path = ward.at(note, "disclosures", uuid4())
    refused(await ward.clinic.http.put(path, json=LETTER, headers=stale), 403, "sign-in-too-old")


async def test_what_is_signed_in_it_can_be_checked(ward: Ward) -> None:
    note, _ = await ward.signed()
    await ward.author.put(ward.at(note, "disclosures", uuid4()), json=LETTER)
    found = (await ward.author.get(ward.at(note, "verification"))).json()
    assert [(each["what"], each["holds"]) for each in found["checks"]] == [("text", True), ("disclosure", True)]
