"""Progress notes over HTTP: written, signed, locked, added to, struck through; every refusal, and who sees what."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.therapy.ward import SAID, Ward, text

from mindlyfe.kernel.testing.answers import refused

TAKE = "delete from note_document where revision = %s returning note, revision, patient, part, base, at, sealed"
FORGE = """
    insert into note_document (note, revision, patient, part, base, at, sealed, author)
    values (%s, %s, %s, %s, %s, %s, %s, %s)"""


@pytest.fixture
def ward(clinic: Any) -> Ward:
    return Ward(clinic)


async def test_a_note_is_written_signed_and_read_by_who_treats_the_patient(ward: Ward) -> None:
    note, revision = uuid4(), uuid4()
    begun = await ward.begin(note)
    assert (begun.status_code, begun.json()) == (201, {"note": str(note), "version": 1})
    kept = await ward.save(note, revision=revision)
    assert kept.json() == {"note": str(note), "revision": str(revision), "heads": [str(revision)], "conflict": False}
    signed = await ward.sign(note, revision, if_match='"1"')
    assert (signed.status_code, signed.headers["etag"]) == (200, '"2"')
    found = (await ward.one(note, ward.treating())).json()
    assert (found["stage"], found["author"], found["template_name"]) == ("signed", str(ward.author.id), "SOAP")
    [shown] = found["texts"]
    assert shown["sections"] == [{"section": "subjective", "title": "Subjective", "text": SAID}]
    assert found["signature"]["by"] == str(ward.author.id)
    assert (found["conflict"], found["left_out"], found["entered_in_error"]) == (False, [], None)


async def test_a_draft_is_its_authors_alone(ward: Ward) -> None:
    note, revision = await ward.draft()
    for who in (ward.treating(), ward.supervisor, ward.clinic.person("therapist")):
        refused(await ward.one(note, who), 404, "not-found")
        refused(await ward.sign(note, revision, who), 404, "not-found")
        refused(await ward.save(note, revision, who=who), 404, "not-found")
        refused(await ward.strike(note, who), 404, "not-found")
    assert await ward.listed() == [str(note)]
    assert await ward.listed(ward.treating()) == []


async def test_two_devices_lose_nothing_and_are_told(ward: Ward) -> None:
    note, first = await ward.draft()
    left, right = uuid4(), uuid4()
    assert not (await ward.save(note, first, sections=text("left"), revision=left)).json()["conflict"]
    answer = (await ward.save(note, first, sections=text("right"), revision=right)).json()
    assert (answer["conflict"], set(answer["heads"])) == (True, {str(left), str(right)})
    found = (await ward.one(note)).json()
    assert found["conflict"]
    assert {each["sections"][0]["text"] for each in found["texts"]} == {"left", "right"}
    refused(await ward.sign(note, left), 409, "note-in-conflict")
    joined = uuid4()
    assert not (await ward.save(note, left, right, sections=text("both"), revision=joined)).json()["conflict"]
    refused(await ward.sign(note, right), 409, "revision-outdated")
    assert (await ward.sign(note, joined)).status_code == 200


async def test_saving_again_changes_nothing_and_another_text_needs_another_id(ward: Ward) -> None:
    note, revision = await ward.draft()
    for _ in range(2):
        assert (await ward.save(note, revision=revision)).json()["heads"] == [str(revision)]
    refused(await ward.save(note, revision=revision, sections=text("other")), 409, "revision-taken")
    refused(await ward.save(note, uuid4()), 422, "unknown-revision")
    refused(await ward.save(note, sections=[{"section": "data", "text": "x"}]), 422, "unknown-section")
    refused(await ward.save(note, sections=text() * 2), 422, "unknown-section")
    history = (await ward.author.get(ward.at(note, "revisions"))).json()["items"]
    assert [each["revision"] for each in history] == [str(revision)]


async def test_a_signed_note_is_locked(ward: Ward) -> None:
    note, revision = await ward.signed()
    assert (await ward.sign(note, revision)).json()["version"] == 2
    refused(await ward.sign(note, uuid4()), 409, "note-signed")
    refused(await ward.save(note, revision), 409, "note-signed")
    assert (await ward.one(note)).json()["left_out"] == []


async def test_what_cannot_be_signed(ward: Ward) -> None:
    note = uuid4()
    await ward.begin(note)
    refused(await ward.sign(note, uuid4()), 422, "unknown-revision")
    blank = uuid4()
    await ward.save(note, sections=text("  \n"), revision=blank)
    refused(await ward.sign(note, blank), 422, "nothing-written")
    refused(await ward.sign(note, blank, if_match='"7"'), 422, "nothing-written")
    full = uuid4()
    await ward.save(note, blank, revision=full)
    refused(await ward.sign(note, full, if_match='"7"'), 412, "version-conflict")


async def test_what_cannot_be_begun(ward: Ward, tomorrow: datetime) -> None:
    note, _ = await ward.draft()
    assert (await ward.begin(note)).json()["version"] == 1
    dap = {"template": "00000000-0000-0000-0000-000000000001"}
    refused(await ward.begin(note, **dap), 422, "unknown-template")
    refused(await ward.begin(uuid4(), template_version=2), 422, "unknown-template")
    refused(await ward.begin(uuid4(), appointment=str(uuid4())), 422, "no-such-appointment")
    therapist, stranger, appointment = await ward.clinic.therapist(), ward.clinic.person("patient"), uuid4()
    await stranger.book(therapist, tomorrow, appointment)
    refused(await ward.begin(uuid4(), appointment=str(appointment)), 422, "no-such-appointment")
    refused(await stranger.put(ward.at(uuid4()), json={"template": str(uuid4())}), 403, "forbidden")
    refused(await therapist.put(ward.at(uuid4()), json={"template": str(uuid4())}), 404, "not-found")
    other = ward.treating()
    refused(await ward.begin(note, other), 404, "not-found")
    refused(await ward.author.put(ward.at(appointment), json={"template": str(ward.soap)}), 409, "id-taken")


async def test_a_note_names_the_appointment_it_is_about(ward: Ward, tomorrow: datetime) -> None:
    therapist, appointment, note = await ward.clinic.therapist(), uuid4(), uuid4()
    await ward.patient.book(therapist, tomorrow, appointment)
    assert (await ward.begin(note, appointment=str(appointment))).status_code == 201
    assert (await ward.one(note)).json()["appointment"] == str(appointment)
    refused(await ward.begin(note), 409, "note-begun")


async def test_an_addendum_stands_beside_what_was_signed(ward: Ward) -> None:
    note, revision = await ward.draft()
    addendum = uuid4()
    refused(await ward.add(note, addendum), 409, "note-not-signed")
    await ward.sign(note, revision)
    for _ in range(2):
        assert (await ward.add(note, addendum)).json()["version"] == 3
    refused(await ward.add(note, addendum, "Something else."), 409, "revision-taken")
    refused(await ward.add(note, uuid4(), who=ward.treating()), 403, "forbidden")
    found = (await ward.one(note, ward.supervisor)).json()
    assert [(each["text"], each["by"]) for each in found["addenda"]] == [("And she eats.", str(ward.author.id))]
    assert found["texts"][0]["sections"][0]["text"] == SAID


async def test_what_was_entered_in_error_is_struck_through_and_stays(ward: Ward) -> None:
    (note, revision), colleague = await ward.signed(), ward.treating()
    refused(await ward.strike(note, colleague), 403, "forbidden")
    refused(await ward.strike(note, if_match='"1"'), 412, "version-conflict")
    assert (await ward.strike(note, if_match='"2"')).json()["version"] == 3
    assert await ward.listed() == await ward.listed(colleague) == []
    assert await ward.listed(stage="entered-in-error") == await ward.listed(colleague, stage="entered-in-error")
    found = (await ward.one(note, colleague)).json()
    assert (found["stage"], found["entered_in_error"]["reason"]) == ("entered-in-error", "The wrong patient.")
    assert found["texts"][0]["sections"][0]["text"] == SAID
    for answer in (
        await ward.strike(note),
        await ward.save(note, revision),
        await ward.sign(note, revision),
        await ward.add(note, uuid4()),
        await ward.author.post(ward.at(note, "cosignature-request"), json=None),
    ):
        refused(answer, 409, "note-entered-in-error")


async def test_who_wrote_it_finishes_it_after_care_has_ended_and_nobody_else_sees_it(ward: Ward) -> None:
    (note, revision), (other, _), colleague = await ward.draft(), await ward.signed(), ward.treating()
    assert await ward.listed(colleague) == [str(other)]
    ward.discharged()
    assert (await ward.sign(note, revision)).status_code == 200
    assert set(await ward.listed()) == {str(note), str(other)}
    refused(await ward.one(other, colleague), 404, "not-found")
    refused(await colleague.get(ward.at()), 404, "not-found")
    refused(await ward.begin(uuid4()), 404, "not-found")


async def test_another_clinic_another_patient_and_other_roles_find_nothing(ward: Ward) -> None:
    note, revision = await ward.signed()
    abroad = ward.clinic.person("therapist", "supervisor", known=ward.author.id, tenant=uuid4())
    elsewhere = Ward(ward.clinic)
    elsewhere.author, ward.clinic.identity.told = ward.author, [*ward.clinic.identity.told]
    ward.clinic.identity.told.append(elsewhere.tie("care", ward.author, uuid4()))
    for place, who in ((ward, abroad), (elsewhere, ward.author)):
        refused(await place.one(note, who), 404, "not-found")
        refused(await place.sign(note, revision, who), 404, "not-found")
        refused(await place.save(note, revision, who=who), 404, "not-found")
        refused(await place.strike(note, who), 404, "not-found")
        refused(await place.begin(note, who), 404, "not-found")
        refused(await who.get(place.at(note, "verification")), 404, "not-found")
    for role in ("patient", "reception", "clinic-admin", "privacy-officer", "operator"):
        refused(await ward.one(note, ward.clinic.person(role)), 403, "forbidden")
    ward.clinic.identity.reachable = False
    refused(await ward.one(note, ward.clinic.person("therapist")), 503, "unavailable")


async def test_history_and_changes_are_told_word_by_word(ward: Ward) -> None:
    note, first = await ward.draft()
    second = uuid4()
    later = text("She slept well, and says so.", plan="Again in a week.")
    ward.clinic.clock.pass_(seconds=1)
    await ward.save(note, first, sections=later, revision=second)
    history = (await ward.author.get(ward.at(note, "revisions"))).json()["items"]
    assert [(each["revision"], each["head"]) for each in history] == [(str(first), False), (str(second), True)]
    changes = (await ward.author.get(ward.at(note, "revisions", second, "changes-since", first))).json()
    assert [(one["title"], [(p["change"], p["text"]) for p in one["pieces"]]) for one in changes["sections"]] == [
        ("Subjective", [("same", "She slept"), ("removed", " badly,"), ("added", " well,"), ("same", " and says so.")]),
        ("Plan", [("added", "Again in a week.")]),
    ]
    old = (await ward.author.get(ward.at(note, "revisions", first))).json()
    assert old["sections"][0]["text"] == SAID
    refused(await ward.author.get(ward.at(note, "revisions", uuid4())), 422, "unknown-revision")
    refused(
        await ward.author.get(ward.at(note, "revisions", second, "changes-since", uuid4())), 422, "unknown-revision"
    )
    await ward.sign(note, second)
    for path in ("revisions", f"revisions/{first}", f"revisions/{first}/changes-since/{second}"):
        refused(await ward.supervisor.get(ward.at(note, path)), 403, "forbidden")


async def test_whoever_reads_a_note_can_check_its_signature(ward: Ward) -> None:
    (note, revision), addendum = await ward.draft(), uuid4()
    refused(await ward.author.get(ward.at(note, "verification")), 409, "note-not-signed")
    await ward.sign(note, revision)
    await ward.add(note, addendum)
    found = (await ward.supervisor.get(ward.at(note, "verification"))).json()
    assert (found["holds"], [each["what"] for each in found["checks"]]) == (True, ["text", "addendum"])
    for check in found["checks"]:
        assert hashlib.sha256(check["canonical"].encode()).hexdigest() == check["recorded_sha256"]
    signature = (await ward.one(note)).json()["signature"]
    assert signature["sha256"] == found["checks"][0]["recorded_sha256"]
    async with ward.clinic.database.app(ward.clinic.tenant) as tx:
        taken = await tx.execute(TAKE, (revision,))
        await tx.execute(FORGE, (*(await taken.fetchone() or ()), uuid4()))
    found = (await ward.supervisor.get(ward.at(note, "verification"))).json()
    assert (found["holds"], [each["holds"] for each in found["checks"]]) == (False, [False, True])
    assert found["checks"][0]["found_sha256"] is None


async def test_reads_and_saves_are_audited_under_the_patient(ward: Ward) -> None:
    note, _ = await ward.signed()
    await ward.one(note, ward.supervisor)
    await ward.listed()
    rows = [(row.action, row.actor, row.subject, row.outcome) for row in ward.clinic.audited]
    patient, author = ward.patient.id, ward.author.id
    assert rows == [
        ("notes.saved", author, patient, "done"),
        ("notes.read", ward.supervisor.id, patient, "done"),
        ("notes.listed", author, patient, "done"),
    ]
    assert SAID not in str(ward.clinic.audited)
