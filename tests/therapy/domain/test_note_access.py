"""Which rule opens which note: care begins one, its author keeps it, psychotherapy notes are nobody else's."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from mindlyfe.kernel.errors import Forbidden, NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.policy import NO_TIES, Action, Thing, Tie, Ties
from mindlyfe.kernel.testing.principals import principal
from mindlyfe.therapy.domain.custody import Opened
from mindlyfe.therapy.domain.note import Begun, Kind, Note, Signed
from mindlyfe.therapy.domain.note_access import NOTE_POLICY, kept, new_note, notes_of, own, placed, seen, thing

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
AUTHOR, PATIENT = principal("therapist", aal=2), PersonId(uuid4())
CARE = Ties((Tie("care", NOW - timedelta(days=1)),))
SUPERVISION = Ties((Tie("supervision", NOW - timedelta(days=1)),))
GLASS = Ties((Tie("break-glass", NOW - timedelta(hours=1)),))


def note(kind: Kind = "progress", *, signed: bool = False) -> Note:
    begun = Begun(
        patient=PATIENT,
        author=AUTHOR.id,
        kind=kind,
        template=uuid4(),
        template_version=1,
        appointment=None,
        at=NOW,
    )
    signature = Signed(revision=uuid4(), sha256="x", by=AUTHOR.id, at=NOW) if signed else None
    return Note(begun=begun, signed=signature)


def may(who: Any, action: Action, what: Thing, ties: Ties = NO_TIES) -> bool:
    return NOTE_POLICY.decide(who, action, what, ties, NOW).allowed


def other(role: Any = "therapist") -> Any:
    return principal(role, tenant=AUTHOR.tenant, aal=2)


@pytest.mark.parametrize("kind", ["progress", "psychotherapy"])
def test_a_note_is_begun_by_who_treats_the_patient_and_by_nobody_else(kind: Kind) -> None:
    wish = new_note(AUTHOR, PATIENT, kind)
    assert may(AUTHOR, "write", wish, CARE)
    assert not any(may(AUTHOR, "write", wish, ties) for ties in (NO_TIES, SUPERVISION, GLASS))


def test_a_progress_note_is_its_authors_to_finish_and_open_to_care() -> None:
    there = thing(AUTHOR.tenant, note(), NOW)
    assert may(AUTHOR, "read", there)
    assert may(AUTHOR, "write", there)
    assert all(may(other("supervisor"), "read", there, ties) for ties in (CARE, SUPERVISION, GLASS))
    assert not may(other(), "read", there)
    assert not may(principal("reception", tenant=AUTHOR.tenant, aal=2), "read", there, CARE)


def test_a_psychotherapy_note_is_its_authors_alone() -> None:
    there = thing(AUTHOR.tenant, note("psychotherapy"), NOW)
    assert may(AUTHOR, "read", there)
    assert may(AUTHOR, "write", there, CARE)
    assert not may(AUTHOR, "write", there)
    for ties in (CARE, SUPERVISION, GLASS):
        assert not may(other("supervisor"), "read", there, ties)
    for action in ("export", "analyse"):
        assert not may(AUTHOR, action, there, CARE)
        assert not may(AUTHOR, action, notes_of(AUTHOR.tenant, PATIENT, "psychotherapy"), CARE)


def test_a_note_is_found_on_its_patient_among_its_kind() -> None:
    one = note()
    assert placed(one, PATIENT, "progress") is one
    assert placed(one, PersonId(uuid4()), "progress") is None
    assert placed(one, PATIENT, "psychotherapy") is None
    assert placed(None, PATIENT, "progress") is None


def test_a_draft_is_seen_by_its_author_alone() -> None:
    draft, signed, stranger = note(), note(signed=True), PersonId(uuid4())
    assert seen(draft, AUTHOR.id, NOW) is draft
    assert seen(signed, stranger, NOW) is signed
    for hidden in (draft, None):
        with pytest.raises(NotFound):
            seen(hidden, stranger, NOW)
    with pytest.raises(Forbidden):
        own(signed, stranger)


@pytest.mark.parametrize("kind", ["progress", "psychotherapy"])
def test_who_was_given_a_note_or_opened_it_reads_it_and_changes_nothing(kind: Kind) -> None:
    keeper, custodian = other(), other("supervisor")
    opened = Opened(by=custodian.id, ground="court-order", words="Case 7", at=NOW)
    draft = msgspec.structs.replace(note(kind), keeper=keeper.id, opened=opened)
    for reader in (keeper, custodian):
        assert may(reader, "read", thing(AUTHOR.tenant, draft, NOW))
        assert seen(draft, reader.id, NOW) is draft
        assert kept(draft, reader.id, NOW) is draft
        with pytest.raises(Forbidden):
            own(draft, reader.id)
    later = NOW + timedelta(hours=24, seconds=1)
    assert may(keeper, "read", thing(AUTHOR.tenant, draft, later))
    assert not may(custodian, "read", thing(AUTHOR.tenant, draft, later))
    with pytest.raises(NotFound):
        seen(draft, custodian.id, later)
    with pytest.raises(Forbidden):
        kept(draft, custodian.id, later)
    assert not may(
        principal("privacy-officer", tenant=AUTHOR.tenant, person=keeper.id, aal=2),
        "read",
        thing(AUTHOR.tenant, draft, NOW),
    )
