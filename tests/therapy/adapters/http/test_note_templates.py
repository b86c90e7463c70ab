"""Templates over HTTP: those that come with MindLyfe, a clinic's own in versions that stay, every refusal."""

from typing import Any
from uuid import uuid4

import pytest
from tests.therapy.ward import SOAP, Ward

from mindlyfe.kernel.testing.answers import refused

BOTH = {"key": "both", "title": "Both", "prompt": "What both said."}
COUPLES = {"name": "Couples session", "sections": [BOTH]}
NEXT = {"name": "Couples", "sections": [BOTH, {"key": "each", "title": "Each"}]}
PATH = "/v1/note-templates"


@pytest.fixture
def admin(clinic: Any) -> Any:
    return clinic.person("clinic-admin")


async def made(admin: Any) -> str:
    answer = await admin.post(PATH, json=COUPLES)
    assert (answer.status_code, answer.json()["version"]) == (201, 1), answer.text
    return str(answer.json()["template"])


async def test_three_come_with_mindlyfe_and_nobody_changes_them(clinic: Any, admin: Any) -> None:
    found = (await clinic.person("therapist").get(PATH)).json()["items"]
    assert [(one["name"], [part["key"] for part in one["sections"]]) for one in found] == [
        ("SOAP", ["subjective", "objective", "assessment", "plan"]),
        ("DAP", ["data", "assessment", "plan"]),
        ("BIRP", ["behavior", "intervention", "response", "plan"]),
    ]
    assert all(one["shipped"] and one["template_version"] == 1 for one in found)
    assert all(part["title"] and part["prompt"] for one in found for part in one["sections"])
    refused(await admin.post(f"{PATH}/{SOAP}/versions", json=COUPLES), 404, "not-found")
    refused(await admin.post(f"{PATH}/{SOAP}/retirement", json=None), 404, "not-found")


async def test_a_note_keeps_the_version_it_was_begun_with(clinic: Any, admin: Any) -> None:
    template, ward, note = await made(admin), Ward(clinic), uuid4()
    await ward.begin(note, template=template)
    assert (await admin.post(f"{PATH}/{template}/versions", json=NEXT, if_match='"1"')).json()["version"] == 2
    refused(await ward.save(note, sections=[{"section": "each", "text": "x"}]), 422, "unknown-section")
    await ward.save(note, sections=[{"section": "both", "text": "x"}])
    found = (await ward.one(note)).json()
    assert (found["template_name"], found["template_version"]) == ("Couples session", 1)
    assert found["texts"][0]["sections"][0]["title"] == "Both"
    assert (await ward.begin(note, template=template)).json()["version"] == 1
    refused(await ward.begin(note, template=template, template_version=2), 409, "note-begun")
    later = uuid4()
    await ward.begin(later, template=template)
    assert (await ward.one(later)).json()["template_version"] == 2
    first = (await admin.get(f"{PATH}/{template}", number=1)).json()
    assert (first["name"], first["template_version"]) == ("Couples session", 1)
    assert (await admin.get(f"{PATH}/{template}")).json()["name"] == "Couples"


async def test_a_retired_template_begins_no_note(clinic: Any, admin: Any) -> None:
    template, ward, note = await made(admin), Ward(clinic), uuid4()
    await ward.begin(note, template=template)
    for _ in range(2):
        assert (await admin.post(f"{PATH}/{template}/retirement", json=None)).json()["version"] == 2
    refused(await ward.begin(uuid4(), template=template), 422, "unknown-template")
    assert (await ward.begin(note, template=template)).json()["version"] == 1
    assert (await ward.save(note, sections=[{"section": "both", "text": "x"}])).status_code == 200
    refused(await admin.post(f"{PATH}/{template}/versions", json=NEXT), 409, "template-retired")
    assert [one["retired"] for one in (await admin.get(PATH)).json()["items"]] == [False, False, False, True]


async def test_what_is_refused(clinic: Any, admin: Any) -> None:
    template = await made(admin)
    twice = {"name": "Twice", "sections": [BOTH, BOTH]}
    refused(await admin.post(PATH, json=twice), 422, "sections-repeat")
    refused(await admin.post(f"{PATH}/{template}/versions", json=twice), 422, "sections-repeat")
    refused(await admin.post(f"{PATH}/{template}/versions", json=NEXT, if_match='"9"'), 412, "version-conflict")
    refused(await admin.post(f"{PATH}/{template}/retirement", json=None, if_match='"9"'), 412, "version-conflict")
    refused(await admin.get(f"{PATH}/{template}", number=7), 404, "not-found")
    for who, status, code in (
        (clinic.person("therapist"), 403, "forbidden"),
        (clinic.person("clinic-admin", tenant=uuid4()), 404, "not-found"),
    ):
        refused(await who.post(f"{PATH}/{template}/versions", json=NEXT), status, code)
        refused(await who.post(f"{PATH}/{template}/retirement", json=None), status, code)
    refused(await clinic.person("clinic-admin", tenant=uuid4()).get(f"{PATH}/{template}"), 404, "not-found")
    weak = clinic.signer.bearer("clinic-admin", tenant=clinic.tenant)
    refused(await clinic.http.post(PATH, json=COUPLES, headers=weak), 403, "assurance-too-low")


async def test_the_same_key_makes_one_template(admin: Any) -> None:
    answers = [await admin.post(PATH, json=COUPLES, idempotency_key="once") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await admin.get(PATH)).json()["items"]) == 4
