"""What every store of notes' texts must do: one suite, passed by PostgreSQL and by memory; the next store joins here.

Nothing here takes a transaction that spans the store and the log.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.secrecy import Unreadable
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.therapy.adapters.documents import SealedDocuments
from mindlyfe.therapy.adapters.note_shelf import PostgresShelf
from mindlyfe.therapy.application.documents import Documents
from mindlyfe.therapy.contract.note_refusals import RevisionTaken
from mindlyfe.therapy.domain.note_text import Document, Section, digest
from mindlyfe.therapy.testing.documents import MemoryDocuments

NOW = datetime(2026, 6, 1, 9, 30, 0, 123456, tzinfo=UTC)
SECRET = "Zugspitze: ünïcode, 'quotes', \\backslashes\n and {braces} 😀"
TENANT = TenantId(uuid4())


def sealed(database: Database) -> SealedDocuments:
    return SealedDocuments("progress", MemoryKeys().of, PostgresShelf(database, "note_document"))


STORES: dict[str, Callable[[Any], Documents]] = {"postgresql": sealed, "memory": lambda _: MemoryDocuments()}


@pytest.fixture(params=STORES)
def documents(request: pytest.FixtureRequest) -> Documents:
    database = request.getfixturevalue("database") if request.param == "postgresql" else None
    return STORES[request.param](database)


def document(note: UUID | None = None, **fields: Any) -> Document:
    made = Document(
        note=note or uuid4(),
        revision=uuid4(),
        patient=PersonId(uuid4()),
        author=PersonId(uuid4()),
        part="text",
        base=(),
        at=NOW,
        sections=(Section("subjective", SECRET), Section("plan", "")),
        salt=uuid4(),
    )
    return msgspec.structs.replace(made, **fields)


async def test_what_was_put_is_read_as_it_was(documents: Documents) -> None:
    one = document(base=(uuid4(), uuid4()))
    assert await documents.put(TENANT, one) == one
    found = await documents.get(TENANT, one.note, one.revision)
    assert found is not None
    assert found == one
    assert digest(TENANT, found) == digest(TENANT, one)


async def test_what_is_not_there_is_nothing(documents: Documents) -> None:
    one = await documents.put(TENANT, document())
    assert await documents.get(TENANT, one.note, uuid4()) is None
    assert await documents.get(TENANT, uuid4(), one.revision) is None
    assert await documents.get(TenantId(uuid4()), one.note, one.revision) is None
    assert list(await documents.revisions(TenantId(uuid4()), one.note)) == []


async def test_the_same_again_keeps_the_first(documents: Documents) -> None:
    one = await documents.put(TENANT, document())
    again = msgspec.structs.replace(one, at=NOW + timedelta(seconds=9), salt=uuid4())
    assert await documents.put(TENANT, again) == one
    assert await documents.get(TENANT, one.note, one.revision) == one


@pytest.mark.parametrize(
    "other", [{"sections": ()}, {"base": (UUID(int=1),)}, {"part": "addendum"}, {"author": PersonId(UUID(int=1))}]
)
async def test_another_text_with_the_same_id_is_refused_and_changes_nothing(
    documents: Documents, other: dict[str, Any]
) -> None:
    one = await documents.put(TENANT, document())
    with pytest.raises(RevisionTaken):
        await documents.put(TENANT, msgspec.structs.replace(one, **other))
    assert await documents.get(TENANT, one.note, one.revision) == one


async def test_of_many_that_race_for_an_id_one_stands(documents: Documents) -> None:
    one = document()
    rivals = [msgspec.structs.replace(one, sections=(Section("plan", str(n % 3)),)) for n in range(6)]
    answers = await asyncio.gather(*(documents.put(TENANT, each) for each in rivals), return_exceptions=True)
    [won] = {each.sections for each in answers if isinstance(each, Document)}
    assert {type(each) for each in answers} == {Document, RevisionTaken}
    found = await documents.get(TENANT, one.note, one.revision)
    assert found is not None
    assert found.sections == won


async def test_all_of_a_note_come_without_content_oldest_first(documents: Documents) -> None:
    note = uuid4()
    later = await documents.put(TENANT, document(note, at=NOW + timedelta(microseconds=1), part="addendum"))
    first = await documents.put(TENANT, document(note))
    await documents.put(TENANT, document())
    found = await documents.revisions(TENANT, note)
    assert [one.revision for one in found] == [first.revision, later.revision]
    assert [(one.part, one.at, one.base) for one in found] == [("text", NOW, ()), ("addendum", later.at, ())]
    assert not any(isinstance(one, Document) for one in found)


async def test_a_text_is_pruned_and_what_came_of_it_stays(documents: Documents) -> None:
    first = await documents.put(TENANT, document())
    second = await documents.put(TENANT, document(first.note, base=(first.revision,), at=NOW + timedelta(seconds=1)))
    added = await documents.put(TENANT, document(first.note, part="addendum", at=NOW + timedelta(seconds=2)))
    for _ in range(2):
        await documents.prune(TENANT, first.note, [first.revision])
    await documents.prune(TenantId(uuid4()), first.note, [second.revision])
    await documents.prune(TENANT, uuid4(), [second.revision])
    assert await documents.get(TENANT, first.note, first.revision) is None
    assert await documents.get(TENANT, first.note, second.revision) == second
    assert await documents.get(TENANT, first.note, added.revision) == added
    found = await documents.revisions(TENANT, first.note)
    assert [(one.revision, one.base, one.pruned) for one in found] == [
        (first.revision, (), True),
        (second.revision, (first.revision,), False),
        (added.revision, (), False),
    ]
    with pytest.raises(RevisionTaken):
        await documents.put(TENANT, first)


async def test_a_patient_is_erased_and_nobody_else(documents: Documents) -> None:
    gone, other = document(), document()
    kept = document(gone.note)
    for one in (gone, other, kept):
        await documents.put(TENANT, one)
    for _ in range(2):
        await documents.erase(TENANT, gone.patient)
        await documents.erase(TenantId(uuid4()), other.patient)
    assert await documents.get(TENANT, gone.note, gone.revision) is None
    assert [one.revision for one in await documents.revisions(TENANT, gone.note)] == [kept.revision]
    assert await documents.get(TENANT, other.note, other.revision) == other


async def test_nothing_readable_reaches_the_table_and_a_destroyed_key_opens_nothing(database: Database) -> None:
    keys = MemoryKeys()
    documents = SealedDocuments("progress", keys.of, PostgresShelf(database, "note_document"))
    one = await documents.put(TENANT, document())
    async with database.app(TENANT) as tx:
        query = "select note_document::text, sealed from note_document where revision = %s"
        text, stored = await (await tx.execute(query, (one.revision,))).fetchone() or ("", b"")
    for word in (b"Zugspitze", b"subjective", b"braces"):
        assert word not in stored
        assert word.hex() not in text
    await keys.erase(TENANT, one.patient)
    with pytest.raises(Erased):
        await documents.get(TENANT, one.note, one.revision)
    with pytest.raises(Erased):
        await documents.put(TENANT, msgspec.structs.replace(one, revision=uuid4()))


async def test_the_key_of_the_record_opens_no_psychotherapy_note(database: Database) -> None:
    keys, shelf = MemoryKeys(), PostgresShelf(database, "psychotherapy_note_document")

    async def apart(tenant: TenantId, person: PersonId) -> Any:
        return await keys.of_class(tenant, person, "psychotherapy-note")

    one = await SealedDocuments("psychotherapy", apart, shelf).put(TENANT, document())
    with pytest.raises(Unreadable):
        await SealedDocuments("psychotherapy", keys.of, shelf).get(TENANT, one.note, one.revision)
    with pytest.raises(Unreadable):
        await SealedDocuments("progress", apart, shelf).get(TENANT, one.note, one.revision)


async def test_sealed_bytes_open_in_their_own_place_alone(database: Database) -> None:
    documents = sealed(database)
    one = await documents.put(TENANT, document())
    two = await documents.put(TENANT, document(one.note, patient=one.patient))
    swap = """
        insert into note_document (note, revision, patient, author, part, base, at, sealed)
        select note, %s, patient, author, part, base, at, sealed from note_document where revision = %s"""
    moved = uuid4()
    async with database.app(TENANT) as tx:
        await tx.execute(swap, (moved, two.revision))
    with pytest.raises(Unreadable):
        await documents.get(TENANT, one.note, moved)
