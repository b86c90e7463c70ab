"""The text of a note: heads, what a signature covers, and the form that is hashed."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.therapy.contract.note_refusals import NoteInConflict, NothingWritten, RevisionOutdated, UnknownRevision
from mindlyfe.therapy.contract.note_templates import UnknownSection
from mindlyfe.therapy.domain.note_text import (
    NEWEST_KEPT,
    Document,
    Part,
    Revision,
    Section,
    based,
    canonical,
    digest,
    filled,
    heads,
    left_out,
    prunable,
    signable,
    written,
)

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
CLINIC = TenantId(UUID(int=9))


def document(number: int, *base: int, part: Part = "text", text: str = "x") -> Document:
    return Document(
        note=UUID(int=1),
        revision=UUID(int=100 + number),
        patient=PersonId(UUID(int=2)),
        author=PersonId(UUID(int=3)),
        part=part,
        base=tuple(UUID(int=100 + one) for one in base),
        at=NOW + timedelta(seconds=number),
        sections=(Section("plan", text),),
        salt=UUID(int=4),
    )


def numbers(revisions: list[Revision]) -> list[int]:
    return [one.revision.int - 100 for one in revisions]


def test_what_is_replaced_is_no_head() -> None:
    assert numbers(heads([document(1), document(2, 1)])) == [2]
    assert numbers(heads([document(1), document(2, 1), document(3, 1)])) == [2, 3]
    assert numbers(heads([document(1), document(2, 1), document(3, 1), document(4, 2, 3)])) == [4]
    assert numbers(heads([document(1), document(2, part="addendum"), document(3, part="disclosure")])) == [1]
    assert heads([]) == []


@given(parents=st.lists(st.sets(st.integers(0, 20), max_size=3), max_size=15))
def test_every_text_is_a_head_or_lives_on_under_one(parents: list[set[int]]) -> None:
    """Whatever is based on whatever came before it, nothing falls out of sight."""
    made = [document(n, *(each % n for each in base if n)) for n, base in enumerate(parents)]
    known = {one.revision: one for one in made}
    reached = {one.revision for one in heads(made)}
    waiting = list(reached)
    while waiting:
        for base in known[waiting.pop()].base:
            if base not in reached:
                reached.add(base)
                waiting.append(base)
    assert reached == known.keys()


def test_only_the_one_newest_text_is_signed() -> None:
    split = [document(1), document(2, 1), document(3, 1)]
    joined = [*split, document(4, 2, 3), document(5, part="addendum")]
    assert signable(UUID(int=104), joined) == UUID(int=104)
    for number, known, refusal in (
        (2, split, NoteInConflict),
        (2, joined, RevisionOutdated),
        (5, joined, UnknownRevision),
        (9, joined, UnknownRevision),
        (1, [], UnknownRevision),
    ):
        with pytest.raises(refusal):
            signable(UUID(int=100 + number), known)


def test_what_came_beside_the_signed_text_is_left_out_and_shown() -> None:
    known = [document(1), document(2, 1), document(3, 1), document(4, part="addendum")]
    assert numbers(left_out(UUID(int=102), known)) == [3]
    assert left_out(UUID(int=102), known[:2]) == []


def test_a_base_is_a_text_of_the_note() -> None:
    known = [document(1), document(2), document(3, part="addendum")]
    assert based([UUID(int=102), UUID(int=101), UUID(int=102)], known) == (UUID(int=101), UUID(int=102))
    assert based([], known) == ()
    for number in (3, 4):
        with pytest.raises(UnknownRevision):
            based([UUID(int=100 + number)], known)


def test_sections_are_those_of_the_template_each_once_in_its_order() -> None:
    keys = ["data", "assessment", "plan"]
    given_ = [Section("plan", "b"), Section("data", "a")]
    assert filled(given_, keys) == (Section("data", "a"), Section("plan", "b"))
    for wrong in ([Section("mood", "")], [Section("plan", ""), Section("plan", "")]):
        with pytest.raises(UnknownSection):
            filled(wrong, keys)


def test_blank_text_is_nothing_to_sign() -> None:
    written(document(1, text=" x "))
    with pytest.raises(NothingWritten):
        written(document(1, text=" \n\t"))


def test_the_hashed_form_never_changes() -> None:
    """What was signed years ago is verified by this form: a change here breaks every signature there is."""
    one = document(1, 0, text="Schlaf: gut\n")
    assert canonical(CLINIC, one).decode() == (
        '{"format":"mindlyfe-note-1","clinic":"00000000-0000-0000-0000-000000000009",'
        '"patient":"00000000-0000-0000-0000-000000000002","note":"00000000-0000-0000-0000-000000000001",'
        '"part":"text","revision":"00000000-0000-0000-0000-000000000065",'
        '"base":["00000000-0000-0000-0000-000000000064"],"author":"00000000-0000-0000-0000-000000000003",'
        '"at":"2026-06-01T09:00:01Z","sections":[{"section":"plan","text":"Schlaf: gut\\n"}],'
        '"salt":"00000000-0000-0000-0000-000000000004"}'
    )
    assert digest(CLINIC, one) == hashlib.sha256(canonical(CLINIC, one)).hexdigest()


@given(
    field=st.sampled_from(["patient", "note", "revision", "author", "salt", "at", "base", "part", "sections"]),
    text=st.text(max_size=40),
)
def test_every_member_counts_and_it_is_json(field: str, text: str) -> None:
    one = document(1, text=text)
    changed = {
        "at": NOW,
        "base": (UUID(int=7),),
        "part": "addendum",
        "sections": (Section("plan", text + "."),),
    }.get(field, UUID(int=77))
    other = msgspec.structs.replace(one, **{field: changed})
    assert digest(CLINIC, other) != digest(CLINIC, one) != digest(TenantId(UUID(int=8)), one)
    assert json.loads(canonical(CLINIC, one))["sections"] == [{"section": "plan", "text": text}]


def test_what_is_sent_twice_says_the_same() -> None:
    one = document(1)
    assert one.says(msgspec.structs.replace(one, at=NOW, salt=UUID(int=5)))
    assert not one.says(msgspec.structs.replace(one, sections=()))


def made(number: int, *base: int, part: Part = "text", after: timedelta = timedelta()) -> Document:
    return msgspec.structs.replace(document(number, *base, part=part), at=NOW + after)


def test_of_a_long_draft_the_newest_texts_and_the_last_of_each_day_are_kept() -> None:
    many = [made(n, *([n - 1] if n else []), after=timedelta(minutes=20 * n)) for n in range(200)]
    spare = prunable([*many, made(900, part="addendum")])
    left = [one for one in many if one.revision not in spare]
    assert left[-NEWEST_KEPT:] == many[-NEWEST_KEPT:]
    days = {one.at.date(): one.revision for one in many}
    assert {one.revision for one in left[:-NEWEST_KEPT]} <= set(days.values())
    assert len(left) < NEWEST_KEPT + len(days)
    gone = [msgspec.structs.replace(one, pruned=one.revision in spare) for one in many]
    assert (heads(gone), prunable(gone)) == (heads(many), []), "what came of what was pruned is known, and it goes once"


def test_what_nobody_joined_is_never_let_go() -> None:
    fork = made(1)
    long = [made(n, *([n - 1] if n > 2 else []), after=timedelta(seconds=n)) for n in range(2, 90)]
    assert fork.revision not in prunable([fork, *long])
    assert prunable([fork, *long])
