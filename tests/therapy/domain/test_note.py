"""A note's life against a model of its own: which steps are possible where, and what each refusal says."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mindlyfe.kernel.errors import Forbidden
from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract.note_refusals import (
    AlreadyCosigned,
    CosignatureNotAsked,
    DisclosureTaken,
    NoteBegun,
    NoteNotSigned,
    NoteSigned,
    NoteStruck,
    RevisionTaken,
)
from mindlyfe.therapy.domain.note import (
    Begun,
    Change,
    Disclosed,
    Note,
    addend,
    ask_cosignature,
    begin,
    cosign,
    disclose,
    evolve,
    sign,
    strike,
    writable,
)

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
PATIENT, AUTHOR, SUPERVISOR, OTHER = (PersonId(UUID(int=n)) for n in range(1, 5))
BEGUN = Begun(
    patient=PATIENT,
    author=AUTHOR,
    kind="progress",
    template=UUID(int=5),
    template_version=1,
    appointment=None,
    at=NOW,
)


def after(*steps: Callable[[Note], Sequence[Change]]) -> Note:
    state = evolve(None, BEGUN)
    for step in steps:
        for change in step(state):
            state = evolve(state, change)
    return state


def signing(state: Note, number: int = 1) -> Sequence[Change]:
    return sign(state, revision=UUID(int=number), sha256=f"hash {number}", by=AUTHOR, at=NOW)


def adding(state: Note, number: int = 1, sha256: str = "hash") -> Sequence[Change]:
    return addend(state, addendum=UUID(int=number), sha256=sha256, by=AUTHOR, at=NOW)


def asking(state: Note) -> Sequence[Change]:
    return ask_cosignature(state, by=AUTHOR, at=NOW)


def cosigning(state: Note, by: PersonId = SUPERVISOR) -> Sequence[Change]:
    return cosign(state, by=by, at=NOW)


def striking(state: Note) -> Sequence[Change]:
    return strike(state, reason="wrong patient", by=AUTHOR, at=NOW)


def test_beginning_twice_in_the_same_way_is_beginning_once() -> None:
    state = evolve(None, BEGUN)
    assert begin(None, BEGUN) == [BEGUN]
    later = msgspec.structs.replace(BEGUN, at=datetime(2027, 1, 1, tzinfo=UTC))
    assert begin(state, later) == []
    for other in ({"template_version": 2}, {"appointment": UUID(int=8)}, {"kind": "psychotherapy"}):
        with pytest.raises(NoteBegun):
            begin(state, msgspec.structs.replace(BEGUN, **other))


@pytest.mark.parametrize(
    ("steps", "step", "refusal"),
    [
        ([signing], lambda note: signing(note, 2), NoteSigned),
        ([striking], signing, NoteStruck),
        ([signing, striking], signing, NoteStruck),
        ([], adding, NoteNotSigned),
        ([signing, striking], adding, NoteStruck),
        ([signing, adding], lambda note: adding(note, 1, "another"), RevisionTaken),
        ([], asking, NoteNotSigned),
        ([signing, striking], asking, NoteStruck),
        ([signing, asking, cosigning], asking, AlreadyCosigned),
        ([], cosigning, NoteNotSigned),
        ([signing], cosigning, CosignatureNotAsked),
        ([signing, asking, striking], cosigning, NoteStruck),
        ([signing, asking, cosigning], lambda note: cosigning(note, OTHER), AlreadyCosigned),
        ([signing, asking], lambda note: cosigning(note, AUTHOR), Forbidden),
        ([striking], striking, NoteStruck),
    ],
)
def test_what_is_refused(steps: Any, step: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        step(after(*steps))


@pytest.mark.parametrize(
    ("steps", "step"),
    [
        ([signing], signing),
        ([signing, adding], adding),
        ([signing, asking], asking),
        ([signing, asking, cosigning], cosigning),
    ],
)
def test_the_same_again_changes_nothing(steps: Any, step: Any) -> None:
    assert step(after(*steps)) == []


def test_a_co_signature_says_what_it_stands_under() -> None:
    state = after(signing, adding, lambda note: adding(note, 2), asking, cosigning)
    assert state.cosigned is not None
    assert (state.cosigned.sha256, state.cosigned.addenda, state.cosignature) == ("hash 1", 2, "given")


def test_a_disclosure_is_put_on_record_once() -> None:
    wish = Disclosed(disclosure=UUID(int=1), sha256="h", by=AUTHOR, at=NOW)
    state = after(lambda note: disclose(note, wish))
    assert state.disclosures == (wish,)
    assert disclose(state, wish) == []
    with pytest.raises(DisclosureTaken):
        disclose(state, msgspec.structs.replace(wish, sha256="other"))
    with pytest.raises(NoteStruck):
        disclose(after(striking), wish)


class Life(RuleBasedStateMachine):
    """Steps in any order. The model is three flags and a count; what it says is possible must happen, nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.state = evolve(None, BEGUN)
        self.signed: int | None = None
        self.asked = self.cosigned = self.struck = False
        self.added: set[int] = set()

    def tries(self, step: Callable[[Note], Sequence[Change]], *, possible: bool) -> None:
        before = self.state
        try:
            for change in step(self.state):
                self.state = evolve(self.state, change)
        except (NoteSigned, NoteNotSigned, NoteStruck, CosignatureNotAsked, AlreadyCosigned, Forbidden):
            assert not possible
            assert self.state == before
        else:
            assert possible

    @rule(number=st.integers(1, 3))
    def sign(self, number: int) -> None:
        possible = not self.struck and self.signed in (None, number)
        self.tries(lambda note: signing(note, number), possible=possible)
        self.signed = number if possible else self.signed

    @rule(number=st.integers(1, 3))
    def add(self, number: int) -> None:
        possible = bool(self.signed) and not self.struck
        self.tries(lambda note: adding(note, number), possible=possible)
        self.added |= {number} if possible else set()

    @rule()
    def ask(self) -> None:
        possible = bool(self.signed) and not self.struck and not self.cosigned
        self.tries(asking, possible=possible)
        self.asked |= possible

    @rule(by=st.sampled_from([AUTHOR, SUPERVISOR]))
    def cosign(self, by: PersonId) -> None:
        possible = bool(self.signed) and not self.struck and self.asked and by == SUPERVISOR
        self.tries(lambda note: cosigning(note, by), possible=possible)
        self.cosigned |= possible

    @rule()
    def strike(self) -> None:
        self.tries(striking, possible=not self.struck)
        self.struck = True

    @invariant()
    def it_stands_where_the_model_says(self) -> None:
        stage = "entered-in-error" if self.struck else "signed" if self.signed else "draft"
        cosignature = "given" if self.cosigned else "asked" if self.asked else "none"
        assert (self.state.stage, self.state.cosignature) == (stage, cosignature)
        assert (self.state.signed.revision.int if self.state.signed else None) == self.signed
        assert {one.addendum.int for one in self.state.addenda} == self.added

    @invariant()
    def drafts_are_saved_while_it_is_one(self) -> None:
        try:
            writable(self.state)
        except (NoteSigned, NoteStruck):
            assert self.state.stage != "draft"
        else:
            assert self.state.stage == "draft"


TestLife = Life.TestCase
