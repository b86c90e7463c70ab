"""Notes of clinicians who left: who keeps them, hands them over and opens them, and that nobody else does."""

from typing import Any
from uuid import uuid4

import pytest
from tests.therapy.ward import SAID, Ward

from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.kernel.postgres import TENANT
from mindlyfe.kernel.testing.answers import refused

WHY = {"ground": "patient-authorisation", "words": "She asked for it in writing."}


class Custody:
    """A custodian, and notes of an author who left."""

    def __init__(self, clinic: Any) -> None:
        self.clinic, self.admin = clinic, clinic.person("clinic-admin")
        self.sato = clinic.person("supervisor")
        self.progress, self.apart = Ward(clinic), Ward(clinic, "psychotherapy-notes")
        self.apart.author, self.apart.patient = self.progress.author, self.progress.patient
        author = self.progress.author
        clinic.identity.told = [self.progress.tie("care", author, uuid4())]

    async def name(self, person: Any, **headers: str) -> Any:
        return await self.admin.put("/v1/note-custodian", json={"person": str(person.id)}, **headers)

    async def leave(self, person: Any) -> None:
        self.clinic.identity.gone.add(person.id)
        model = next(one for one in self.clinic.module.follows if one.name == "leavers")
        heard = self.clinic.heard(MemberLeftV1(person=person.id, at=self.clinic.clock.now))
        async with self.clinic.database.worker() as tx:
            await tx.execute(TENANT, (str(self.clinic.tenant),))
            for _ in range(2):
                await model.apply(tx, [heard])

    async def kept(self, name: str, by: Any = None) -> list[str]:
        answer = await (by or self.sato).get(f"/v1/custody/{name}")
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]

    async def open(self, ward: Ward, note: Any, by: Any = None, **why: Any) -> Any:
        return await (by or self.sato).post(ward.at(note, "opening"), json=WHY | why)

    async def hand_over(self, ward: Ward, note: Any, to: Any, by: Any = None, **why: Any) -> Any:
        return await (by or self.sato).post(ward.at(note, "handover"), json={"to": str(to.id)} | WHY | why)


@pytest.fixture
def custody(clinic: Any) -> Custody:
    return Custody(clinic)


async def test_the_custodian_lists_what_only_the_leaver_could_read(custody: Custody) -> None:
    (draft, _), (signed, _), (hidden, _) = (
        await custody.progress.draft(),
        await custody.progress.signed(),
        await custody.apart.signed(),
    )
    await custody.name(custody.sato)
    assert await custody.kept("notes") == []
    await custody.leave(custody.progress.author)
    assert await custody.kept("notes") == [str(draft)]
    assert str(signed) not in await custody.kept("notes"), "care reads it"
    assert await custody.kept("psychotherapy-notes") == [str(hidden)]
    custody.clinic.identity.gone.clear()
    assert await custody.kept("notes") == [], "who came back keeps their own"


async def test_the_custodian_reads_nothing_before_saying_what_for(custody: Custody) -> None:
    ward = custody.apart
    note, _ = await ward.signed()
    await custody.name(custody.sato)
    await custody.leave(ward.author)
    refused(await ward.one(note, custody.sato), 404, "not-found")
    refused(await custody.open(ward, note, ground="continuity-of-care"), 422, "ground-not-enough")
    assert (await custody.open(ward, note)).status_code == 200
    assert (await ward.one(note, custody.sato)).json()["texts"][0]["sections"][0]["text"] == SAID
    letter = {"excerpt": "She copes.", "purpose": "Housing", "recipient": "A court"}
    answer = await custody.sato.put(ward.at(note, "disclosures", uuid4()), json=letter)
    assert answer.status_code == 201, answer.text
    assert len((await custody.sato.get(ward.at(note, "disclosures"))).json()["items"]) == 1
    refused(await ward.add(note, uuid4(), who=custody.sato), 403, "forbidden")
    custody.clinic.clock.pass_(hours=25)
    refused(await ward.one(note, custody.sato), 404, "not-found")


async def test_a_note_is_handed_to_who_needs_it(custody: Custody) -> None:
    colleague = custody.clinic.person("therapist")
    await custody.name(custody.sato)
    for ward in (custody.progress, custody.apart):
        note, revision = await ward.draft()
        await custody.leave(ward.author)
        refused(await ward.one(note, colleague), 404, "not-found")
        for version in (2, 2):
            assert (await custody.hand_over(ward, note, colleague)).json()["version"] == version
        assert await custody.kept(ward.name) == []
        assert (await ward.one(note, colleague)).json()["texts"][0]["sections"][0]["text"] == SAID
        assert await ward.listed(colleague) == [str(note)]
        refused(await ward.sign(note, revision, colleague), 403, "forbidden")
        refused(await ward.one(note, custody.sato), 404, "not-found")
        custody.clinic.identity.gone.clear()


async def test_what_is_not_in_custody_is_not_there(custody: Custody) -> None:
    ward, colleague = custody.apart, custody.clinic.person("therapist")
    (note, _), (struck, _) = await ward.signed(), await ward.signed()
    signed, _ = await custody.progress.signed()
    await ward.strike(struck)
    await custody.name(custody.sato)
    for step in (custody.open(ward, note), custody.hand_over(ward, note, colleague)):
        refused(await step, 404, "not-found")
    await custody.leave(ward.author)
    refused(await custody.open(ward, struck), 409, "note-entered-in-error")
    refused(await custody.hand_over(ward, struck, colleague), 409, "note-entered-in-error")
    refused(await custody.hand_over(ward, note, colleague, ground="continuity-of-care"), 422, "ground-not-enough")
    for step in (
        custody.open(custody.progress, signed),
        custody.open(ward, uuid4()),
        custody.open(custody.progress, note),
        custody.hand_over(ward, uuid4(), colleague),
    ):
        refused(await step, 404, "not-found")
    custody.clinic.identity.gone.add(colleague.id)
    refused(await custody.hand_over(ward, note, colleague), 404, "not-found")


async def test_nobody_but_the_custodian_keeps_them(custody: Custody) -> None:
    ward, clinic = custody.apart, custody.clinic
    note, _ = await ward.signed()
    await custody.leave(ward.author)
    stranger = clinic.person("supervisor", "privacy-officer", tenant=uuid4())
    for somebody in (custody.sato, ward.treating("supervisor"), stranger):
        refused(await somebody.get("/v1/custody/notes"), 404, "not-found")
        refused(await somebody.get("/v1/custody/psychotherapy-notes"), 404, "not-found")
        refused(await custody.open(ward, note, somebody), 404, "not-found")
        refused(await custody.hand_over(ward, note, custody.sato, somebody), 404, "not-found")
    officer = clinic.person("privacy-officer")
    await custody.name(officer)
    assert await custody.kept("psychotherapy-notes", officer) == [str(note)]
    refused(await custody.open(ward, note, officer), 403, "forbidden")
    assert (await custody.hand_over(ward, note, custody.sato, officer)).status_code == 200
    clinic.identity.gone.add(officer.id)
    refused(await officer.get("/v1/custody/notes"), 404, "not-found")


async def test_an_administrator_names_one_custodian(custody: Custody) -> None:
    assert (await custody.admin.get("/v1/note-custodian")).json() == {"person": None, "version": 0}
    assert (await custody.name(custody.sato)).json()["version"] == 1
    assert (await custody.name(custody.sato)).json()["version"] == 1, "the same again"
    other = custody.clinic.person("supervisor")
    refused(await custody.name(other, if_match='"7"'), 412, "version-conflict")
    assert (await custody.name(other)).json() == {"person": str(other.id), "version": 2}
    custody.clinic.identity.gone.add(other.id)
    refused(await custody.name(other), 404, "not-found")
    custody.clinic.identity.reachable = False
    refused(await custody.name(custody.sato), 503, "unavailable")
    refused(await other.get("/v1/custody/notes"), 503, "unavailable")
    refused(await custody.open(custody.progress, uuid4(), other), 503, "unavailable")
    refused(await custody.hand_over(custody.progress, uuid4(), other, other), 503, "unavailable")
    refused(await custody.sato.put("/v1/note-custodian", json={"person": str(other.id)}), 403, "forbidden")


async def test_long_drafts_are_pruned_while_they_are_written(custody: Custody) -> None:
    ward = custody.progress
    note, base = await ward.draft()
    for second in range(55):
        custody.clinic.clock.pass_(seconds=1)
        revision = uuid4()
        said = [{"section": "subjective", "text": f"Draft {second}"}]
        assert (await ward.save(note, base, sections=said, revision=revision)).status_code == 200
        base = revision
    history = (await ward.author.get(ward.at(note, "revisions"))).json()["items"]
    assert [one["pruned"] for one in history] == [True] * 6 + [False] * 50
    refused(await ward.author.get(ward.at(note, "revisions", history[0]["revision"])), 422, "unknown-revision")
    assert (await ward.sign(note, base)).status_code == 200
    assert (await ward.author.get(ward.at(note, "verification"))).json()["holds"]
