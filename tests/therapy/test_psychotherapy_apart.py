"""Psychotherapy notes stand apart by construction: other tables, another key, and no way that leads out of them."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fhir.resources.R4B.documentreference import DocumentReference
from psycopg.sql import SQL, Identifier
from tests.therapy.ward import SAID, Ward

import mindlyfe
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.personal import PersonalData, Topic
from mindlyfe.kernel.postgres import address
from mindlyfe.kernel.testing.stand_ins import MemoryObjects
from mindlyfe.therapy.adapters import notes_told

ROOT = Path(mindlyfe.__file__).parent
ONLY_HERE = {"therapy/notes_wiring.py"}
"""Where the tables are named and the key is asked for: it gives both to one drawer, which the export never gets."""
DOCUMENTS = ("note_document", "psychotherapy_note_document")


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def test_one_module_names_the_tables_and_asks_for_the_key() -> None:
    naming = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "psychotherapy_note" in node.value
    }
    asking = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "of_class"
    }
    assert (naming, asking) == (ONLY_HERE, ONLY_HERE)


def test_the_export_is_given_the_drawer_of_progress_notes_alone() -> None:
    tree = ast.parse((ROOT / "therapy/notes_wiring.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "NotesTold"]
    assert [ast.unparse(call) for call in calls] == [
        "NotesTold(progress.listed, parts.streams, progress.documents, parts.templates)"
    ]
    assert "psychotherapy" not in Path(notes_told.__file__).read_text().replace('"progress"', "")
    assert not [topic for topic in Topic.__value__.__args__ if "psychotherapy" in topic]


@pytest.mark.parametrize("table", DOCUMENTS)
def test_texts_are_added_and_deleted_never_changed_and_no_worker_reads_them(
    databases: DatabaseSettings, table: str
) -> None:
    with psycopg.connect(address(databases, "therapy_owner")) as owner:
        for role, wanted in (("therapy_app", {"select", "insert", "delete"}), ("therapy_worker", set[str]())):
            rights = {"select", "insert", "update", "delete", "truncate"}
            asked = {
                right: owner.execute("select has_table_privilege(%s, %s, %s)", (role, table, right)) for right in rights
            }
            assert {right for right, answer in asked.items() if (answer.fetchone() or (False,))[0]} == wanted


async def exported(clinic: Any, person: PersonId) -> list[Any]:
    data = PersonalData(clinic.database, MemoryObjects(), clinic.module.personal)  # type: ignore[arg-type]
    told = await data.export(tenant=clinic.tenant, person=person, after=None)
    assert told.next == "audit:0"
    return told.entries


async def test_the_export_tells_signed_progress_notes_and_no_others(clinic: Any) -> None:
    ward, apart = Ward(clinic), Ward(clinic, "psychotherapy-notes")
    apart.author, apart.patient = ward.author, ward.patient
    clinic.identity.told.append(ward.tie("care", ward.author, uuid4()))
    (note, _), (struck, _) = await ward.signed(), await ward.signed()
    await ward.add(note, uuid4(), "And she eats.")
    await ward.strike(struck)
    await ward.draft()
    hidden, _ = await apart.signed()
    letter = {"excerpt": "She copes.", "purpose": "Housing", "recipient": "A court"}
    await apart.author.put(apart.at(hidden, "disclosures", uuid4()), json=letter)
    [entry] = await exported(clinic, ward.patient.id)
    assert (entry.topic, entry.values["note"]) == ("notes", str(note))
    assert [one["text"] for one in entry.values["texts"]] == [f"Subjective\n{SAID}", "And she eats."]
    resource = DocumentReference.model_validate(entry.resource)
    assert (resource.status, resource.docStatus, len(resource.content)) == ("current", "amended", 2)
    assert '"34785-6"' in resource.model_dump_json()
    assert await exported(clinic, ward.author.id) == []


async def test_retention_counts_all_of_them_and_erasing_leaves_none(clinic: Any) -> None:
    ward, apart, other = Ward(clinic), Ward(clinic, "psychotherapy-notes"), Ward(clinic)
    apart.author, apart.patient, other.author = ward.author, ward.patient, ward.author
    for one in (ward, other):
        clinic.identity.told.append(one.tie("care", ward.author, uuid4()))
    data = PersonalData(clinic.database, MemoryObjects(), clinic.module.personal)  # type: ignore[arg-type]
    asked = {"tenant": clinic.tenant, "person": ward.patient.id}
    assert await data.retained(**asked) == []
    (note, _), (hidden, _), (kept, _) = await ward.signed(), await apart.draft(), await other.signed()
    assert [(one.records, one.count) for one in await data.retained(**asked)] == [("clinical", 1), ("clinical", 1)]
    for _ in range(2):
        await data.erase(**asked)
    async with clinic.database.app(clinic.tenant) as tx:
        for table in ("note", "psychotherapy_note", *DOCUMENTS):
            rows = await tx.execute(SQL("select note from {}").format(Identifier(table)))
            assert {one for (one,) in await rows.fetchall()}.isdisjoint({note, hidden}), table
    assert (await other.one(kept)).json()["stage"] == "signed"
    assert await data.retained(**asked) == []
